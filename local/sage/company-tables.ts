import * as z from 'zod'
import { cents } from './amounts.ts'
import { dateOrders } from './calendar-date.ts'
import { isMask } from './code-formats.ts'

/*
 * The tables of one company data folder. The schemas are both the types and the check when a folder is opened.
 * Amounts are whole cents, units are hundredths.
 */

const Amount = z.int().transform(cents)
const Code = z.string()
const Mask = z.string().refine(isMask, 'a mask is sections of X or # with their separators').nullable()

/** The three kinds of entry the simulator knows. The third never counts toward an estimate. */
export const EntryKind = z.enum([
  'original_estimate',
  'approved_estimate_change',
  'approved_scheduled_value_change',
])
export type EntryKind = z.infer<typeof EntryKind>

export const nonStandardCategoryManners = ['nothing kept', 'earlier lines kept'] as const
export const existingJobManners = ['ignored', 'overwrites'] as const

/** Job Cost settings of a company. Each default is the setting with which the worked examples of 1.5 and 1.6 pass. */
export const CompanySettings = z.strictObject({
  sections: z
    .strictObject({ job: Mask.default(null), extra: Mask.default(null), costCode: Mask.default(null) })
    .prefault({}),
  categories: z.boolean().default(true),
  extras: z.boolean().default(true),
  dateOrder: z.enum(dateOrders).default('MDY'),
  commentCharacter: z
    .string()
    .regex(/^[!#$%&;*]$/)
    .default(';'),
  /** Where the import window's option begins. */
  allowNewCostCodes: z.boolean().default(false),
  /** What is left of an import that a non-standard category stops: unknown (I2), so both can be had. */
  onNonStandardCategory: z.enum(nonStandardCategoryManners).default('nothing kept'),
  /** What a `*` line with more than the number does to a job that is there: unknown, so both can be had. */
  jobLineOnExistingJob: z.enum(existingJobManners).default('ignored'),
  transactionTypes: z
    .strictObject({
      original_estimate: z.string().max(20).default('Original estimate'),
      approved_estimate_change: z.string().max(20).default('Approved est changes'),
      approved_scheduled_value_change: z.string().max(20).default('Aprvd schdl val chn'),
    })
    .prefault({}),
})
export type CompanySettings = z.infer<typeof CompanySettings>
export type CompanySettingsInput = z.input<typeof CompanySettings>

export const FaultSwitches = z.strictObject({
  noLicenceSeat: z.boolean().default(false),
  /** The next import dies after this many records; goes off once. */
  crashAfterRecords: z.int().min(0).nullable().default(null),
  /** How far read views and reports lag behind the tables. */
  replicaLagSeconds: z.int().min(0).default(0),
  /** Standard column name -> the name this company gave it; seen in custom names and in reports. */
  renamedFields: z.record(z.string(), z.string().min(1)).default({}),
})
export type FaultSwitches = z.infer<typeof FaultSwitches>

const StandardCostCode = z.strictObject({
  costCode: Code,
  description: z.string(),
  group: z.boolean(),
  closed: z.boolean(),
})
export type StandardCostCode = z.infer<typeof StandardCostCode>

export const accumulations = ['Labor', 'Material', 'Subcontract', 'Equipment', 'Overhead', 'Other'] as const
const StandardCategory = z.strictObject({
  category: Code,
  description: z.string(),
  accumulateAs: z.enum(accumulations),
})
export type StandardCategory = z.infer<typeof StandardCategory>

const Estimate = { original: Amount, approved: Amount }

const Job = z.strictObject({
  job: Code,
  description: z.string(),
  address: z.string(),
  city: z.string(),
  state: z.string(),
  zip: z.string(),
  closed: z.boolean(),
  originalEstimateFinalized: z.boolean(),
  /** Without extras; theirs are kept apart, as Sage's `EXTRAS_` columns are. */
  ...Estimate,
  extrasOriginal: Amount,
  extrasApproved: Amount,
})
export type Job = z.infer<typeof Job>

const Extra = z.strictObject({
  job: Code,
  extra: Code,
  description: z.string(),
  closed: z.boolean(),
  ...Estimate,
})
export type Extra = z.infer<typeof Extra>

const CostCode = z.strictObject({
  job: Code,
  extra: Code,
  costCode: Code,
  description: z.string(),
  group: z.boolean(),
  closed: z.boolean(),
  ...Estimate,
})
export type CostCode = z.infer<typeof CostCode>

const Key = { job: Code, extra: Code, costCode: Code, category: Code }

const Category = z.strictObject({
  ...Key,
  description: z.string(),
  accumulateAs: z.enum(accumulations).nullable(),
  ...Estimate,
  originalUnits: Amount,
  approvedUnits: Amount,
})
export type Category = z.infer<typeof Category>

const entryFields = {
  ...Key,
  kind: EntryKind,
  date: z.iso.date(),
  amount: Amount,
  units: Amount,
  /** Number of the owner change order, five characters; blank for everything an import makes. */
  changeOrder: z.string().max(5),
  operator: z.string().max(20),
}

/** A row of the new-transaction file: unposted, so no total has moved and no read view shows it. */
const NewEntry = z.strictObject({ entry: z.int().positive(), ...entryFields })
export type NewEntry = z.infer<typeof NewEntry>

/** A row of the current transaction file. */
const CurrentTransaction = z.strictObject({
  run: z.int().positive(),
  sequence: z.int().positive(),
  rowId: z.int().positive(),
  rowVersion: z.int().positive(),
  stampedAt: z.iso.datetime(),
  ...entryFields,
})
export type CurrentTransaction = z.infer<typeof CurrentTransaction>

const ImportedFile = z.strictObject({
  fileName: z.string(),
  sha256: z.string(),
  importedAt: z.iso.datetime(),
})
export type ImportedFile = z.infer<typeof ImportedFile>

/** A company data folder as it stands on disk. */
export const CompanyFile = z.strictObject({
  layout: z.literal(1),
  /** Grows with every command. */
  revision: z.int().min(0),
  settings: CompanySettings,
  faults: FaultSwitches,
  counters: z.strictObject({ entry: z.int(), run: z.int(), row: z.int(), import: z.int() }),
  standardCostCodes: z.array(StandardCostCode),
  standardCategories: z.array(StandardCategory),
  jobs: z.array(Job),
  extras: z.array(Extra),
  costCodes: z.array(CostCode),
  categories: z.array(Category),
  newTransactions: z.array(NewEntry),
  currentTransactions: z.array(CurrentTransaction),
  importedFiles: z.array(ImportedFile),
})
export type CompanyFile = z.infer<typeof CompanyFile>

export interface Key {
  readonly job: string
  readonly extra: string
  readonly costCode: string
  readonly category: string
}

/** The same folder in memory: masters by key, so that a line of an import finds its rows at once. */
export interface CompanyTables {
  revision: number
  settings: CompanySettings
  faults: FaultSwitches
  counters: CompanyFile['counters']
  standardCostCodes: Map<string, StandardCostCode>
  standardCategories: Map<string, StandardCategory>
  jobs: Map<string, Job>
  extras: Map<string, Extra>
  costCodes: Map<string, CostCode>
  categories: Map<string, Category>
  newTransactions: Map<number, NewEntry>
  currentTransactions: CurrentTransaction[]
  importedFiles: ImportedFile[]
}

/** Codes hold no control character, so a line feed keeps the parts of a key apart. */
export const keyOf = (...codes: readonly string[]): string => codes.join('\n')

const byKey = <Row>(rows: readonly Row[], codesOf: (row: Row) => readonly string[]): Map<string, Row> =>
  new Map(rows.map((row) => [keyOf(...codesOf(row)), row]))

export function emptyTables(settings: CompanySettings): CompanyTables {
  return {
    revision: 0,
    settings,
    faults: FaultSwitches.parse({}),
    counters: { entry: 0, run: 0, row: 0, import: 0 },
    standardCostCodes: new Map(),
    standardCategories: new Map(),
    jobs: new Map(),
    extras: new Map(),
    costCodes: new Map(),
    categories: new Map(),
    newTransactions: new Map(),
    currentTransactions: [],
    importedFiles: [],
  }
}

export function tablesOf(file: CompanyFile): CompanyTables {
  return {
    revision: file.revision,
    settings: file.settings,
    faults: file.faults,
    counters: file.counters,
    standardCostCodes: byKey(file.standardCostCodes, (row) => [row.costCode]),
    standardCategories: byKey(file.standardCategories, (row) => [row.category]),
    jobs: byKey(file.jobs, (row) => [row.job]),
    extras: byKey(file.extras, (row) => [row.job, row.extra]),
    costCodes: byKey(file.costCodes, (row) => [row.job, row.extra, row.costCode]),
    categories: byKey(file.categories, (row) => [row.job, row.extra, row.costCode, row.category]),
    newTransactions: new Map(file.newTransactions.map((row) => [row.entry, row])),
    currentTransactions: file.currentTransactions,
    importedFiles: file.importedFiles,
  }
}

export function fileOf(tables: CompanyTables): CompanyFile {
  return {
    ...tables,
    layout: 1,
    standardCostCodes: [...tables.standardCostCodes.values()],
    standardCategories: [...tables.standardCategories.values()],
    jobs: [...tables.jobs.values()],
    extras: [...tables.extras.values()],
    costCodes: [...tables.costCodes.values()],
    categories: [...tables.categories.values()],
    newTransactions: [...tables.newTransactions.values()],
  }
}

import * as z from 'zod'
import { asDecimal, readNumber } from '../amounts.ts'
import type { SageCompany } from '../company-folder.ts'
import {
  CompanySettings,
  type CompanyTables,
  type CurrentTransaction,
  EntryKind,
  type NewEntry,
} from '../company-tables.ts'
import type { EstimateImportReport, StoredReport } from '../estimate-import-report.ts'
import type { Posting } from '../post-entries.ts'
import { SetUp } from '../set-up.ts'

/*
 * The JSON side of the desk: amounts are decimal strings with a point, dates YYYY-MM-DD. Unknown fields are refused.
 */

const Amount = z.string().transform((text, context) => {
  const read = readNumber(text)
  if (read.ok) return read.hundredths
  context.addIssue({ code: 'custom', message: read.reason })
  return z.NEVER
})
const Day = z.iso.date()

export const NewCompany = z.strictObject({
  name: z.string(),
  settings: CompanySettings.optional(),
  lists: SetUp.optional(),
})

/** Merged over what is there before it is checked, so that only what is named changes. */
export const Patch = z.record(z.string(), z.unknown())

const importOptions = {
  asApprovedEstimateChange: z.boolean(),
  allowNewCostCodes: z.boolean().optional(),
  importAgain: z.boolean().optional(),
}
/** Either a file from the list, or a name and its bytes in base64. The tick box has no default. */
export const ImportBody = z.union([
  z.strictObject({ path: z.string(), ...importOptions }),
  z.strictObject({ fileName: z.string(), content: z.base64(), ...importOptions }),
])

export const EntryEditBody = z.strictObject({ kind: EntryKind, date: Day, amount: Amount }).partial()

const entryKey = {
  job: z.string(),
  extra: z.string().default(''),
  costCode: z.string(),
  category: z.string(),
}
export const HandEntryBody = z.strictObject({
  ...entryKey,
  kind: EntryKind,
  date: Day,
  amount: Amount,
  /** Posted at once, unless told not to. */
  post: z.boolean().default(true),
})

export const PostBody = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ ids: z.array(z.int().positive()) }),
])

export const OwnerChangeOrderBody = z.strictObject({
  job: z.string(),
  number: z.string().max(5),
  date: Day,
  lines: z.array(
    z.strictObject({ extra: entryKey.extra, costCode: z.string(), category: z.string(), amount: Amount }),
  ),
})

export const entryJson = (entry: NewEntry) => ({
  ...entry,
  amount: asDecimal(entry.amount),
  units: asDecimal(entry.units),
})

export const transactionJson = (row: CurrentTransaction) => ({
  ...row,
  amount: asDecimal(row.amount),
  units: asDecimal(row.units),
})

export const postingJson = ({ run, posted, total }: Posting) => ({
  run,
  posted: posted.map(transactionJson),
  total: asDecimal(total),
})

export const reportJson = (report: StoredReport) => ({
  ...report,
  acceptedLines: report.acceptedLines.map((line) => ({ ...line, amount: asDecimal(line.amount) })),
  acceptedTotal: asDecimal(report.acceptedTotal),
})

/** The report, and the reject file's bytes in base64 where there is one. */
export const importJson = ({ rejectFile, ...report }: EstimateImportReport) => ({
  ...reportJson(report),
  rejectFile: rejectFile && Buffer.from(rejectFile).toString('base64'),
})

export const totalsJson = ({ categories }: Readonly<CompanyTables>, job: string | null) =>
  [...categories.values()]
    .filter((row) => job === null || row.job === job)
    .map((row) => ({
      job: row.job,
      extra: row.extra,
      costCode: row.costCode,
      category: row.category,
      originalEstimate: asDecimal(row.original),
      approvedEstimateChanges: asDecimal(row.approved),
      totalEstimate: asDecimal(row.original + row.approved),
    }))

export const companySummary = (company: SageCompany) => {
  const tables = company.tables()
  return {
    name: company.name,
    jobs: tables.jobs.size,
    newEntries: tables.newTransactions.size,
    postedEntries: tables.currentTransactions.length,
    asOf: company.asOf().toISOString(),
  }
}

export const companyJson = (company: SageCompany) => {
  const tables = company.tables()
  return {
    ...companySummary(company),
    settings: tables.settings,
    faults: tables.faults,
    standardCostCodes: [...tables.standardCostCodes.values()],
    standardCategories: [...tables.standardCategories.values()],
    extras: [...tables.extras.values()].map(({ job, extra, description, closed }) => ({
      job,
      extra,
      description,
      closed,
    })),
    jobs: [...tables.jobs.values()].map(({ job, description, closed, originalEstimateFinalized }) => ({
      job,
      description,
      closed,
      originalEstimateFinalized,
    })),
  }
}

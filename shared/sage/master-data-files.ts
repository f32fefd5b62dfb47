import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { asUtf8 } from '../budget-files/encoding.ts'
import { type Cents, parseCents } from '../domain/cents.ts'
import type { MasterData, SageTotal } from '../domain/sage-company.ts'

// Sage's lists and totals as CSV, in the columns of the reports that an agent reads; people upload the same files.

/** What was read; `unreadable` says in sentences what was not, and why. */
export interface Reading<What> {
  /** Undefined where a column is missing, or no row of a report could be read. */
  readonly read: What | undefined
  readonly unreadable: readonly string[]
}

const Text = z.string().trim()
const Key = Text.min(1, 'is blank')
const YesNo = z
  .string()
  .transform((text) => ['true', 'yes', 'y', '1', '-1', 'closed'].includes(text.trim().toLowerCase()))
const Amount = z.string().transform((text, context): Cents => {
  const amount = parseCents(text.trim())
  if (amount !== undefined) return amount
  context.addIssue(`${text} is no amount with two decimals`)
  return z.NEVER
})

const Job = z.object({ Job: Key, Description: Text, Closed: YesNo, Original_Estimate_Finalized: YesNo })
const CostCode = z.object({ Cost_Code: Key, Description: Text, Group_Cost_Code: YesNo, Closed: YesNo })
const Category = z.object({ Category: Key, Description: Text, Accumulate_As: Text })
const Extra = z.object({ Job: Key, Extra: Key, Description: Text, Closed: YesNo })
const Total = z.object({
  Job: Key,
  Extra: Text,
  Cost_Code: Key,
  Category: Key,
  Original_Estimate: Amount,
  Approved_Estimate_Changes: Amount,
})

/** One row of Sage's totals, with the job that it belongs to. */
export interface TotalOfJob {
  readonly job: string
  readonly total: SageTotal
}

/** One kind of file: its name among an agent's reports, and how its bytes are read. */
export interface SageFile<Row> {
  readonly name: string
  readonly read: (bytes: Uint8Array) => Report<Row>
}

const file = <Cells, Row>(
  name: string,
  columns: z.ZodObject & z.ZodType<Cells>,
  rowOf: (cells: Cells) => Row,
): SageFile<Row> => ({
  name,
  read: (bytes) => {
    const report = readReport(name, bytes, columns)
    return { ...report, read: report.read?.map(rowOf) }
  },
})

export const jobsFile = file('jobs.csv', Job, (row): MasterData['jobs'][number] => ({
  job: row.Job,
  description: row.Description,
  closed: row.Closed,
  original_finalized: row.Original_Estimate_Finalized,
}))

export const costCodesFile = file(
  'standard-cost-codes.csv',
  CostCode,
  (row): MasterData['cost_codes'][number] => ({
    cost_code: row.Cost_Code,
    description: row.Description,
    group: row.Group_Cost_Code,
    closed: row.Closed,
  }),
)

export const categoriesFile = file(
  'standard-categories.csv',
  Category,
  (row): MasterData['categories'][number] => ({
    category: row.Category,
    description: row.Description,
    accumulate_as: row.Accumulate_As,
  }),
)

export const extrasFile = file('extras.csv', Extra, (row): MasterData['extras'][number] => ({
  job: row.Job,
  extra: row.Extra,
  description: row.Description,
  closed: row.Closed,
}))

export const totalsFile = file('category-totals.csv', Total, (row): TotalOfJob => ({
  job: row.Job,
  total: {
    extra: row.Extra,
    cost_code: row.Cost_Code,
    category: row.Category,
    original: row.Original_Estimate,
    changes: row.Approved_Estimate_Changes,
  },
}))

const Rows = z.array(z.array(z.string()))

/** What one file says, row by row. */
export interface Report<Row> extends Reading<readonly Row[]> {
  /** Jobs of rows that could not be read. */
  readonly spoiltJobs: ReadonlySet<string>
}

const none = (sentence: string): Report<never> => ({
  read: undefined,
  unreadable: [sentence],
  spoiltJobs: new Set(),
})

const mostColumns = 100 // each row is read by all of them

/** Reads one report row by row: a row that cannot be read spoils no other. */
function readReport<Row>(name: string, bytes: Uint8Array, schema: z.ZodObject & z.ZodType<Row>): Report<Row> {
  const text = asUtf8(bytes)
  if (!(text instanceof Uint8Array)) return none(`${name}: ${text.sentence}`)
  const options = { bom: true, skip_empty_lines: true, relax_column_count: true, relax_quotes: true }
  let rows: string[][]
  try {
    rows = Rows.parse(parse(Buffer.from(text), options))
  } catch (error) {
    return none(`${name} is no CSV file: ${error instanceof Error ? error.message : String(error)}`)
  }
  const [header = [], ...body] = rows
  if (header.length > mostColumns)
    return none(
      `${name} has ${String(header.length)} columns; a report of Sage has a few. Print it with those that are named.`,
    )
  const columns = header.map((column) => column.trim())
  const missing = Object.keys(schema.shape).filter((column) => !columns.includes(column))
  if (missing.length > 0)
    return none(
      `${name} has no column ${missing.join(', ')}; its columns are ${columns.join(', ')}. Were fields renamed in Sage?`,
    )
  const read: Row[] = []
  const unreadable: string[] = []
  const spoiltJobs = new Set<string>()
  for (const [index, fields] of body.entries()) {
    const said = Object.fromEntries(columns.map((column, i) => [column, fields[i]]))
    const row = schema.safeParse(said)
    const complete = fields.length === columns.length
    if (!complete && columns.indexOf('Job') > 0)
      return none(
        `${name} has a row of ${String(fields.length)} fields where the header has ${String(columns.length)}, so its job is not known. Print the column Job first.`,
      )
    if (row.success && complete) read.push(row.data)
    else {
      spoiltJobs.add(said['Job']?.trim() ?? '')
      const why = row.success
        ? `${String(fields.length)} fields where the header has ${String(columns.length)}`
        : row.error.issues.map(({ path, message }) => `${path.join()}: ${message}`).join('; ')
      unreadable.push(`${name}, row ${String(index + 2)}: ${why}`)
    }
  }
  if (read.length === 0 && body.length > 0)
    return none(`${name} has no row that can be read. ${unreadable[0] ?? ''}`)
  return { read, unreadable: shortened(unreadable), spoiltJobs }
}

const shown = 5

const shortened = (sentences: readonly string[]): string[] =>
  sentences.length <= shown
    ? [...sentences]
    : [...sentences.slice(0, shown), `and ${String(sentences.length - shown)} rows more like these`]

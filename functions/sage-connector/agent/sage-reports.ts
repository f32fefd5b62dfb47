import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { type Cents, parseCents } from '../../../shared/domain/cents.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import type { JobTotals, MasterData } from '../../../shared/domain/sage-company.ts'

/** What was read; `unreadable` says in sentences what was not, and why. */
export interface Reading<What> {
  /** Undefined where a column is missing, or no row of a report could be read. */
  readonly read: What | undefined
  readonly unreadable: readonly string[]
}

/** What an agent can read of Sage; CSV reports now, ODBC or a SQL copy behind the same port later. */
export interface SageReader {
  /** When the figures were read from Sage; undefined while there are none. */
  asOf(): Instant | undefined
  /** Without the rows that could not be read. */
  masterData(): Reading<MasterData>
  /** One per job that has any category; none for a job of which a row could not be read: it would show too little. */
  totals(): Reading<readonly JobTotals[]>
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

const Rows = z.array(z.array(z.string()))

interface Report<Row> extends Reading<readonly Row[]> {
  /** Jobs of rows that could not be read. */
  readonly spoiltJobs: ReadonlySet<string>
}

const none = (sentence: string): Report<never> => ({
  read: undefined,
  unreadable: [sentence],
  spoiltJobs: new Set(),
})

/** Reads one report row by row: a row that cannot be read spoils no other. */
function readReport<Row>(folder: string, name: string, schema: z.ZodObject & z.ZodType<Row>): Report<Row> {
  const options = { bom: true, skip_empty_lines: true, relax_column_count: true, relax_quotes: true }
  let rows: string[][]
  try {
    rows = Rows.parse(parse(readFileSync(join(folder, name)), options))
  } catch (error) {
    // A report that is missing or held open is tried again; one that is no CSV file stays so.
    if (!(error instanceof Error) || 'syscall' in error) throw error
    return none(`${name} is no CSV file: ${error.message}`)
  }
  const [header = [], ...body] = rows
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
    if (row.success && fields.length === columns.length) read.push(row.data)
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

/** Reads the reports that somebody, or a scheduled task, prints into a folder; `as-of.txt` is written last. */
export function csvReports(folder: string): SageReader {
  const asOf = (): Instant | undefined => {
    const path = join(folder, 'as-of.txt')
    return existsSync(path) ? Instant.parse(readFileSync(path, 'utf8').trim()) : undefined
  }
  const printed = (): Instant => {
    const at = asOf()
    if (at === undefined) throw new Error(`${folder} holds no as-of.txt: no report was printed yet`)
    return at
  }
  return {
    asOf,
    masterData() {
      const as_of = printed()
      const jobs = readReport(folder, 'jobs.csv', Job)
      const codes = readReport(folder, 'standard-cost-codes.csv', CostCode)
      const categories = readReport(folder, 'standard-categories.csv', Category)
      const extras = readReport(folder, 'extras.csv', Extra)
      const unreadable = [jobs, codes, categories, extras].flatMap((report) => report.unreadable)
      if (!jobs.read || !codes.read || !categories.read || !extras.read)
        return { read: undefined, unreadable }
      const read: MasterData = {
        as_of,
        jobs: jobs.read.map((row) => ({
          job: row.Job,
          description: row.Description,
          closed: row.Closed,
          original_finalized: row.Original_Estimate_Finalized,
        })),
        cost_codes: codes.read.map((row) => ({
          cost_code: row.Cost_Code,
          description: row.Description,
          group: row.Group_Cost_Code,
          closed: row.Closed,
        })),
        categories: categories.read.map((row) => ({
          category: row.Category,
          description: row.Description,
          accumulate_as: row.Accumulate_As,
        })),
        extras: extras.read.map((row) => ({
          job: row.Job,
          extra: row.Extra,
          description: row.Description,
          closed: row.Closed,
        })),
      }
      return { read, unreadable }
    },
    totals() {
      const as_of = printed()
      const { read: listed = [] } = readReport(folder, 'jobs.csv', Job)
      const { read: rows, unreadable, spoiltJobs } = readReport(folder, 'category-totals.csv', Total)
      if (!rows) return { read: undefined, unreadable }
      const jobs = new Map<string, JobTotals>(
        listed.map((row) => [row.Job, { job: row.Job, as_of, totals: [] }]),
      )
      for (const row of rows) {
        const job = jobs.get(row.Job) ?? { job: row.Job, as_of, totals: [] }
        job.totals.push({
          extra: row.Extra,
          cost_code: row.Cost_Code,
          category: row.Category,
          original: row.Original_Estimate,
          changes: row.Approved_Estimate_Changes,
        })
        jobs.set(row.Job, job)
      }
      return { read: [...jobs.values()].filter(({ job }) => !spoiltJobs.has(job)), unreadable }
    },
  }
}

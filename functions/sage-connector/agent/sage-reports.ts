import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { type Cents, parseCents } from '../../../shared/domain/cents.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import type { JobTotals, MasterData } from '../../../shared/domain/sage-company.ts'

/** What an agent can read of Sage; CSV reports now, ODBC or a SQL copy behind the same port later. */
export interface SageReader {
  /** When the figures were read from Sage; undefined while there are none. */
  asOf(): Instant | undefined
  masterData(): MasterData
  /** One per job that has any category. */
  totals(): readonly JobTotals[]
}

const Text = z.string().transform((text) => text.trim())
const YesNo = z
  .string()
  .transform((text) => ['true', 'yes', 'y', '1', '-1'].includes(text.trim().toLowerCase()))
const Amount = z.string().transform((text, context): Cents => {
  const amount = parseCents(text.trim())
  if (amount !== undefined) return amount
  context.addIssue(`${text} is no amount with two decimals`)
  return z.NEVER
})

const Job = z.object({ Job: Text, Description: Text, Closed: YesNo, Original_Estimate_Finalized: YesNo })
const CostCode = z.object({ Cost_Code: Text, Description: Text, Group_Cost_Code: YesNo, Closed: YesNo })
const Category = z.object({ Category: Text, Description: Text, Accumulate_As: Text })
const Extra = z.object({ Job: Text, Extra: Text, Description: Text, Closed: YesNo })
const Total = z.object({
  Job: Text,
  Extra: Text,
  Cost_Code: Text,
  Category: Text,
  Original_Estimate: Amount,
  Approved_Estimate_Changes: Amount,
})

/** Reads the reports that somebody, or a scheduled task, prints into a folder; `as-of.txt` is written last. */
export function csvReports(folder: string): SageReader {
  const read = <Row>(name: string, row: z.ZodType<Row>): Row[] =>
    z
      .array(row)
      .parse(parse(readFileSync(join(folder, name)), { columns: true, bom: true, skip_empty_lines: true }))
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
    masterData: () => ({
      as_of: printed(),
      jobs: read('jobs.csv', Job).map((row) => ({
        job: row.Job,
        description: row.Description,
        closed: row.Closed,
        original_finalized: row.Original_Estimate_Finalized,
      })),
      cost_codes: read('standard-cost-codes.csv', CostCode).map((row) => ({
        cost_code: row.Cost_Code,
        description: row.Description,
        group: row.Group_Cost_Code,
        closed: row.Closed,
      })),
      categories: read('standard-categories.csv', Category).map((row) => ({
        category: row.Category,
        description: row.Description,
        accumulate_as: row.Accumulate_As,
      })),
      extras: read('extras.csv', Extra).map((row) => ({
        job: row.Job,
        extra: row.Extra,
        description: row.Description,
        closed: row.Closed,
      })),
    }),
    totals() {
      const as_of = printed()
      const jobs = new Map<string, JobTotals>(
        read('jobs.csv', Job).map((row) => [row.Job, { job: row.Job, as_of, totals: [] }]),
      )
      for (const row of read('category-totals.csv', Total)) {
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
      return [...jobs.values()]
    },
  }
}

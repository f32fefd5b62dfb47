import * as z from 'zod'
import { type CodeKind, readCode } from './code-formats.ts'
import { type CompanyTables, accumulations, keyOf } from './company-tables.ts'
import { addExtra, addJob } from './job-key.ts'
import { SageRefusal } from './refusals.ts'

const Text = z.string().max(30)
const Flag = z.boolean()

/** Everything but the codes may be left out; what is left out keeps its value, or begins blank, open, not a group. */
export const SetUp = z.strictObject({
  standardCostCodes: z
    .array(
      z.strictObject({
        costCode: z.string(),
        description: Text.optional(),
        group: Flag.optional(),
        closed: Flag.optional(),
      }),
    )
    .default([]),
  standardCategories: z
    .array(
      z.strictObject({
        category: z.string(),
        description: Text.optional(),
        accumulateAs: z.enum(accumulations).optional(),
      }),
    )
    .default([]),
  jobs: z
    .array(
      z.strictObject({
        job: z.string(),
        description: Text.optional(),
        closed: Flag.optional(),
        originalEstimateFinalized: Flag.optional(),
        extras: z
          .array(z.strictObject({ extra: z.string(), description: Text.optional(), closed: Flag.optional() }))
          .default([]),
        /** Cost codes already on the job: only to close or open them. */
        costCodes: z
          .array(z.strictObject({ extra: z.string().default(''), costCode: z.string(), closed: Flag }))
          .default([]),
      }),
    )
    .default([]),
})
export type SetUp = z.infer<typeof SetUp>
export type SetUpInput = z.input<typeof SetUp>

/**
 * Adds to the standard lists and to the jobs, or alters what is there under the same code.
 * @throws {SageRefusal} SET_UP: a code breaks its limit or mask, or a cost code is not on the job
 */
export function setUp(tables: CompanyTables, input: SetUpInput): void {
  const { standardCostCodes, standardCategories, jobs } = SetUp.parse(input)
  for (const row of standardCostCodes) setUpStandardCostCode(tables, row)
  for (const row of standardCategories) setUpStandardCategory(tables, row)
  for (const row of jobs) setUpJob(tables, row)
}

function setUpStandardCostCode(tables: CompanyTables, row: SetUp['standardCostCodes'][number]): void {
  const costCode = code('costCode', row.costCode, tables.settings.sections.costCode)
  const before = tables.standardCostCodes.get(keyOf(costCode))
  tables.standardCostCodes.set(keyOf(costCode), {
    costCode,
    description: row.description ?? before?.description ?? '',
    group: row.group ?? before?.group ?? false,
    closed: row.closed ?? before?.closed ?? false,
  })
}

function setUpStandardCategory(tables: CompanyTables, row: SetUp['standardCategories'][number]): void {
  const category = code('category', row.category, null)
  const before = tables.standardCategories.get(keyOf(category))
  tables.standardCategories.set(keyOf(category), {
    category,
    description: row.description ?? before?.description ?? '',
    accumulateAs: row.accumulateAs ?? before?.accumulateAs ?? 'Other',
  })
}

function setUpJob(tables: CompanyTables, row: SetUp['jobs'][number]): void {
  const number = code('job', row.job, tables.settings.sections.job)
  const job = tables.jobs.get(keyOf(number)) ?? addJob(tables, number, {})
  job.description = row.description ?? job.description
  job.closed = row.closed ?? job.closed
  job.originalEstimateFinalized = row.originalEstimateFinalized ?? job.originalEstimateFinalized
  for (const extra of row.extras) setUpExtra(tables, number, extra)
  for (const costCode of row.costCodes) closeCostCode(tables, number, costCode)
}

function setUpExtra(tables: CompanyTables, job: string, row: SetUp['jobs'][number]['extras'][number]): void {
  const id = code('extra', row.extra, tables.settings.sections.extra)
  const extra = tables.extras.get(keyOf(job, id)) ?? addExtra(tables, job, id)
  extra.description = row.description ?? extra.description
  extra.closed = row.closed ?? extra.closed
}

function closeCostCode(
  tables: CompanyTables,
  job: string,
  row: SetUp['jobs'][number]['costCodes'][number],
): void {
  const known = tables.costCodes.get(keyOf(job, row.extra.trim(), row.costCode.trim()))
  if (!known) throw new SageRefusal('SET_UP', `Cost Code "${row.costCode}" is not on job "${job}"`)
  known.closed = row.closed
}

function code(kind: CodeKind, text: string, mask: string | null): string {
  const read = readCode(kind, text, mask)
  if (!read.ok) throw new SageRefusal('SET_UP', read.reason)
  return read.code
}

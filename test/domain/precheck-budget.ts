import { budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { LedgerRow } from '../../shared/domain/export.ts'
import { Day, Instant, SageCompanyId } from '../../shared/domain/ids.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { type PrecheckInput } from '../../shared/domain/precheck.ts'
import { type MasterData, type SageCompany, sageLimits } from '../../shared/domain/sage-company.ts'
import { line } from './budget-draws.ts'

export const now = Instant.parse('2026-11-22T19:00:00.000Z')

export const sage: SageCompany = {
  id: SageCompanyId.parse('riverside'),
  name: 'Riverside Builders',
  folder: 'Riverside Builders',
  connector: 'file_drop',
  posters: [],
  time_zone: 'America/Los_Angeles',
  job_mask: '##-####',
  cost_code_mask: '##-####',
  date_order: 'MMDDYYYY',
  comment_character: ';',
  jobs_may_be_created: false,
  extras_may_be_created: false,
  cost_codes_may_be_created: false,
  entry_date_window: { before: 30, after: 10 },
  limits: sageLimits,
}

const { job_mask: _job, cost_code_mask: _costCode, ...rest } = sage
/** A company that checks no masks. */
export const unmasked: SageCompany = rest

export const master: MasterData = {
  as_of: Instant.parse('2026-11-20T06:00:00.000Z'),
  jobs: [{ job: '24-1007', description: 'Riverside Clinic', closed: false, original_finalized: false }],
  cost_codes: [
    { cost_code: '03-3000', description: 'Cast-in-place concrete', group: false, closed: false },
    { cost_code: '31-2000', description: 'Earthwork', group: false, closed: false },
  ],
  categories: ['L', 'M', 'S'].map((category) => ({ category, description: '', accumulate_as: 'Other' })),
  extras: [{ job: '24-1007', extra: '001', description: 'Site package', closed: false }],
}

export const labor = budgetCode('', '03-3000', 'L')
export const earthwork = budgetCode('001', '31-2000', 'S')

export const lines: readonly LineItem[] = [
  line(labor, cents(185_000_00), cents(5_000_00)),
  line(earthwork, cents(500_000_00)),
]

/** What Sage holds after the lines above were exported and taken. */
export const settled: readonly LedgerRow[] = [
  { code: labor, original: cents(185_000_00), changes: cents(5_000_00) },
  { code: earthwork, original: cents(500_000_00), changes: cents(0) },
]

/** A first export that nothing speaks against. `but` replaces what a test is about; the parts follow the lines. */
export function budget(but: Partial<PrecheckInput> = {}): PrecheckInput {
  const input = {
    head: {},
    project: {
      name: 'Riverside Clinic',
      job: { sage_company: sage.id, number: '24-1007' },
    },
    lines,
    position: [],
    sage,
    master,
    jobTotals: { job: '24-1007', as_of: now, totals: [] },
    now,
    entryDate: Day.parse('2026-11-22'),
    ...but,
  }
  return { parts: entriesToExport(input.lines, input.position), ...input }
}

export const withCostCode = (but: Partial<MasterData['cost_codes'][number]>): MasterData => ({
  ...master,
  cost_codes: master.cost_codes.map((row) => (row.cost_code === '03-3000' ? { ...row, ...but } : row)),
})

export const withJob = (but: Partial<MasterData['jobs'][number]>): MasterData => ({
  ...master,
  jobs: master.jobs.map((row) => ({ ...row, ...but })),
})

import type { Approval } from '../shared/domain/approval.ts'
import type { BudgetChange } from '../shared/domain/budget-change.ts'
import { type BudgetCode, budgetCode, type CodeKey } from '../shared/domain/budget-code.ts'
import type { BudgetHead } from '../shared/domain/budget-head.ts'
import { cents, noCents } from '../shared/domain/cents.ts'
import type { ExportPart } from '../shared/domain/export.ts'
import { CompanyId, Instant, PersonId, ProjectId, SageCompanyId, Sha256 } from '../shared/domain/ids.ts'
import { type LineItem, lineKey } from '../shared/domain/line-item.ts'
import type { Person } from '../shared/domain/person.ts'
import { isRefusal, type Refusal } from '../shared/domain/refusal.ts'
import { type SageCompany, sageLimits } from '../shared/domain/sage-company.ts'

// What tests of the rules begin with; `but` is what a test is about.

export const day = (text: string): Instant => Instant.parse(`${text}T12:00:00.000Z`)
export const noon = day('2026-03-16')
export const id = (name: string): PersonId => PersonId.parse(name)
export const hash = (digit: string): Sha256 => Sha256.parse(digit.repeat(64))

export const givenHead = (but: Partial<BudgetHead> = {}): BudgetHead => ({
  company: CompanyId.parse('tacoma'),
  project: ProjectId.parse('clinic'),
  revision: 4,
  sequence: 9,
  history_hash: '0'.repeat(64),
  edit: 'unlocked',
  erp: 'not_sent',
  erp_since: noon,
  manifest: hash('a'),
  lines: 2,
  original: cents(32_500_000),
  changes: noCents,
  last_change: 0,
  cycle: 0,
  run: 0,
  signal: 0,
  version: 0,
  send: 0,
  sent_version: 0,
  settled_version: 0,
  export: 0,
  ...but,
})

export const concrete = budgetCode('', '03-3000', 'S')
export const earthwork = budgetCode('001', '31-2000', 'S')
export const painting = budgetCode('', '09-9000', 'S')

export const givenLine = (code: BudgetCode = concrete, but: Partial<LineItem> = {}): LineItem => ({
  code,
  description: 'Cast-in-place concrete',
  calculation_strategy: 'manual',
  quantity: null,
  uom: '',
  unit_cost: null,
  original: cents(32_500_000),
  changes: noCents,
  ...but,
})

export const byKey = (...lines: readonly LineItem[]): ReadonlyMap<CodeKey, LineItem> =>
  new Map(lines.map((line) => [lineKey(line), line]))

export const givenPerson = (name: string, but: Partial<Person> = {}): Person => ({
  id: id(name),
  name,
  email: `${name}@example.com`,
  subjects: [],
  roles: ['accounting_approver'],
  active: true,
  ...but,
})

export const givenChange = (but: Partial<BudgetChange> = {}): BudgetChange => ({
  number: 1,
  title: 'Deeper foundation',
  description: '',
  status: 'draft',
  lines: [
    { code: concrete, amount: cents(1_500_000), comment: '' },
    { code: earthwork, amount: cents(-1_500_000), comment: '' },
  ],
  from_sage: false,
  created_by: id('pam'),
  created_at: noon,
  updated_by: id('pam'),
  updated_at: noon,
  ...but,
})

export const givenApproval = (but: Partial<Approval> = {}): Approval => ({
  version: 3,
  send: 2,
  step: 1,
  steps: [{ name: 'Accounting', approvers: [], accepts: 1 }],
  separation_of_duties: true,
  amount: cents(32_500_000),
  approvers: [id('ann')],
  sender: id('pam'),
  editors: [id('ed')],
  opened_at: day('2026-03-15'),
  until: day('2026-04-14'),
  version_hash: hash('b'),
  export_hash: hash('c'),
  parts: [
    { part: 1, mode: 'original_estimate', entries: 2, total: cents(32_500_000), sha256: hash('d') },
    { part: 2, mode: 'approved_estimate_change', entries: 1, total: cents(1_500_000), sha256: hash('e') },
  ],
  first_export: true,
  ticks: ['import_from_sage_closes'],
  sheet: hash('f'),
  decisions: [],
  ...but,
})

export const givenPart = (but: Partial<ExportPart> = {}): ExportPart => ({
  export: 1,
  part: 1,
  kind: 'original',
  mode: 'original_estimate',
  entries: 1,
  total: cents(1),
  entries_sha256: hash('e'),
  file_name: 'x.jce',
  file_key: 'files/x',
  file_sha256: hash('f'),
  outcome: 'open',
  exceptions: [],
  ...but,
})

export const givenSage = (name: string, but: Partial<SageCompany> = {}): SageCompany => ({
  id: SageCompanyId.parse(name),
  name: 'Acme Builders',
  folder: `ACME ${name}`,
  connector: 'file_drop',
  posters: [],
  time_zone: 'America/Chicago',
  date_order: 'MMDDYYYY',
  comment_character: ';',
  jobs_may_be_created: false,
  extras_may_be_created: true,
  cost_codes_may_be_created: false,
  entry_date_window: { before: 30, after: 5 },
  limits: sageLimits,
  ...but,
})

export const codeOf = (answer: Refusal | undefined): string | undefined => answer?.code

/** The answer, or a failed test that shows the refusal. */
export function granted<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.code} ${answer.sentence}`)
  return answer
}

/** The refusal, or a failed test. */
export function refused(answer: unknown): Refusal {
  if (!isRefusal(answer)) throw new Error(`not refused: ${JSON.stringify(answer)}`)
  return answer
}

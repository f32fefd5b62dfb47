import type { Command } from '../../../shared/domain/command.ts'
import { Role } from '../../../shared/domain/person.ts'
import { stateRows } from '../../domain/state-table.ts'
import { ann, eastFolder, masterData } from './acme.ts'
import type { Here } from './budget-in-states.ts'
import type { Call } from './api-event.ts'

// The authorisation matrix written by hand from domain.md, sections 3 and 9: by route, the roles that may, and what the
// state of the budget allows. What a state does to a command stands in the table of states.

const everybody = Role.options.filter((role) => role !== 'connector')
const estimators: readonly Role[] = ['estimator', 'project_manager', 'budget_admin']
const managers: readonly Role[] = ['project_manager', 'budget_admin']
const admins: readonly Role[] = ['budget_admin']
const accounting: readonly Role[] = [
  'accounting_approver',
  'accounting_poster',
  'company_admin',
  'operator',
  'auditor',
]
const approvers: readonly Role[] = ['accounting_approver']
const askers: readonly Role[] = ['accounting_approver', 'company_admin']
const posters: readonly Role[] = ['accounting_poster']
const connectors: readonly Role[] = ['connector']
const setUp: readonly Role[] = ['company_admin', 'operator', 'auditor']
const historians: readonly Role[] = [
  'budget_admin',
  'accounting_approver',
  'company_admin',
  'operator',
  'auditor',
]
const companyAdmins: readonly Role[] = ['company_admin']

/** A code by the words of a state that answer with it: `settled`, `locked sent`; the first that fits. */
type ByState = readonly (readonly [code: string, ...states: readonly string[]])[]

export interface Row {
  readonly route: string
  /** Of the path, where it is not the first. */
  readonly number?: string
  /** What is asked for, where a route is asked for several things. */
  readonly asking?: string
  readonly may: readonly Role[]
  /** Who may in a locked budget, where that is somebody else. */
  readonly mayLocked?: readonly Role[]
  /** The command that the state allows or refuses; without one, no state refuses. */
  readonly command?: Command | { readonly locked: Command; readonly unlocked: Command }
  /** What is answered before the table of states is asked, or where it allows the command. */
  readonly before?: ByState
  readonly after?: ByState
  /** The answer about a project that is not there, where it is not NOT_FOUND. */
  readonly nowhere?: string
  readonly call?: (here: Here) => Pick<Call, 'body' | 'query' | 'text' | 'headers'>
}

/** States with an export, by where that stands. */
const underWay = ['exporting', 'export_failed', 'exported', 'partly_posted', 'mismatch']
const settled = ['synced', 'update_pending']
const exporting: ByState = [
  ['OTHER_EXPORT', ...settled],
  ['NOT_FOUND', 'not_sent', 'sent', 'retrieved', 'rejected', 'expired', 'accepted'],
]
const noExport: ByState = [['NOT_FOUND', 'not_sent', 'sent', 'retrieved', 'rejected', 'expired', 'accepted']]

const noCycle: ByState[number] = ['NO_CYCLE_OPEN', 'unlocked', 'locked synced']

const rejecting: ByState = [
  ['done', 'rejected'],
  ['APPROVAL_ENDED', 'retrieved', 'accepted', ...underWay, ...settled],
]

const reads = (may: readonly Role[], ...routes: readonly string[]): Row[] =>
  routes.map((route) => ({ route: `GET ${route}`, may }))

const asking = (query: Record<string, string>) => () => ({ query })
const sending = (body: unknown) => () => ({ body })

const sageFile =
  (text: string) =>
  ({ at }: Here) => ({ text, query: { as_of: at }, headers: { 'content-type': 'text/csv' } })

const project = '/projects/{project}'
const budget = `${project}/budget`
const change = `${project}/budget_changes/{number}`
const version = `${budget}/versions/{version}`
const exported = '/exports/{export}'

const commands = (
  may: readonly Role[],
  ...names: readonly ('lock' | 'unlock' | 'send' | 'retrieve')[]
): Row[] => names.map((command) => ({ route: `POST ${budget}/${command}`, may, command }))

const concrete = { cost_code: '03-3000', cost_type: 'S' }
const reason = 'Concrete is too low.'
const noHash = '0'.repeat(64)

const budgets: readonly Row[] = [
  ...reads(
    everybody,
    project,
    budget,
    `${budget}/line_items`,
    `${budget}/precheck`,
    `${budget}/export.csv`,
    `${budget}/export.xlsx`,
    `${budget}/template.csv`,
    `${budget}/template.xlsx`,
    `${project}/budget_changes`,
    change,
    `${budget}/versions`,
    version,
    `${version}/lines`,
    `${version}/verify`,
    `${version}/against_sage`,
    `${version}/against_sage.csv`,
  ),
  { route: `GET ${budget}/subtotals`, may: everybody, call: asking({ by: 'division' }) },
  { route: `GET ${version}/against_sage/subtotals`, may: everybody, call: asking({ by: 'division' }) },
  { route: `GET ${version}/diff`, may: everybody, call: asking({ from: '1' }) },
  { route: `GET ${version}/diff.csv`, may: everybody, call: asking({ from: '1' }) },
  { route: `GET ${version}/diff/subtotals`, may: everybody, call: asking({ from: '1', by: 'division' }) },
  ...reads(accounting, `${project}/sage_report`, `${project}/sage_report.csv`),
  ...reads(
    historians,
    `${project}/mails`,
    `${budget}/history`,
    `${budget}/history.csv`,
    `${budget}/history.jsonl`,
    `${budget}/history/verify`,
    `${budget}/history/{sequence}/changes`,
  ),
  {
    route: `PUT ${project}`,
    may: admins,
    // With an If-Match nothing is created.
    nowhere: 'CHANGED_MEANWHILE',
    call: ({ job }) => ({ body: { name: 'Bridge', job: { sage_company: 'east', number: job } } }),
  },
  {
    route: `PATCH ${budget}/line_items`,
    may: estimators,
    mayLocked: managers,
    command: 'edit_lines',
    call: sending({ upserts: [{ ...concrete, original_budget_amount: '330000.00' }] }),
  },
  {
    route: `PATCH ${budget}/line_items`,
    asking: 'a line without an amount',
    may: estimators,
    mayLocked: managers,
    command: { locked: 'add_zero_line', unlocked: 'edit_lines' },
    call: sending({ upserts: [{ cost_code: '01-1000', cost_type: 'L', original_budget_amount: '0.00' }] }),
  },
  {
    route: `POST ${budget}/import`,
    may: estimators,
    command: 'import_file',
    call: () => ({
      text: 'Cost Code,Cost Type,Original Budget Amount\n03-3000,S,330000.00\n',
      headers: { 'content-type': 'text/csv' },
    }),
  },
  {
    route: `POST ${budget}/import_from_sage`,
    may: managers,
    command: 'import_from_sage',
    after: [
      ['TOTALS_NOT_READ', 'not_sent'],
      ['NO_ESTIMATE_IN_SAGE', 'unlocked'],
    ],
  },
  ...commands(managers, 'lock', 'send', 'retrieve'),
  ...commands(admins, 'unlock'),
  {
    route: `POST ${budget}/unlock`,
    asking: 'deleting the budget changes',
    may: admins,
    command: 'unlock_deleting_changes',
    call: sending({ budget_changes: 'delete', confirm: 'delete all budget changes' }),
  },
  {
    route: `POST ${budget}/reassign`,
    may: askers,
    command: 'reassign',
    call: sending({ from: 'ann', to: 'bea' }),
  },
  { route: `POST ${budget}/resend`, may: askers, command: 'resend_mail', call: sending({ to: 'ann' }) },
  {
    route: `POST ${budget}/versions`,
    may: estimators,
    command: 'save_version',
    call: sending({ name: 'As told' }),
  },
  { route: `POST ${version}/restore`, may: estimators, command: 'restore_version' },
  {
    route: `POST ${project}/budget_changes`,
    may: managers,
    command: 'make_change',
    call: sending({ title: 'Less', adjustment_line_items: [{ ...concrete, amount: '0.00' }] }),
  },
  { route: `PATCH ${change}`, may: managers, command: 'edit_change', call: sending({ title: 'More' }) },
  { route: `POST ${change}/approve`, may: managers, command: 'approve_change' },
  { route: `POST ${change}/void`, may: managers, command: 'void_change' },
  {
    route: `POST ${change}/reopen`,
    number: '2',
    may: managers,
    command: 'reopen_change',
    // It was reopened before the first export: once settled nothing is approved that Sage does not hold.
    after: [['CHANGE_STATUS', ...settled]],
  },
  {
    route: 'POST /erp/budgets/{project}/decision',
    asking: 'accept',
    may: approvers,
    command: 'accept',
    // One's own decision again is answered as it stands.
    before: [
      ['APPROVAL_ENDED', 'retrieved', 'rejected'],
      ['done', 'accepted', ...underWay, ...settled],
    ],
    call: ({ shown }) => ({
      body: {
        choice: 'accept',
        ...(shown ?? { shown: { version_hash: noHash, export_hash: noHash, parts: [] } }),
      },
    }),
  },
  {
    route: 'POST /erp/budgets/{project}/decision',
    asking: 'reject',
    may: approvers,
    command: 'reject',
    before: rejecting,
    call: sending({ choice: 'reject', reason }),
  },
  {
    route: 'POST /erp/budgets/decisions',
    may: approvers,
    command: 'reject',
    before: rejecting,
    call: (here) => ({ body: { decisions: [{ project: here.project, choice: 'reject', reason }] } }),
  },
]

const exports: readonly Row[] = [
  { route: 'GET /exports', may: everybody, call: (here) => ({ query: { project: here.project } }) },
  ...reads([...everybody, 'connector'], exported).map((row) => ({ ...row, before: noExport })),
  ...reads(everybody, `${exported}/reconciliation`).map((row) => ({ ...row, before: noExport })),
  {
    route: `GET ${exported}/parts/{part}/file`,
    may: ['accounting_poster', 'connector'],
    before: [...noExport, ['NOT_EXPORTING', 'exporting', 'export_failed', ...settled]],
  },
  { route: 'GET /ops/budgets/{project}', may: ['operator'] },
  {
    route: 'POST /ops/budgets/{project}/tell_again',
    may: ['operator'],
    before: [['NOTHING_TO_TELL', 'asked'], noCycle, ['NOTHING_TO_TELL', 'locked']],
    call: sending({ reason }),
  },
  {
    route: 'POST /ops/budgets/{project}/restart',
    may: ['operator'],
    before: [['done', 'asked'], noCycle],
    call: sending({ reason }),
  },
  {
    route: `POST ${exported}/lost`,
    may: ['operator'],
    command: 'declare_lost',
    before: exporting,
    call: sending({ reason }),
  },
  {
    route: `POST ${exported}/retry`,
    may: ['accounting_approver', 'operator'],
    command: 'retry',
    before: exporting,
  },
  {
    route: `POST ${exported}/return`,
    may: approvers,
    command: 'return',
    before: exporting,
    call: sending({ reason }),
  },
  {
    route: `POST /ops${exported}/return`,
    may: ['operator'],
    command: 'return',
    before: exporting,
    call: sending({ reason, requested_by: 'ann' }),
  },
  {
    route: `POST ${exported}/posted`,
    may: posters,
    command: 'confirm_posted',
    // Said again of a file that is posted, it is done already.
    before: [...noExport, ['done', ...settled]],
    after: [['READ_BACK_CONTRADICTS', 'partly_posted', 'mismatch']],
    call: sending({ part: 1 }),
  },
  {
    route: `POST ${exported}/import_stopped`,
    may: posters,
    command: 'report_stop',
    before: exporting,
    after: [['READ_BACK_CONTRADICTS', 'partly_posted', 'mismatch']],
    call: sending({ part: 1, message: 'Category X is not a standard category.' }),
  },
  {
    route: `POST ${exported}/rejects`,
    may: ['accounting_poster', 'connector'],
    command: 'reject_lines',
    before: exporting,
    // After a stop lines are named; what Sage shows otherwise is corrected there.
    after: [['READ_BACK_CONTRADICTS', 'mismatch']],
    call: sending({ part: 1, lines: [concrete] }),
  },
  {
    route: `POST ${exported}/close`,
    may: posters,
    command: 'close',
    before: exporting,
    after: [['READ_BACK_CONTRADICTS', 'partly_posted']],
    call: sending({ reason, others: { outcome: 'withdrawn' } }),
  },
  {
    route: `POST ${exported}/acknowledge`,
    may: posters,
    before: [...noExport, ['done', 'mismatch'], ['NOTHING_TO_CONFIRM', ...underWay, ...settled]],
    call: sending({ part: 1, note: 'Owner change order 7.' }),
  },
  {
    route: `POST ${exported}/claim`,
    may: connectors,
    before: [...exporting, ['done', 'exporting'], ['NOT_EXPORTING', ...underWay]],
    call: ({ file }) => ({ body: { part: 1, attempt: file?.attempt ?? 1 } }),
  },
  // A report is taken in every state; what it comes to is decided where it is carried out.
  {
    route: `POST ${exported}/receipt`,
    may: connectors,
    before: noExport,
    call: ({ file }) => ({
      body: { part: 1, attempt: file?.attempt ?? 1, sha256: file?.sha256 ?? noHash, where: 'ACME EAST' },
    }),
  },
  {
    route: `POST ${exported}/failure`,
    may: connectors,
    before: noExport,
    call: ({ file }) => ({ body: { part: 1, attempt: file?.attempt ?? 1, messages: ['The disk is full.'] } }),
  },
]

/** Routes about a project, asked in every state of its budget. */
export const ofBudgets: readonly Row[] = [...budgets, ...exports]

const policy = { steps: [{ name: 'Accounting' }] }
const { id: _, ...folder } = eastFolder
const east = { ...folder, limits: {} }
const person = { name: 'Ann', email: 'ann@acme.example', subjects: [ann.sub], roles: ['accounting_approver'] }

export interface PageRow {
  readonly route: string
  readonly kind: 'review' | 'posting'
  /** Whose link it is. */
  readonly person: string
  /** What the holder is answered, by state. */
  readonly answers: ByState
  /** The same for active people who may not, or may no longer. */
  readonly others: ByState
  readonly form?: Readonly<Record<string, string>>
}

const ended: ByState = [
  ['200', 'rejected', 'accepted', ...underWay, ...settled],
  ['410', 'retrieved', 'expired'],
]
const tooLate: ByState = [['409', 'retrieved', 'expired', 'rejected', 'accepted', ...underWay, ...settled]]
const notYours: ByState = [['403', 'locked', 'unlocked']]

/** A page is looked at by HEAD as by GET. */
const looks = (row: Omit<PageRow, 'route'>): PageRow[] =>
  ['GET', 'HEAD'].map((method) => ({ ...row, route: `${method} /${row.kind}/{reference}` }))

/** The public pages, asked with the links of one budget: who holds the reference comes in, the directory decides. */
export const pages: readonly PageRow[] = [
  ...looks({
    kind: 'review',
    person: 'ann',
    answers: [['200', 'sent'], ...ended],
    // How it ended is told to whoever was asked.
    others: [['403', 'sent'], ...ended],
  }),
  {
    route: 'POST /review/{reference}',
    kind: 'review',
    person: 'ann',
    form: { choice: 'reject', reason },
    // The same answer sent again is recorded already.
    answers: [['303', 'sent', 'rejected'], ...tooLate],
    others: [['403', 'sent'], ...tooLate],
  },
  ...looks({
    kind: 'posting',
    person: 'pat',
    answers: [['200', ...underWay, ...settled]],
    others: notYours,
  }),
  {
    route: 'POST /posting/{reference}',
    kind: 'posting',
    person: 'pat',
    form: { choice: 'posted' },
    answers: [
      ['303', 'exported', ...settled],
      ['422', 'exporting', 'export_failed', 'partly_posted', 'mismatch'],
    ],
    others: notYours,
  },
  {
    route: 'GET /posting/{reference}/file/{part}',
    kind: 'posting',
    person: 'pat',
    answers: [
      ['200', 'exported', 'partly_posted', 'mismatch'],
      ['409', 'exporting', 'export_failed', ...settled],
    ],
    others: notYours,
  },
]

export interface BoardRow {
  readonly route: string
  readonly may: readonly Role[]
  /** What who may is answered; `others` whoever may not. */
  readonly answer: number
  /** What a sign-in of another company is answered, whatever its roles. */
  readonly elsewhere: number
  /** What nobody is answered: sent to sign in, or told that the session is over. */
  readonly unknown: number
}

const boardPage = (route: string, elsewhere: number): BoardRow => ({
  route,
  may: accounting,
  answer: 200,
  elsewhere,
  unknown: 303,
})

/** Pages behind the sign-in of a browser, asked with and without a session. */
export const board: readonly BoardRow[] = [
  // Its own, in which nothing of ours stands.
  boardPage('GET /board', 200),
  boardPage('GET /board/jobs/{project}', 404),
  boardPage('GET /board/jobs/{project}/report.csv', 404),
  {
    route: 'POST /board/jobs/{project}/posting',
    may: posters,
    // In the last of the states nothing is under way.
    answer: 404,
    elsewhere: 404,
    unknown: 401,
  },
]

/** Pages on the way in and out: the same for everybody. */
export const signIn = ['GET /board/signed_in', 'GET /board/sign_out', 'GET /board/signed_out']

/** Routes about a company: no state of a budget has a say. */
export const ofCompanies: readonly Row[] = [
  ...reads(everybody, '/projects'),
  ...reads(accounting, '/erp/budgets', '/erp/exports'),
  { route: 'POST /uploads', may: estimators, call: sending({ bytes: 10 }) },
  ...reads(
    setUp,
    '/company/people',
    '/company/people/{person}',
    '/company/approvers',
    '/company/policy',
    '/company/policy/{project}',
    '/company/sage',
    '/company/sage/{sage}',
    '/company/history',
    '/company/history.csv',
    '/company/history.jsonl',
  ),
  { route: 'PUT /company/people/{person}', may: companyAdmins, nowhere: 'done', call: sending(person) },
  { route: 'PUT /company/policy', may: companyAdmins, call: sending(policy) },
  { route: 'PUT /company/policy/{project}', may: companyAdmins, call: sending({ expiry: 'P7D' }) },
  { route: 'PUT /company/sage/{sage}', may: companyAdmins, nowhere: 'done', call: sending(east) },
  ...reads(Role.options, '/erp/master_data/{sage}', '/erp/master_data/{sage}/totals/{job}'),
  {
    route: 'PUT /erp/master_data/{sage}',
    may: ['company_admin', 'connector'],
    call: sending(masterData(['26-001'])),
  },
  {
    route: 'POST /erp/master_data/{sage}/lists/{list}',
    may: ['company_admin', 'connector'],
    call: sageFile('Job,Description,Closed,Original_Estimate_Finalized\r\n'),
  },
  {
    route: 'POST /erp/master_data/{sage}/totals/{job}',
    may: ['accounting_poster', 'company_admin'],
    call: sageFile('Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes\r\n'),
  },
  {
    route: 'PUT /erp/master_data/{sage}/totals/{job}',
    may: connectors,
    call: ({ at }) => ({ body: { as_of: at, totals: [] } }),
  },
]

export const codeIn = (rows: ByState | undefined, state: string): string | undefined => {
  const [place = ''] = state.split(', ')
  const words = [place, ...state.split(/,? /)]
  return rows?.find(([, ...states]) => states.some((each) => words.includes(each)))?.[0]
}

/** What the state of the budget says to the command: a code, or nothing. */
function refusedIn(state: string, command: Command): string | undefined {
  const [place = '', pending] = state.split(', ')
  if (pending !== undefined) return 'COMMAND_PENDING'
  return stateRows.find(({ edit, erp }) => `${edit} ${erp}` === place)?.refuses[command]
}

/** What this role must be answered in this state: `done`, or the code of the refusal. */
export function expectedOf({ command, ...row }: Row, role: Role, state: string): string {
  const [place = ''] = state.split(', ')
  const locked = place.startsWith('locked')
  if (!((locked && row.mayLocked) || row.may).includes(role)) return 'NOT_ALLOWED'
  const name = typeof command === 'object' ? command[locked ? 'locked' : 'unlocked'] : command
  return codeIn(row.before, state) ?? (name && refusedIn(state, name)) ?? codeIn(row.after, place) ?? 'done'
}

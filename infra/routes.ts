import type { apiFunctions } from './functions.ts'

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** With names in braces, as API Gateway takes it. */
  readonly path: string
  readonly function: (typeof apiFunctions)[number]['name']
  /** The gateway lets everybody in, and the function decides; everything else needs a token. */
  readonly public: boolean
}

type Key = `${Route['method']} /${string}`

const project = '/projects/{project}'
const budget = `${project}/budget` as const
const change = `${project}/budget_changes/{number}` as const
const version = `${budget}/versions/{version}` as const
const exported = '/exports/{export}'
const repaired = '/ops/budgets/{project}'
const masterData = '/erp/master_data/{sage}'

const budgetSide: readonly Key[] = [
  'POST /uploads',
  'GET /projects',
  `GET ${project}`,
  `PUT ${project}`,
  `GET ${budget}`,
  `GET ${budget}/line_items`,
  `PATCH ${budget}/line_items`,
  `GET ${budget}/subtotals`,
  `POST ${budget}/import_from_sage`,
  `GET ${budget}/precheck`,
  `POST ${budget}/lock`,
  `POST ${budget}/unlock`,
  `POST ${budget}/send`,
  `POST ${budget}/retrieve`,
  `POST ${budget}/reassign`,
  `POST ${budget}/resend`,
  `GET ${budget}/versions`,
  `POST ${budget}/versions`,
  `GET ${version}`,
  `GET ${version}/lines`,
  `GET ${version}/verify`,
  `POST ${version}/restore`,
  `GET ${version}/diff`,
  `GET ${version}/diff/subtotals`,
  `GET ${version}/diff.csv`,
  `GET ${version}/against_sage`,
  `GET ${version}/against_sage/subtotals`,
  `GET ${version}/against_sage.csv`,
  `GET ${budget}/history`,
  `GET ${budget}/history.csv`,
  `GET ${budget}/history.jsonl`,
  `GET ${budget}/history/verify`,
  `GET ${budget}/history/{sequence}/changes`,
  `GET ${project}/budget_changes`,
  `POST ${project}/budget_changes`,
  `GET ${change}`,
  `PATCH ${change}`,
  `POST ${change}/approve`,
  `POST ${change}/reopen`,
  `POST ${change}/void`,
  'GET /erp/budgets',
  'POST /erp/budgets/{project}/decision',
  'POST /erp/budgets/decisions',
  'GET /projects/{project}/mails',
  'GET /company/people',
  'GET /company/people/{person}',
  'PUT /company/people/{person}',
  'GET /company/approvers',
  'GET /company/policy',
  'PUT /company/policy',
  'GET /company/policy/{project}',
  'PUT /company/policy/{project}',
  'GET /company/sage',
  'GET /company/sage/{sage}',
  'PUT /company/sage/{sage}',
  'GET /company/history',
  'GET /company/history.csv',
  'GET /company/history.jsonl',
  `GET ${repaired}`,
  `POST ${repaired}/tell_again`,
  `POST ${repaired}/restart`,
]

const sageSide: readonly Key[] = [
  `GET ${project}/sage_report`,
  `GET ${project}/sage_report.csv`,
  'GET /erp/exports',
  'GET /exports',
  `GET ${exported}`,
  `GET ${exported}/parts/{part}/file`,
  `POST ${exported}/claim`,
  `POST ${exported}/receipt`,
  `POST ${exported}/failure`,
  `POST ${exported}/lost`,
  `POST ${exported}/retry`,
  `POST ${exported}/return`,
  `POST ${exported}/posted`,
  `POST ${exported}/import_stopped`,
  `POST ${exported}/rejects`,
  `POST ${exported}/close`,
  `POST ${exported}/acknowledge`,
  `GET ${exported}/reconciliation`,
  `POST /ops${exported}/return`,
  `GET ${masterData}`,
  `PUT ${masterData}`,
  `POST ${masterData}/lists/{list}`,
  `GET ${masterData}/totals/{job}`,
  `POST ${masterData}/totals/{job}`,
  `PUT ${masterData}/totals/{job}`,
]

/** Whole budget files. */
const files: readonly Key[] = [
  `POST ${budget}/import`,
  `GET ${budget}/export.csv`,
  `GET ${budget}/export.xlsx`,
  `GET ${budget}/template.csv`,
  `GET ${budget}/template.xlsx`,
]

const route = (key: Key, to: Route['function'], open: boolean): Route => {
  const [method, path] = key.split(' ')
  const known = (['GET', 'HEAD', 'POST', 'PUT', 'PATCH'] as const).find((each) => each === method)
  if (known === undefined || path === undefined) throw new Error(`${key} is not a method and a path.`)
  return { method: known, path, function: to, public: open }
}

/** Everything the API answers; whatever is not listed here does not exist. */
export const routes: readonly Route[] = [
  ...budgetSide.map((key) => route(key, 'api', false)),
  ...sageSide.map((key) => route(key, 'sage-api', false)),
  ...files.map((key) => route(key, 'budget-files', false)),
  // Mail programs look at a link by HEAD, and mark one that answers 404 as broken.
  route('GET /review/{reference}', 'review', true),
  route('HEAD /review/{reference}', 'review', true),
  route('POST /review/{reference}', 'review', true),
  route('GET /posting/{reference}', 'posting', true),
  route('HEAD /posting/{reference}', 'posting', true),
  route('POST /posting/{reference}', 'posting', true),
  route('GET /posting/{reference}/file/{part}', 'posting', true),
  // Open to the gateway: a browser brings no header, and the board sends whoever has no session to sign in.
  route('GET /board', 'board', true),
  route('GET /board/jobs/{project}', 'board', true),
  route('GET /board/jobs/{project}/report.csv', 'board', true),
  route('POST /board/jobs/{project}/posting', 'board', true),
  route('GET /board/signed_in', 'board', true),
  route('GET /board/sign_out', 'board', true),
  route('GET /board/signed_out', 'board', true),
]

export const routeKey = ({ method, path }: Route): string => `${method} ${path}`

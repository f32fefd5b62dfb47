import { beforeAll, describe, expect, test } from 'vitest'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { routes as deployedRoutes } from '../../../infra/routes.ts'
import { Role } from '../../../shared/domain/person.ts'
import { acme, ada, byRole, mia, personOf, setUpAcme, vera } from './acme.ts'
import { idempotencyKey, useLocalApi } from './local-api.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

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

// The matrix written out once more, by route: what the code's table comes to must be this.
const may: Readonly<Record<string, readonly Role[]>> = {
  'GET /projects': everybody,
  'GET /projects/{project}': everybody,
  'PUT /projects/{project}': admins,
  'GET /projects/{project}/budget': everybody,
  'GET /projects/{project}/budget/precheck': everybody,
  'GET /projects/{project}/budget/line_items': everybody,
  'GET /projects/{project}/budget/subtotals': everybody,
  'PATCH /projects/{project}/budget/line_items': estimators,
  'POST /projects/{project}/budget/import': estimators,
  'POST /projects/{project}/budget/import_from_sage': managers,
  'GET /projects/{project}/budget/export.csv': everybody,
  'GET /projects/{project}/budget/export.xlsx': everybody,
  'GET /projects/{project}/budget/template.csv': everybody,
  'GET /projects/{project}/budget/template.xlsx': everybody,
  'POST /uploads': estimators,
  'POST /projects/{project}/budget/lock': managers,
  'POST /projects/{project}/budget/unlock': admins,
  'POST /projects/{project}/budget/send': managers,
  'POST /projects/{project}/budget/retrieve': managers,
  'POST /projects/{project}/budget/reassign': ['accounting_approver', 'company_admin'],
  'POST /projects/{project}/budget/resend': ['accounting_approver', 'company_admin'],
  'GET /projects/{project}/budget_changes': everybody,
  'POST /projects/{project}/budget_changes': managers,
  'GET /projects/{project}/budget_changes/{number}': everybody,
  'PATCH /projects/{project}/budget_changes/{number}': managers,
  'POST /projects/{project}/budget_changes/{number}/approve': managers,
  'POST /projects/{project}/budget_changes/{number}/reopen': managers,
  'POST /projects/{project}/budget_changes/{number}/void': managers,
  'GET /projects/{project}/budget/versions': everybody,
  'GET /projects/{project}/budget/versions/{version}': everybody,
  'POST /projects/{project}/budget/versions': estimators,
  'GET /projects/{project}/budget/versions/{version}/lines': everybody,
  'GET /projects/{project}/budget/versions/{version}/verify': everybody,
  'POST /projects/{project}/budget/versions/{version}/restore': estimators,
  'GET /projects/{project}/budget/versions/{version}/diff': everybody,
  'GET /projects/{project}/budget/versions/{version}/diff/subtotals': everybody,
  'GET /projects/{project}/budget/versions/{version}/diff.csv': everybody,
  'GET /projects/{project}/budget/versions/{version}/against_sage': everybody,
  'GET /projects/{project}/budget/versions/{version}/against_sage/subtotals': everybody,
  'GET /projects/{project}/budget/versions/{version}/against_sage.csv': everybody,
  'GET /projects/{project}/budget/history': historians,
  'GET /projects/{project}/mails': historians,
  'GET /projects/{project}/budget/history.csv': historians,
  'GET /projects/{project}/budget/history.jsonl': historians,
  'GET /projects/{project}/budget/history/verify': historians,
  'GET /projects/{project}/budget/history/{sequence}/changes': historians,
  'GET /erp/budgets': accounting,
  'GET /erp/exports': accounting,
  'POST /erp/budgets/{project}/decision': approvers,
  'POST /erp/budgets/decisions': approvers,
  'GET /exports': everybody,
  'GET /exports/{export}': everybody,
  'GET /exports/{export}/parts/{part}/file': ['accounting_poster', 'connector'],
  'GET /exports/{export}/reconciliation': everybody,
  'POST /exports/{export}/retry': ['accounting_approver', 'operator'],
  'POST /exports/{export}/return': approvers,
  'POST /exports/{export}/posted': posters,
  'POST /exports/{export}/rejects': ['accounting_poster', 'connector'],
  'POST /exports/{export}/close': posters,
  'POST /exports/{export}/acknowledge': posters,
  'POST /exports/{export}/claim': connectors,
  'POST /exports/{export}/receipt': connectors,
  'POST /exports/{export}/failure': connectors,
  'POST /exports/{export}/lost': ['operator'],
  'GET /company/people': setUp,
  'GET /company/people/{person}': setUp,
  'PUT /company/people/{person}': companyAdmins,
  'GET /company/approvers': setUp,
  'GET /company/policy': setUp,
  'PUT /company/policy': companyAdmins,
  'GET /company/policy/{project}': setUp,
  'PUT /company/policy/{project}': companyAdmins,
  'GET /company/sage': setUp,
  'GET /company/sage/{sage}': setUp,
  'PUT /company/sage/{sage}': companyAdmins,
  'GET /company/history': setUp,
  'GET /company/history.csv': setUp,
  'GET /company/history.jsonl': setUp,
  'GET /erp/master_data/{sage}': Role.options,
  'PUT /erp/master_data/{sage}': ['company_admin', 'connector'],
  'GET /erp/master_data/{sage}/totals/{job}': Role.options,
  'PUT /erp/master_data/{sage}/totals/{job}': connectors,
}

const nowhere: Readonly<Record<string, string>> = {
  project: 'nowhere',
  number: '7',
  version: '7',
  sequence: '7',
  export: 'nowhere-e7',
  part: '1',
  person: 'nobody',
  sage: 'nowhere',
  job: 'none',
}

/** A path of the route to things that are not there: whoever may ask is told so, and nothing is changed. */
const somewhere = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => nowhere[name] ?? '')

/** What a route must be asked for. */
const queries: Readonly<Record<string, Record<string, string>>> = {
  '/exports': { project: 'nowhere' },
  '/projects/{project}/budget/subtotals': { by: 'division' },
  '/projects/{project}/budget/versions/{version}/diff/subtotals': { from: '1', by: 'division' },
  '/projects/{project}/budget/versions/{version}/against_sage/subtotals': { by: 'division' },
}

async function ask(key: string, as: { sub: string; groups: string | readonly string[] }) {
  const [method = '', path = ''] = key.split(' ')
  const query = queries[path] ?? {}
  return await api().call(method, somewhere(path), {
    as,
    query,
    headers: { 'idempotency-key': idempotencyKey() },
  })
}

const forbidden = 'urn:sage-budget-export:problem:NOT_ALLOWED'

describe.each(Object.keys(may))('%s', (key) => {
  test.each(Role.options)('by %s', async (role) => {
    const came = await ask(key, byRole[role])
    const refused = came.status === 403 && came.json.type === forbidden
    expect(refused).toBe(!may[key]?.includes(role))
    expect(came.status).toBeLessThan(500)
  })
})

test('every route of the API stands in the matrix', () => {
  const keys = apiRoutes(api()).map(({ method, path }) => `${method} ${path}`)
  expect(keys.toSorted()).toEqual(Object.keys(may).toSorted())
})

test('every route of the API is deployed, and every deployed one behind a sign-in is there', () => {
  const keys = apiRoutes(api()).map(({ method, path }) => `${method} ${path}`)
  const deployed = deployedRoutes.filter((route) => !route.public)
  expect(keys.toSorted()).toEqual(deployed.map(({ method, path }) => `${method} ${path}`).toSorted())
})

test('nobody does anything without a sign-in', async () => {
  const came = await Promise.all(
    Object.keys(may).map(async (key) => {
      const [method = '', path = ''] = key.split(' ')
      return (await api().call(method, somewhere(path))).json.type
    }),
  )
  expect(new Set(came)).toEqual(new Set(['urn:sage-budget-export:problem:NOT_SIGNED_IN']))
})

describe('claim and directory', () => {
  const lock = '/projects/nowhere/budget/lock'

  test('a role of the claim alone gives nothing', async () => {
    const claimed = { ...vera, groups: ['acme:viewer', 'acme:project_manager'] }
    expect((await api().command(lock, { as: claimed })).status).toBe(403)
  })

  test('a role of the directory alone gives nothing', async () => {
    const claimed = { ...mia, groups: ['acme:viewer'] }
    expect((await api().command(lock, { as: claimed })).status).toBe(403)
  })

  test('a role that includes the other counts for it', async () => {
    const claimed = { ...mia, groups: ['acme:budget_admin'] }
    expect((await api().command(lock, { as: claimed })).status).toBe(404)
  })

  test('who is no longer active may do nothing', async () => {
    await api().companies.putPerson(
      acme,
      { ...personOf('ivan', ['project_manager']), active: false },
      'system',
    )
    const ivan = { sub: 'sub-ivan', groups: ['acme:project_manager'] }
    expect((await api().call('GET', '/projects', { as: ivan })).json.type).toBe(forbidden)
  })

  test('a sign-in that the directory does not know is refused', async () => {
    const stranger = { sub: 'sub-stranger', groups: ['acme:viewer'] }
    expect((await api().call('GET', '/projects', { as: stranger })).json.type).toBe(forbidden)
  })

  test.each([
    ['a list', ['acme:viewer', 'other-group']],
    ['the text that API Gateway makes of a list', '[acme:viewer other-group]'],
    ['one entry', 'acme:viewer'],
    ['a text with commas', '[acme:viewer, other-group]'],
  ])('the claim may be %s', async (_, groups) => {
    expect((await api().call('GET', '/projects', { as: { ...vera, groups } })).status).toBe(200)
  })

  test('who belongs to several companies names one', async () => {
    const groups = ['acme:viewer', 'zenith:viewer']
    const came = await api().call('GET', '/projects', { as: { ...vera, groups } })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/x-company-id'])
  })

  test('the company named is the one asked', async () => {
    const groups = ['acme:viewer', 'zenith:viewer']
    const headers = { 'x-company-id': 'acme' }
    expect((await api().call('GET', '/projects', { as: { ...vera, groups }, headers })).status).toBe(200)
  })

  test('a company that the sign-in does not hold cannot be named', async () => {
    const came = await api().call('GET', '/projects', { as: vera, headers: { 'x-company-id': 'zenith' } })
    expect(came.json.type).toBe(forbidden)
  })
})

describe('an empty directory', () => {
  const founder = { sub: 'sub-zoe', groups: ['zenith:company_admin'] }
  const zoe = { name: 'Zoe', email: 'zoe@zenith.example', subjects: ['sub-zoe'], roles: ['company_admin'] }
  const put = async (id: string, body: unknown, etag = '"0"') =>
    await api().call('PUT', `/company/people/${id}`, { as: founder, body, headers: { 'if-match': etag } })

  test('takes nobody first but the admin who writes it', async () => {
    const came = await put('yan', { ...zoe, subjects: ['sub-yan'] })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/subjects'])
  })

  test('takes no first person who could not write the second', async () => {
    const came = await put('zoe', { ...zoe, roles: ['viewer'] })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/roles'])
  })

  test('lets the admin do nothing else', async () => {
    const came = await api().call('GET', '/company/sage', { as: founder })
    expect([came.status, (await api().call('GET', '/projects', { as: founder })).status]).toEqual([200, 403])
  })

  test('takes the admin, who then writes the others', async () => {
    const first = await put('zoe', zoe)
    const others = { ...zoe, name: 'Yan', email: 'yan@zenith.example', subjects: [], roles: ['viewer'] }
    const second = await put('yan', others, first.headers['etag'])
    expect([first.status, second.status]).toEqual([200, 200])
  })
})

test('an admin of another company sees nothing of this one', async () => {
  const came = await api().call('GET', '/company/people', {
    as: { ...ada, groups: ['zenith:company_admin'] },
  })
  expect(came.json.type).toBe(forbidden)
})

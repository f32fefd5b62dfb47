import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { routes as deployedRoutes } from '../../../infra/routes.ts'
import { CompanyId } from '../../../shared/domain/ids.ts'
import { Role } from '../../../shared/domain/person.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { stateRows } from '../../domain/state-table.ts'
import { acme, ada, byRole, east, masterData, mia, personOf, setUpAcme, vera } from './acme.ts'
import {
  board,
  type BoardRow,
  expectedOf,
  ofBudgets,
  ofCompanies,
  pages,
  type Row,
  signIn,
} from './authorisation-matrix.ts'
import { wrongBoard, wrongPages } from './authorisation-pages.ts'
import { type Here, here, newBudget, way } from './budget-in-states.ts'
import type { Call, SignIn } from './api-event.ts'
import { type Came, rememberingPeople, useLocalApi } from './local-api.ts'
import { stillTable } from './still-table.ts'

const table = stillTable()
const api = useLocalApi(rememberingPeople, table.through)
const zenith = CompanyId.parse('zenith')

let project = ''

beforeAll(async () => {
  await setUpAcme(api())
  const { companies } = api()
  const others = [
    personOf('bea', ['accounting_approver']),
    personOf('nora', []),
    { ...personOf('ivan', Role.options), active: false },
    personOf('cleo', Role.options),
  ]
  for (const person of others) await companies.putPerson(acme, person, 'system')
  await companies.putPerson(zenith, personOf('zoe', Role.options), 'system')
  // Of one job: what Sage knows is read often.
  await companies.putMasterData(acme, east, masterData(['26-001']), 'system')
  project = await newBudget(api())
})

const claiming = (name: string, company: string, roles: readonly string[] = Role.options): SignIn => ({
  sub: `sub-${name}`,
  groups: roles.map((role) => `${company}:${role}`),
})

/** Who is refused everywhere, whatever is asked. */
const nobodies: Readonly<Record<string, SignIn>> = {
  'a person without a role': claiming('nora', 'acme'),
  'a person switched off': claiming('ivan', 'acme'),
  'a person whose sign-in names no role': claiming('cleo', 'acme', []),
  'a sign-in that the directory does not know': claiming(
    'stranger',
    'acme',
    Role.options.filter((role) => role !== 'connector'),
  ),
}
const foreigner = claiming('zoe', 'zenith')

const pathOf = ({ route, number = '1' }: Row, { project: id, job, person, sage }: Here): string => {
  const ids: Readonly<Record<string, string>> = {
    project: id,
    export: `${id}-e1`,
    job,
    person,
    sage,
    number,
    list: 'jobs',
  }
  // Versions, parts and rows of history are counted from one.
  return route.replace(/^\w+ /, '').replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '1')
}

// Whatever revision stands: this is not about changes that were overtaken.
const anyRevision = Array.from({ length: 60 }, (_, revision) => `"${String(revision)}"`).join(', ')

async function ask(row: Row, at: Here, as?: SignIn): Promise<Came> {
  const [method = ''] = row.route.split(' ')
  const { headers, ...call }: Call = row.call?.(at) ?? {}
  // Nothing is kept, so that no key was used before.
  const given = method === 'GET' ? {} : { 'idempotency-key': 'matrix', 'if-match': anyRevision }
  return await api().call(method, pathOf(row, at), {
    ...call,
    ...(as && { as }),
    headers: { ...given, ...headers },
  })
}

const Several = z.object({
  decisions: z.array(z.object({ problem: z.object({ type: z.string() }).nullable() })),
})

const codeOf = (type: string): string => type.split(':').at(-1) ?? ''

/** `done`, or the code of the refusal; of several decisions, that of the one that was sent. */
function answerOf({ status, json }: Came): string {
  if (status >= 400) return codeOf(json.type)
  const { data } = Several.safeParse(json)
  const problem = data?.decisions[0]?.problem
  return problem ? codeOf(problem.type) : 'done'
}

const withNames = ({ route }: Row): boolean => route.includes('{')

const nameOf = ({ route, asking }: Row): string => (asking === undefined ? route : `${route} (${asking})`)

interface Cell {
  readonly by: string
  readonly as: SignIn
  readonly expected: string
}

/** One cell of the matrix: nothing where it is as it must be, else a line that says how it is. */
async function wrong(row: Row, at: Here, { by, as, expected }: Cell): Promise<string[]> {
  const before = table.writes() + api().reports.length
  const came = await ask(row, at, as)
  const wrote = table.writes() + api().reports.length > before
  const answer = answerOf(came)
  const told = `${nameOf(row)} by ${by}, ${at.state}`
  if (answer !== expected) return [`${told}: ${String(came.status)} ${answer} instead of ${expected}`]
  const silent = expected !== 'done' || row.route.startsWith('GET')
  return silent && wrote ? [`${told}: ${answer}, and something was written`] : []
}

const refused = (name: string): Cell => ({ by: name, as: nobodies[name]!, expected: 'NOT_ALLOWED' })

/** Every role, and whoever is refused everywhere. */
const cellsOf = (row: Row, state: string): Cell[] => [
  ...Role.options.map((role) => ({ by: role, as: byRole[role], expected: expectedOf(row, role, state) })),
  ...Object.keys(nobodies).map(refused),
]

/** Cells that are otherwise than the matrix has them, each as a line. */
async function wrongOf(rows: readonly Row[], at: Here, cells: (row: Row) => readonly Cell[]) {
  const lines: string[] = []
  for (const row of rows) for (const cell of cells(row)) lines.push(...(await wrong(row, at, cell)))
  return lines
}

/** What is not there: neither in this company nor in another. */
const nowhere = (at: Here): Here => ({
  ...at,
  project: 'nowhere',
  job: 'none',
  person: 'nobody',
  sage: 'none',
})

const unnamed = ({ status, text }: Came, ...both: readonly Here[]): string =>
  both
    .flatMap(({ project: id, job, person, sage }) => [id, job, person, sage])
    .reduce((told, each) => told.replaceAll(each, '…'), `${String(status)} ${text}`)

/** Routes that tell another company something else than it is told of what is not there at all. */
async function tellingOthers(rows: readonly Row[], at: Here): Promise<string[]> {
  const lines: string[] = []
  for (const row of rows) {
    const told = unnamed(await ask(row, at, foreigner), at, nowhere(at))
    const ofNothing = unnamed(await ask(row, nowhere(at), foreigner), at, nowhere(at))
    if (told !== ofNothing) lines.push(`${nameOf(row)}, ${at.state}: ${told} instead of ${ofNothing}`)
  }
  return lines
}

/** How many states the budget has come to. */
let reached = 0

describe.each(way)('a budget that is %s', (state) => {
  const turn = way.findIndex(([each]) => each === state)
  let at: Here | undefined
  beforeAll(async () => {
    table.goOn()
    for (const [, go] of way.slice(reached, turn + 1)) await go(api(), project)
    reached = turn + 1
    at = await here(api(), project)
    table.stand()
  })

  test('is there', () => {
    expect(at?.state).toBe(state)
  })

  test('answers every role on every route as the matrix has it', async () => {
    expect(await wrongOf(ofBudgets, at!, (row) => cellsOf(row, state))).toEqual([])
  })

  test('is not there for another company', async () => {
    expect(await tellingOthers(ofBudgets, at!)).toEqual([])
  })

  test('shows its pages to whom their links were sent, and to nobody else', async () => {
    expect(await wrongPages(api(), table, at!)).toEqual([])
  })
})

test('the states are all that a budget can be in', () => {
  // An unlocked budget is never with accounting.
  const states = stateRows.filter(
    ({ edit, refuses }) => edit === 'locked' || refuses.edit_lines !== 'WITH_ACCOUNTING',
  )
  const there = way.map(([state]) => state).filter((state) => !state.includes(','))
  expect(there.toSorted()).toEqual(states.map(({ edit, erp }) => `${edit} ${erp}`).toSorted())
})

const notThere = (row: Row): Cell[] =>
  row.may.map((role) => ({ by: role, as: byRole[role], expected: row.nowhere ?? 'NOT_FOUND' }))

describe('a company', () => {
  beforeAll(() => {
    table.stand()
  })

  test('answers every role on every route as the matrix has it', async () => {
    expect(await wrongOf(ofCompanies, await here(api(), project), (row) => cellsOf(row, ''))).toEqual([])
  })

  test('shows its board to accounting, and to nobody else', async () => {
    const who = [
      ...Role.options.map((role) => ({
        by: role,
        as: byRole[role],
        expected: ({ may, answer }: BoardRow) => (may.includes(role) ? answer : 403),
      })),
      ...Object.entries(nobodies).map(([by, as]) => ({ by, as, expected: () => 403 })),
      { by: 'another company', as: foreigner, expected: ({ elsewhere }: BoardRow) => elsewhere },
      { by: 'nobody', expected: ({ unknown }: BoardRow) => unknown },
    ]
    expect(await wrongBoard(api(), table, project, who)).toEqual([])
  })

  test('is not there for another one', async () => {
    expect(await tellingOthers(ofCompanies.filter(withNames), await here(api(), project))).toEqual([])
  })

  test('says of what is not there that it is not', async () => {
    const at = { ...nowhere(await here(api(), project)), state: 'not there' }
    expect(await wrongOf([...ofBudgets, ...ofCompanies.filter(withNames)], at, notThere)).toEqual([])
  })

  test('lists nothing of itself to another one', async () => {
    const lists = ofCompanies.filter((row) => row.route.startsWith('GET') && !withNames(row))
    const at = await here(api(), project)
    const told = await Promise.all(lists.map(async (row) => (await ask(row, at, foreigner)).text))
    expect(told.filter((text) => /bridge|sub-ann|acme east/i.test(text))).toEqual([])
  })
})

const rows = [...ofBudgets, ...ofCompanies]
const inMatrix = [...new Set(rows.map(({ route }) => route))].toSorted()
const keysOf = (routes: readonly { readonly method: string; readonly path: string }[]): string[] =>
  routes.map(({ method, path }) => `${method} ${path}`).toSorted()

test('every route of the API stands in the matrix', () => {
  expect(keysOf(apiRoutes(api()))).toEqual(inMatrix)
})

test('every route of the API is deployed, and every deployed one behind a sign-in is there', () => {
  expect(keysOf(deployedRoutes.filter((route) => !route.public))).toEqual(inMatrix)
})

test('every public page stands in the matrix', () => {
  expect(keysOf(deployedRoutes.filter((route) => route.public))).toEqual(
    [...[...pages, ...board].map(({ route }) => route), ...signIn].toSorted(),
  )
})

test('nobody does anything without a sign-in', async () => {
  const at = await here(api(), project)
  const came = await Promise.all(rows.map(async (row) => answerOf(await ask(row, at))))
  expect(new Set(came)).toEqual(new Set(['NOT_SIGNED_IN']))
})

const forbidden = problemType('NOT_ALLOWED')

describe('claim and directory', () => {
  beforeAll(() => {
    table.goOn()
  })

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
  const founder = { sub: 'sub-zoe', groups: ['apex:company_admin'] }
  const zoe = { name: 'Zoe', email: 'zoe@apex.example', subjects: ['sub-zoe'], roles: ['company_admin'] }
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
    const others = { ...zoe, name: 'Yan', email: 'yan@apex.example', subjects: [], roles: ['viewer'] }
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

import { beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../../functions/api/description/operations.ts'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { routes as deployedRoutes } from '../../../infra/routes.ts'
import { problemType } from '../../../shared/http/problem.ts'
import {
  acme,
  ada,
  agent,
  ann,
  bob,
  ed,
  etagOf,
  lines,
  masterData,
  mia,
  newProject,
  otto,
  pat,
  personOf,
  projectWithLines,
  setUpAcme,
  vera,
} from './acme.ts'
import type { Call, SignIn } from './api-event.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  decideChange,
  deliver,
  exportedProject,
  exportingProject,
  failedProject,
  keyOf,
  lockedProject,
  makeChange,
  sentProject,
  shownOf,
  step,
} from './workflow-by-hand.ts'
import { Secret } from '../../../shared/domain/secret.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

/** One request that is taken, and the ETag that it may name. */
interface Request {
  readonly path: string
  readonly as: SignIn
  readonly call: Pick<Call, 'body' | 'text' | 'headers' | 'query'>
  /** What makes it another request. */
  readonly other: Pick<Call, 'body' | 'text' | 'headers' | 'query'>
  readonly etag?: string
}

const json = (path: string, as: SignIn, body: object, more: object): Request => ({
  path,
  as,
  call: { body },
  other: { body: { ...body, ...more } },
})

/** A file of Sage's, looked at. */
const sageFile = (below: string, text: string): Request => {
  const call = { text, headers: { 'content-type': 'text/csv' }, query: { as_of: api().clock.now() } }
  return { path: `/erp/master_data/east/${below}`, as: ada, call, other: call }
}

/** A command without a body: nothing and an empty object are two requests. */
const bare = (path: string, as: SignIn): Request => ({ path, as, call: {}, other: { body: {} } })

const on = async (project: string, request: Request): Promise<Request> => ({
  ...request,
  etag: await etagOf(api(), project),
})

const bodyless = (below: string, as: SignIn, make: () => Promise<string>) => async () => {
  const project = await make()
  return await on(project, bare(`/projects/${project}${below}`, as))
}

const withBody = (below: string, as: SignIn, body: object, more: object) => async () => {
  const project = await projectWithLines(api())
  return await on(project, json(`/projects/${project}${below}`, as, body, more))
}

async function approvedChange(): Promise<string> {
  const project = await draftedChange()
  await decideChange(api(), project, 'approve')
  return project
}

async function draftedChange(): Promise<string> {
  const project = await lockedProject(api())
  await makeChange(api(), project)
  return project
}

const exported =
  (name: string, as: SignIn, make: () => Promise<string>, body: object, more: object) => async () =>
    json(`/exports/${await make()}-e1/${name}`, as, body, more)

const reported = (name: string, body: object) => async () => {
  const project = await exportingProject(api())
  const [part] = await api().store.parts(keyOf(project), 1)
  const about = { part: 1, attempt: part!.attempt }
  const sent = name === 'receipt' ? { sha256: part!.file_sha256 } : {}
  return json(`/exports/${project}-e1/${name}`, agent, { ...about, ...sent, ...body }, {})
}

/** Something was made in Sage while the file waited for posting. */
const driftedProject = putBack(async () => {
  const project = await sentProject(api())
  const { json: shown } = await api().call('GET', `/projects/${project}`, { as: vera })
  const read = async (totals: object[]) => {
    const body = { as_of: api().clock.now(), totals }
    const path = `/erp/master_data/east/totals/${shown.job.number}`
    await api().call('PUT', path, { as: agent, body })
    await takeSageEvent(api(), api().reports.at(-1))
  }
  await read([])
  await acceptIt(api(), project)
  await deliver(api(), project)
  await read([{ cost_code: '01-1000', category: 'L', original: '500.00', changes: '0.00' }])
  await step(api(), project, 'recordObservation')
  return project
})

/** Retrieved, while the execution still waits for what is done with the sent budget. */
async function retrievedAndUntold(): Promise<string> {
  const project = await sentProject(api())
  await api().command(`/projects/${project}/budget/retrieve`, { as: mia })
  const { store } = api()
  const { cycle, signal, execution = '' } = (await store.head(keyOf(project)))!
  const wait = {
    cycle,
    state: 'Wait for decision',
    kinds: ['retrieve' as const],
    execution,
    token: new Secret('t'),
    order: '1',
  }
  await store.putWait(keyOf(project), wait, { signal, execution })
  return project
}

async function sentToTwo(): Promise<string> {
  await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
  return await sentProject(api())
}

let made = 0
const fresh = (name: string): string => `${name}-${String((made += 1))}`

const setUp = (path: () => string, body: () => object, more: object) => async () => ({
  ...json(path(), ada, body(), more),
  etag: (await api().call('GET', '/company/policy', { as: ada })).headers['etag'] ?? '',
})

const file = (amount: string) => ({
  text: `Cost Code,Cost Type,Budget Amount\r\n03-3000,S,${amount}\r\n`,
  headers: { 'content-type': 'text/csv' },
})

type Header = 'needed' | 'taken' | 'none'

/** What a route takes of Idempotency-Key and If-Match, and a request that it takes, over things of its own. */
type Row = readonly [key: Header, match: Header, ask: () => Promise<Request>]

const title = { title: 'Other' }
const name = { name: 'Other' }
const transfer = [
  { cost_code: '03-3000', cost_type: 'S', amount: '-1.00' },
  { cost_code: '05-1200', cost_type: 'M', amount: '1.00' },
]

// Every route that changes something (ADR 0014).
const rows: Readonly<Record<string, Row>> = {
  // Made new: where there is none, no revision can be named.
  'PUT /projects/{project}': [
    'taken',
    'taken',
    async () => await Promise.resolve(json(`/projects/${fresh('dam')}`, bob, { name: 'Dam' }, name)),
  ],
  'PATCH /projects/{project}/budget/line_items': [
    'taken',
    'needed',
    withBody(
      '/budget/line_items',
      ed,
      { deletes: [{ cost_code: '03-3000', cost_type: 'S' }] },
      { deletes: [{ cost_code: '05-1200', cost_type: 'M' }] },
    ),
  ],
  'POST /projects/{project}/budget/import': [
    'taken',
    'needed',
    async () => {
      const project = await projectWithLines(api())
      const path = `/projects/${project}/budget/import`
      return await on(project, { path, as: ed, call: file('5.00'), other: file('6.00') })
    },
  ],
  'POST /projects/{project}/budget/import_from_sage': [
    'needed',
    'needed',
    async () => {
      const project = await newProject(api())
      const { job } = (await api().call('GET', `/projects/${project}`, { as: vera })).json
      const totals = [{ cost_code: '03-3000', category: 'S', original: '5.00', changes: '0.00' }]
      await api().call('PUT', `/erp/master_data/east/totals/${job.number}`, {
        as: agent,
        body: { as_of: api().clock.now(), totals },
      })
      return await on(project, bare(`/projects/${project}/budget/import_from_sage`, mia))
    },
  ],
  'POST /uploads': [
    'none',
    'none',
    async () => await Promise.resolve(json('/uploads', ed, { bytes: 5 }, { bytes: 6 })),
  ],
  'POST /projects/{project}/budget/lock': [
    'needed',
    'taken',
    bodyless('/budget/lock', mia, async () => await projectWithLines(api())),
  ],
  'POST /projects/{project}/budget/unlock': [
    'needed',
    'taken',
    bodyless('/budget/unlock', bob, async () => await lockedProject(api())),
  ],
  'POST /projects/{project}/budget/send': [
    'needed',
    'taken',
    bodyless('/budget/send', mia, async () => await lockedProject(api())),
  ],
  'POST /projects/{project}/budget/retrieve': [
    'needed',
    'taken',
    bodyless('/budget/retrieve', mia, async () => await sentProject(api())),
  ],
  'POST /ops/budgets/{project}/tell_again': [
    'needed',
    'none',
    async () => {
      const path = `/ops/budgets/${await retrievedAndUntold()}/tell_again`
      return json(path, otto, { reason: 'Its row was lost.' }, { reason: 'Once more.' })
    },
  ],
  'POST /ops/budgets/{project}/restart': [
    'needed',
    'none',
    async () => {
      const path = `/ops/budgets/${await sentProject(api())}/restart`
      return json(path, otto, { reason: 'Stopped by mistake.' }, { reason: 'Once more.' })
    },
  ],
  'POST /projects/{project}/budget/reassign': [
    'needed',
    'none',
    async () => {
      const path = `/projects/${await sentToTwo()}/budget/reassign`
      return json(path, ada, { from: 'ann', to: 'amy' }, { from: 'amy', to: 'ann' })
    },
  ],
  'POST /projects/{project}/budget/resend': [
    'needed',
    'none',
    async () => json(`/projects/${await sentToTwo()}/budget/resend`, ann, { to: 'ann' }, { to: 'amy' }),
  ],
  'POST /projects/{project}/budget/versions': [
    'needed',
    'taken',
    withBody('/budget/versions', ed, { name: 'Bid set' }, name),
  ],
  'POST /projects/{project}/budget/versions/{version}/restore': [
    'needed',
    'needed',
    async () => {
      const project = await projectWithLines(api())
      await api().command(`/projects/${project}/budget/versions`, { as: ed, body: { name: 'Bid set' } })
      const body = {
        deletes: lines.slice(0, 1).map(({ cost_code, cost_type }) => ({ cost_code, cost_type })),
      }
      const headers = { 'if-match': await etagOf(api(), project) }
      await api().call('PATCH', `/projects/${project}/budget/line_items`, { as: ed, body, headers })
      return await on(project, bare(`/projects/${project}/budget/versions/1/restore`, ed))
    },
  ],
  'POST /projects/{project}/budget_changes': [
    'needed',
    'taken',
    withBody('/budget_changes', mia, { title: 'Concrete', adjustment_line_items: transfer }, title),
  ],
  'PATCH /projects/{project}/budget_changes/{number}': [
    'taken',
    'needed',
    async () => {
      const project = await draftedChange()
      return await on(project, json(`/projects/${project}/budget_changes/1`, mia, { title: 'New' }, title))
    },
  ],
  'POST /projects/{project}/budget_changes/{number}/approve': [
    'needed',
    'needed',
    bodyless('/budget_changes/1/approve', mia, draftedChange),
  ],
  'POST /projects/{project}/budget_changes/{number}/reopen': [
    'needed',
    'needed',
    bodyless('/budget_changes/1/reopen', mia, approvedChange),
  ],
  'POST /projects/{project}/budget_changes/{number}/void': [
    'needed',
    'needed',
    bodyless('/budget_changes/1/void', mia, draftedChange),
  ],
  'POST /erp/budgets/{project}/decision': [
    'needed',
    'none',
    async () => {
      const project = await sentProject(api())
      const body = { choice: 'accept', ...(await shownOf(api(), project)) }
      return json(`/erp/budgets/${project}/decision`, ann, body, { entry_date: '2026-11-30' })
    },
  ],
  'POST /exports/{export}/claim': ['none', 'none', reported('claim', {})],
  'POST /exports/{export}/receipt': ['none', 'none', reported('receipt', { where: 'ACME EAST' })],
  'POST /exports/{export}/failure': [
    'none',
    'none',
    reported('failure', { messages: ['The disk is full.'] }),
  ],
  'POST /erp/budgets/decisions': [
    'needed',
    'none',
    async () => {
      const project = await sentProject(api())
      const decision = { project, choice: 'accept', ...(await shownOf(api(), project)) }
      const other = { decisions: [{ ...decision, entry_date: '2026-11-30' }] }
      return json('/erp/budgets/decisions', ann, { decisions: [decision] }, other)
    },
  ],
  'POST /exports/{export}/lost': [
    'needed',
    'none',
    exported(
      'lost',
      otto,
      async () => await exportingProject(api()),
      { reason: 'The machine burnt.' },
      { reason: 'No word.' },
    ),
  ],
  'POST /exports/{export}/retry': [
    'needed',
    'none',
    async () => bare(`/exports/${await failedProject(api())}-e1/retry`, ann),
  ],
  'POST /exports/{export}/return': [
    'needed',
    'none',
    exported('return', ann, async () => await failedProject(api()), { reason: 'No.' }, { reason: 'Not so.' }),
  ],
  'POST /ops/exports/{export}/return': [
    'needed',
    'none',
    async () => {
      const path = `/ops/exports/${await failedProject(api())}-e1/return`
      return json(path, otto, { reason: 'No.', requested_by: 'ann' }, { reason: 'No!', requested_by: 'ann' })
    },
  ],
  'POST /exports/{export}/posted': [
    'needed',
    'none',
    exported('posted', pat, async () => await exportedProject(api()), { part: 1 }, { part: 2 }),
  ],
  'POST /exports/{export}/import_stopped': [
    'needed',
    'none',
    exported(
      'import_stopped',
      pat,
      async () => await exportedProject(api()),
      { part: 1, message: 'Category Q is not set up.' },
      { message: 'Category R is not set up.' },
    ),
  ],
  'POST /exports/{export}/rejects': [
    'needed',
    'none',
    exported(
      'rejects',
      pat,
      async () => await exportedProject(api()),
      { part: 1, lines: [{ cost_code: '03-3000', cost_type: 'S' }] },
      { lines: [{ cost_code: '05-1200', cost_type: 'M' }] },
    ),
  ],
  'POST /exports/{export}/close': [
    'needed',
    'none',
    exported(
      'close',
      pat,
      async () => await exportedProject(api()),
      { reason: 'By hand.', others: { outcome: 'taken' } },
      { reason: 'Typed in.' },
    ),
  ],
  'POST /exports/{export}/acknowledge': [
    'needed',
    'none',
    exported(
      'acknowledge',
      pat,
      async () => await driftedProject(api()),
      { part: 1, note: 'Change order 7.' },
      { note: 'Order 7.' },
    ),
  ],
  'PUT /company/people/{person}': [
    'taken',
    'needed',
    setUp(
      () => `/company/people/${fresh('rosa')}`,
      () => ({ name: 'Rosa', email: 'rosa@acme.example', roles: ['viewer'] }),
      name,
    ),
  ],
  'PUT /company/policy': [
    'taken',
    'needed',
    setUp(
      () => '/company/policy',
      () => ({
        steps: [{ name: 'Accounting', approvers: [], accepts: 1 }],
        amount: 'larger',
        separation_of_duties: true,
        expiry: `P${String((made += 1))}W`,
      }),
      { expiry: 'P52W' },
    ),
  ],
  'PUT /company/policy/{project}': [
    'taken',
    'needed',
    async () => {
      const project = await newProject(api())
      return await setUp(
        () => `/company/policy/${project}`,
        () => ({ separation_of_duties: true }),
        { expiry: 'P1W' },
      )()
    },
  ],
  'PUT /company/sage/{sage}': [
    'taken',
    'needed',
    setUp(
      () => `/company/sage/${fresh('west')}`,
      () => ({
        name: 'Acme West',
        folder: fresh('ACME WEST'),
        connector: 'file_drop',
        time_zone: 'America/Denver',
        entry_date_window: { before: 31, after: 31 },
      }),
      name,
    ),
  ],
  'PUT /erp/master_data/{sage}': [
    'none',
    'none',
    async () => await Promise.resolve(json('/erp/master_data/east', agent, masterData(['26-001']), {})),
  ],
  'POST /erp/master_data/{sage}/lists/{list}': [
    'none',
    'none',
    async () =>
      await Promise.resolve(
        sageFile('lists/jobs', 'Job,Description,Closed,Original_Estimate_Finalized\r\n26-240,Dam,No,No\r\n'),
      ),
  ],
  'POST /erp/master_data/{sage}/totals/{job}': [
    'none',
    'none',
    async () =>
      await Promise.resolve(
        sageFile(
          'totals/26-239',
          'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes\r\n26-239,,03-3000,S,1.00,0.00\r\n',
        ),
      ),
  ],
  'PUT /erp/master_data/{sage}/totals/{job}': [
    'none',
    'none',
    async () => {
      const body = { as_of: api().clock.now(), totals: [] }
      return await Promise.resolve(json('/erp/master_data/east/totals/26-240', agent, body, {}))
    },
  ],
}

/** A project that is there already is changed as it was shown. */
const changeOfProject: Row = [
  'taken',
  'needed',
  async () => {
    const project = await newProject(api())
    return await on(project, json(`/projects/${project}`, bob, { name: 'Dam' }, name))
  },
]

test('every route that changes something has its row', () => {
  const changing = apiRoutes(api())
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`)
  expect(Object.keys(rows).toSorted()).toEqual(changing.toSorted())
})

// What mailed pages send repeats what was shown; the board's button makes a link of the poster's own, once more.
test('forms of pages alone change something without a row', () => {
  const forms = deployedRoutes.filter((route) => route.public && !['GET', 'HEAD'].includes(route.method))
  expect(forms.map(({ path }) => path)).toEqual([
    '/review/{reference}',
    '/posting/{reference}',
    '/board/jobs/{project}/posting',
  ])
})

test.each(Object.entries(rows))('%s is described so', (route, [key, match]) => {
  const { key: asked = 'none', match: named = 'none' } = operations[route] ?? {}
  expect([asked, named]).toEqual([key, match])
})

const taken = 'taken'

/** What became of a request: taken, or refused and why. */
const outcome = ({ status, json: { type } }: Came) => (status < 300 ? taken : [status, type])

const keyMissing = [400, problemType('IDEMPOTENCY_KEY_MISSING')]
const revisionMissing = [428, problemType('IF_MATCH_MISSING')]
const overtaken = [412, problemType('CHANGED_MEANWHILE')]
const keyReused = [422, problemType('IDEMPOTENCY_KEY_REUSED')]

describe.each([
  ...Object.entries(rows),
  ['PUT /projects/{project}, of one that is there,', changeOfProject] as const,
])('%s', (deed, [key, match, ask]) => {
  const [method = ''] = deed.split(' ')
  const keeps = key !== 'none'

  // What was refused, or is taken any number of times, is asked again as it stands.
  let standing: Promise<Request> | undefined
  const asked = async (): Promise<Request> => await (standing ??= ask())

  async function send(
    { path, as, call, etag }: Request,
    { key: sent = idempotencyKey(), seen = etag }: { key?: string | null; seen?: string | null } = {},
  ): Promise<Came> {
    const headers = {
      ...call.headers,
      ...(sent !== null && keeps && { 'idempotency-key': sent }),
      ...(seen !== null && seen !== undefined && { 'if-match': seen }),
    }
    const came = await api().call(method, path, { as, ...call, headers })
    if (keeps && outcome(came) === taken) standing = undefined
    return came
  }

  // Where no key is kept or no revision heeded, what is sent again below goes without.
  const others = [
    ...(keeps ? [{ but: 'without a key', key: null, comes: key === 'needed' ? keyMissing : taken }] : []),
    ...(match === 'none'
      ? []
      : [{ but: 'without a revision', seen: null, comes: match === 'needed' ? revisionMissing : taken }]),
    {
      but: 'from another revision',
      seen: '"999999"',
      comes: match === 'none' ? taken : overtaken,
    },
  ]

  test.each(others)('$but comes to $comes', async ({ comes, ...but }) => {
    expect(outcome(await send(await asked(), but))).toEqual(comes)
  })

  test(`sent again is answered ${keeps ? 'as before, and its key is no other’s' : 'anew'}`, async () => {
    const request = await asked()
    const mine = idempotencyKey()
    const first = await send(request, { key: mine })
    const again = await send(request, { key: mine })
    const other = await send({ ...request, call: request.other }, { key: mine })
    expect([first, again, other].map(outcome)).toEqual([taken, taken, keeps ? keyReused : taken])
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([
      first.status,
      keeps ? 'true' : undefined,
    ])
    expect(keeps ? [again.text, again.headers['etag']] : []).toEqual(keeps ? [first.text, undefined] : [])
  })
})

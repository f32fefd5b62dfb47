import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { Role } from '../../../shared/domain/person.ts'
import { cursorOf } from '../../../shared/http/page.ts'
import { problemType, statusOf } from '../../../shared/http/problem.ts'
import { runs } from '../../runs.ts'
import { acme, agent, ann, jobOf, personOf, setUpAcme } from './acme.ts'
import { newBudget, way } from './budget-in-states.ts'
import { type Drawn, type Ids, requestsTo } from './drawn-requests.ts'
import type { SignIn } from './api-event.ts'
import { type Came, rememberingPeople, useLocalApi } from './local-api.ts'

// Whatever is sent to whatever route, the answer is what the description says, or a refusal of ours that says what to do.

// Who is asked for is not looked up again: a request may well have put somebody out of the directory.
const api = useLocalApi(rememberingPeople)

const max: SignIn = { sub: 'sub-max', groups: Role.options.map((role) => `acme:${role}`) }
let ids: Ids = {}

beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putPerson(acme, personOf('max', Role.options), 'system')
  const [drafted, delivered] = [await newBudget(api()), await newBudget(api())]
  const until = way.findIndex(([state]) => state === 'locked exported')
  for (const [, go] of way.slice(0, until + 1)) await go(api(), delivered)
  ids = {
    project: [drafted, delivered],
    export: [`${delivered}-e1`, `${delivered}-e1`, `${drafted}-e1`],
    job: [drafted, delivered].map(jobOf),
    person: ['ann', 'pat', 'eve'],
    sage: ['east', 'east', 'west'],
    list: ['jobs', 'cost_codes', 'categories', 'extras'],
  }
})

let keys = 0
const anyRevision = Array.from({ length: 200 }, (_, revision) => `"${String(revision)}"`).join(', ')

async function ask(method: string, { path, query, headers, text }: Drawn, as: SignIn): Promise<Came> {
  keys += 1
  return await api().call(method, path, {
    as,
    query,
    ...(text !== undefined && { text }),
    headers: { 'idempotency-key': `drawn-${String(keys)}`, 'if-match': anyRevision, ...headers },
  })
}

const codes = new Map<unknown, number>(
  (Object.keys(statusOf) as (keyof typeof statusOf)[]).map((code) => [problemType(code), statusOf[code]]),
)

const kept = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
}

/** Done, or a refusal whose code has the status of the table; and kept by nobody on its way. */
function understood({ status, json, headers }: Came): boolean {
  if (Object.entries(kept).some(([name, value]) => headers[name] !== value)) return false
  if (status < 400) return status >= 200
  return headers['content-type'] === 'application/problem+json' && codes.get(json.type) === status
}

const who = fc.oneof(
  { weight: 12, arbitrary: fc.constant(max) },
  { weight: 1, arbitrary: fc.constantFrom(ann, agent) },
)

interface Asked {
  readonly request: Drawn
  readonly as: SignIn
}

const drawn = (method: string, path: string): readonly Asked[] =>
  fc.sample<Asked>(fc.record({ request: requestsTo(method, path, ids), as: who }), {
    numRuns: runs(8, 400),
    ...(process.env['LONG'] ? {} : { seed: 2_006_031_5 }),
  })

test(
  'every route answers whatever is sent to it with what it describes, or with a refusal of the table',
  async () => {
    const strange: string[] = []
    for (const { method, path } of apiRoutes(api()))
      for (const { request, as } of drawn(method, path)) {
        const came = await ask(method, request, as)
        if (!understood(came))
          strange.push(
            `${method} ${JSON.stringify(request).slice(0, 800)}: ${String(came.status)} ${came.text}`,
          )
      }
    expect(strange).toEqual([])
  },
  runs(60_000, 1_800_000),
)

// Found by the test above, or by its like.
test.each<[string, number, Readonly<Record<string, string>>?]>([
  ['/versions/100000', 404],
  ['/versions/1/diff', 400, { from: '100000' }],
  ['/line_items', 400, { changed_since: '100000' }],
  ['/history', 200, { cursor: cursorOf(999_999_998) }],
  ['/history', 400, { cursor: cursorOf(999_999_999) }],
  ['/history.csv', 400, { cursor: cursorOf({ after: 1e12, given: 0 }) }],
  ['/history/verify', 400, { cursor: cursorOf({ sequence: 1e12, history_hash: '' }) }],
  ['/history/999999999/changes', 404],
])(
  'a number that nothing was ever given is none: %s is answered %i, asked %j',
  async (of, status, query = {}) => {
    const path = `/projects/${ids['project']?.[0] ?? ''}/budget${of}`
    expect((await api().call('GET', path, { as: max, query })).status).toBe(status)
  },
)

// A promise that is refused and that nobody waits for ends a function of Lambda.
test('of a request that is refused for two reasons no second refusal is left behind', async () => {
  const left: unknown[] = []
  const note = (reason: unknown): void => void left.push(reason)
  process.on('unhandledRejection', note)
  const versions = `/projects/${ids['project']?.[0] ?? ''}/budget/versions`
  const came = await api().call('GET', `${versions}/0/diff`, { as: max, query: { from: '99' } })
  // By its answer the read of version 99, which was asked for before, has come back too.
  await api().call('GET', `${versions}/99`, { as: max })
  process.off('unhandledRejection', note)
  expect([came.status, left]).toEqual([404, []])
})

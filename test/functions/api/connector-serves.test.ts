import { beforeAll, expect, test } from 'vitest'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, agent, east, pat, setUpAcme } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { exportedProject, exportingProject, keyOf } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const stranger = { ...agent, sub: 'agent-west' }

/** Names who serves the Sage company East, from now on. */
async function served(connector_subjects: string[]): Promise<void> {
  const sage = await api().companies.sageCompany(acme, east)
  await api().companies.putSageCompany(acme, { ...sage!, connector_subjects }, 'system')
}

/** Everything a connector may do about an export, its files and Sage's lists, each as one call. */
async function calls(project: string, as: typeof agent): Promise<Came[]> {
  const [part] = await api().store.parts(keyOf(project), 1)
  const about = { part: 1, attempt: 1 }
  const of = `/exports/${project}-e1`
  const lines = [{ cost_code: '99-9999', cost_type: 'X' }]
  const as_of = '2026-11-01T00:00:00.000Z'
  const lists = { as_of, jobs: [], cost_codes: [], categories: [], extras: [] }
  return [
    await api().call('POST', `${of}/claim`, { as, body: about }),
    await api().call('POST', `${of}/receipt`, {
      as,
      body: { ...about, sha256: part!.file_sha256, where: 'ACME EAST' },
    }),
    await api().call('POST', `${of}/failure`, { as, body: { ...about, messages: ['The disk is full.'] } }),
    await api().command(`${of}/rejects`, { as, body: { part: 1, lines } }),
    await api().call('GET', of, { as }),
    await api().call('GET', `${of}/parts/1/file`, { as }),
    await api().call('GET', '/erp/master_data/east', { as }),
    await api().call('PUT', '/erp/master_data/east', { as, body: lists }),
    await api().call('PUT', '/erp/master_data/east/totals/24-1007', { as, body: { as_of, totals: [] } }),
    await api().call('GET', '/erp/master_data/east/totals/24-1007', { as }),
  ]
}

/** Of whom it names: a file goes out by its claim alone, and no lines are rejected of one that nobody has. */
const asServed = [200, 202, 202, 409, 200, 409, 200, 200, 200, 200]

const statusesOf = (came: readonly Came[]) => came.map(({ status }) => status)

test('a connector that a Sage company does not name does nothing for it, and the one that it names does', async () => {
  const project = await exportingProject(api())
  await served(['agent-east'])
  const came = await calls(project, stranger)
  expect(statusesOf(came)).toEqual(Array(10).fill(403))
  expect(new Set(came.map(({ json }) => json.type))).toEqual(new Set([problemType('NOT_ALLOWED')]))
  expect(statusesOf(await calls(project, agent))).toEqual(asServed)
})

test('a Sage company that names none is served by every connector of the company', async () => {
  const project = await exportingProject(api())
  await served([])
  expect(statusesOf(await calls(project, stranger))).toEqual(asServed)
})

test('people are not bound to it', async () => {
  const project = await exportedProject(api())
  await served(['agent-east'])
  expect((await api().call('GET', `/exports/${project}-e1/parts/1/file`, { as: pat })).status).toBe(200)
})

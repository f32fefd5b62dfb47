import { afterEach, beforeAll, expect, test } from 'vitest'
import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { acme, ada, newProject, personOf, setUpAcme } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { keyOf, lockedProject, send } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
})

const projects: string[] = []
afterEach(async () => {
  for (const project of projects.splice(0)) await put(project, {})
  await api().companies.putPolicy(acme, defaultPolicy, 'system')
})

const read = async (path: string): Promise<Came> => await api().call('GET', path, { as: ada })

async function save(path: string, body: object): Promise<Came> {
  const { headers } = await read('/company/policy')
  return await api().call('PUT', path, { as: ada, body, headers: { 'if-match': headers['etag'] ?? '' } })
}

async function put(project: string, body: object): Promise<Came> {
  projects.push(project)
  return await save(`/company/policy/${project}`, body)
}

const accounting = (but: object) => ({ steps: [{ name: 'Accounting', ...but }] })

test('a project that narrows nothing has the policy of its company', async () => {
  const came = await read(`/company/policy/${await newProject(api())}`)
  expect(came.json).toEqual({ narrowed: { steps: [] }, policy: (await read('/company/policy')).json })
})

test('a budget is sent under the policy of its project, and another project’s is not', async () => {
  const [narrow, other] = [await lockedProject(api()), await lockedProject(api())]
  expect((await put(narrow, { ...accounting({ approvers: ['amy'] }), expiry: 'P5D' })).status).toBe(200)
  const opened = await Promise.all(
    [narrow, other].map(async (project) => {
      await send(api(), project)
      return await api().store.approval(keyOf(project), { version: 1, send: 1, step: 1 })
    }),
  )
  expect(opened.map((approval) => [approval?.approvers.toSorted(), approval?.until])).toEqual([
    [['amy'], '2026-11-27T19:38:31.000Z'],
    [['amy', 'ann'], '2026-12-22T19:38:31.000Z'],
  ])
})

test('a change of it disturbs nothing that is open', async () => {
  const project = await lockedProject(api())
  await send(api(), project)
  const of = { version: 1, send: 1, step: 1 }
  const before = await api().store.approval(keyOf(project), of)
  await put(project, { ...accounting({ approvers: ['amy'] }), expiry: 'P1D' })
  expect(await api().store.approval(keyOf(project), of)).toEqual(before)
})

test('it is read back as written, and is told in the history of the company', async () => {
  const project = await newProject(api())
  const narrowed = { ...accounting({ accepts: 2 }), separation_of_duties: true }
  await put(project, narrowed)
  const came = await read(`/company/policy/${project}`)
  expect(came.json).toMatchObject({ narrowed, policy: { steps: [{ name: 'Accounting', accepts: 2 }] } })
  const { history } = (await read('/company/history')).json
  expect(history.find(({ event, detail }) => event === 'project_policy_changed' && detail)).toBeDefined()
})

test.each([
  ['nobody knows an approver', accounting({ approvers: ['nobody'] }), '/steps/0/approvers/0'],
  ['it would last longer', { expiry: 'P31D' }, '/expiry'],
  ['the company has no such step', { steps: [{ name: 'Board' }] }, '/steps/0/name'],
  ['separation of duties would be turned off', { separation_of_duties: false }, '/separation_of_duties'],
])('it is refused at its place where %s', async (_, body, pointer) => {
  const came = await put(await newProject(api()), body)
  expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
})

test('the policy of the company is not changed so that a project’s would be wider', async () => {
  const project = await newProject(api())
  await put(project, accounting({ approvers: ['amy'] }))
  const came = await save('/company/policy', accounting({ approvers: ['ann'] }))
  expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/steps'])
  expect(came.text).toContain(project)
  await put(project, {})
  expect((await save('/company/policy', accounting({ approvers: ['ann'] }))).status).toBe(200)
})

test('of a project that is not there, none is shown and none is written', async () => {
  expect((await read('/company/policy/nowhere')).status).toBe(404)
  expect((await save('/company/policy/nowhere', {})).status).toBe(404)
})

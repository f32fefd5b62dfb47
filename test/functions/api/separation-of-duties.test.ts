import { beforeAll, expect, test } from 'vitest'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, pat, personOf, setUpAcme } from './acme.ts'
import type { SignIn } from './api-event.ts'
import { type Came, useMemoryApi } from './local-api.ts'
import {
  acceptIt,
  decideChange,
  deliver,
  keyOf,
  lockedProject,
  makeChange,
  send,
  shownOf,
  step,
  syncedProject,
} from './workflow-by-hand.ts'

const api = useMemoryApi()

/** Manages projects and approves: she may do both, and not over the same change. */
const dana: SignIn = {
  sub: 'sub-dana',
  groups: ['acme:project_manager', 'acme:accounting_approver'],
}

beforeAll(async () => {
  await setUpAcme(api())
  const both = personOf('dana', ['project_manager', 'accounting_approver'])
  await api().companies.putPerson(acme, both, 'system')
})

async function settle(project: string): Promise<void> {
  await deliver(api(), project)
  await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } })
  await step(api(), project, 'closeCycle')
}

const approve = async (project: string, number: number): Promise<Came> =>
  await decideChange(api(), project, 'approve', number)

async function danaAccepts(project: string): Promise<(number | string)[]> {
  const body = { choice: 'accept', ...(await shownOf(api(), project)) }
  const came = await api().command(`/erp/budgets/${project}/decision`, { as: dana, body })
  return [came.status, came.json.type]
}

const notEligible = [403, problemType('NOT_ELIGIBLE')]

test('who made a draft after the send may not accept it, once that send is settled', async () => {
  const project = await lockedProject(api())
  await send(api(), project)
  await acceptIt(api(), project)
  const draft = await makeChange(api(), project, undefined, dana)
  await settle(project)
  await approve(project, draft)
  await send(api(), project)
  expect(await danaAccepts(project)).toEqual(notEligible)
})

test('an editor who edits again after the send stays one', async () => {
  const project = await lockedProject(api())
  await makeChange(api(), project, undefined, dana)
  await send(api(), project)
  await acceptIt(api(), project)
  const second = await makeChange(api(), project, undefined, dana)
  await settle(project)
  await approve(project, second)
  await send(api(), project)
  expect(await danaAccepts(project)).toEqual(notEligible)
})

test('who changed nothing since the budget was settled may accept again', async () => {
  const project = await lockedProject(api())
  await makeChange(api(), project, undefined, dana)
  await send(api(), project)
  await acceptIt(api(), project)
  await settle(project)
  await approve(project, await makeChange(api(), project))
  await send(api(), project)
  expect((await danaAccepts(project))[0]).toBe(202)
})

test('the author of a draft that is approved after the settlement may not accept it', async () => {
  const project = await lockedProject(api())
  const draft = await makeChange(api(), project, undefined, dana)
  await send(api(), project)
  await acceptIt(api(), project)
  await settle(project)
  await approve(project, draft)
  await send(api(), project)
  expect(await danaAccepts(project)).toEqual(notEligible)
})

test('a settled budget has no editors', async () => {
  const project = await syncedProject(api())
  expect(await api().store.editors(keyOf(project))).toEqual([])
})

import { beforeAll, beforeEach, expect, test } from 'vitest'
import { tellOfNobodyLeft } from '../../../shared/approving/nobody-left.ts'
import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { Day, PersonId } from '../../../shared/domain/ids.ts'
import type { Person } from '../../../shared/domain/person.ts'
import { acme, ada, mia, personOf, setUpAcme } from './acme.ts'
import { type LocalApi, useMemoryApi } from './local-api.ts'
import {
  acceptIt,
  keyOf,
  lockedProject,
  retrievedProject,
  send,
  sentProject,
  step,
} from './workflow-by-hand.ts'

const api = useMemoryApi()
beforeAll(async () => {
  await setUpAcme(api())
})
beforeEach(async () => {
  await put()
})

/** Ann, the only approver, as the company admin writes her. */
async function put(but: Partial<Person> | { limit: string } = {}, name = 'ann'): Promise<void> {
  const { id: _, ...ann } = personOf(name, ['accounting_approver'])
  const revision = await api().companies.revision(acme)
  const came = await api().call('PUT', `/company/people/${name}`, {
    as: ada,
    body: { ...ann, ...but },
    headers: { 'if-match': `"${String(revision)}"` },
  })
  if (came.status !== 200) throw new Error(came.text)
}

const toldOf = async (project: string): Promise<string[]> =>
  (await api().mails(project)).filter((mail) => mail.startsWith('nobody_can_accept')).toSorted()
const everyone = ['nobody_can_accept to ada', 'nobody_can_accept to mia']

test.each<[string, Parameters<typeof put>[0]]>([
  ['is deactivated', { active: false }],
  ['loses the role', { roles: ['viewer'] }],
  ['gets a limit below the amount', { limit: '100.00' }],
])('sender and company admin are told when the only approver %s', async (_, but) => {
  const project = await sentProject(api())
  await put(but)
  expect(await toldOf(project)).toEqual(everyone)
  const rows = await api().store.history(keyOf(project), { limit: 100 })
  expect(rows.at(-1)).toMatchObject({ event: 'nobody_can_accept', by: 'system', detail: { step: 1 } })
})

const eventsOf = async (project: string): Promise<string[]> =>
  (await api().store.history(keyOf(project), { limit: 100 }))
    .map(({ event }) => event)
    .filter((event) => event === 'nobody_can_accept' || event === 'can_be_accepted_again')

test('they are told once, and again when somebody could and then can no longer', async () => {
  const project = await sentProject(api())
  await put({ active: false })
  await put({ active: false, name: 'Anna' })
  expect([await toldOf(project), await eventsOf(project)]).toEqual([everyone, ['nobody_can_accept']])
  await put()
  await put({ active: false })
  expect(await toldOf(project)).toEqual([...everyone, ...everyone].toSorted())
  expect(await eventsOf(project)).toEqual(['nobody_can_accept', 'can_be_accepted_again', 'nobody_can_accept'])
})

test('they are told once by two who look at the same time', async () => {
  const project = await sentProject(api())
  await api().companies.putPerson(acme, { ...personOf('ann'), active: false }, 'system')
  await Promise.all([tellOfNobodyLeft(api(), acme), tellOfNobodyLeft(api(), acme)])
  expect([await toldOf(project), await eventsOf(project)]).toEqual([everyone, ['nobody_can_accept']])
})

test('they are told nothing of a budget that is taken back while it is looked at', async () => {
  const project = await sentProject(api())
  await api().companies.putPerson(acme, { ...personOf('ann'), active: false }, 'system')
  const { store } = api()
  const decide: typeof store.decide = async (key, ...how) => {
    if (key.project === project) {
      await api().command(`/projects/${project}/budget/retrieve`, { as: mia })
      await step(api(), project, 'retrieveBudget')
    }
    return await store.decide(key, ...how)
  }
  await tellOfNobodyLeft({ ...api(), store: { ...store, decide } }, acme)
  expect(await toldOf(project)).toEqual([])
})

test('they are told nothing while somebody else can accept', async () => {
  const project = await sentProject(api())
  await put({}, 'amy')
  await put({ active: false })
  expect(await toldOf(project)).toEqual([])
  await put({ active: false }, 'amy')
  expect(await toldOf(project)).toEqual(everyone)
})

test('of a budget that nobody waits for they are told nothing', async () => {
  const retrieved = await retrievedProject(api())
  const accepted = await sentProject(api())
  await acceptIt(api(), accepted)
  await put({ active: false })
  expect([await toldOf(retrieved), await toldOf(accepted)]).toEqual([[], []])
})

test('of a budget whose time is over they are told nothing', async () => {
  const project = await sentProject(api())
  const now = api().clock.now()
  api().clock.set('2026-12-22T19:38:31.000Z')
  await put({ active: false })
  api().clock.set(now)
  expect(await toldOf(project)).toEqual([])
})

test('every budget that waits is looked at, however many pages of them there are', async () => {
  const projects = [await sentProject(api()), await sentProject(api()), await sentProject(api())]
  await api().companies.putPerson(acme, { ...personOf('ann'), active: false }, 'system')
  const onePage: LocalApi = {
    ...api(),
    store: {
      ...api().store,
      heads: async (company, page) => await api().store.heads(company, { ...page, limit: 1 }),
    },
  }
  await tellOfNobodyLeft(onePage, acme)
  for (const project of projects) expect(await toldOf(project)).toEqual(everyone)
})

test('they are told when a delegation has ended without which too few are left', async () => {
  const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
  await api().companies.putPolicy(acme, { ...defaultPolicy, steps }, 'system')
  const [from, until] = [Day.parse('2026-11-01'), Day.parse('2026-11-30')]
  await put({ delegate: { person: PersonId.parse('vera'), from, until } })
  const project = await lockedProject(api())
  await send(api(), project)
  await tellOfNobodyLeft(api(), acme)
  expect(await toldOf(project)).toEqual([])
  api().clock.set('2026-12-01T12:00:00.000Z')
  await tellOfNobodyLeft(api(), acme)
  expect(await toldOf(project)).toEqual(everyone)
})

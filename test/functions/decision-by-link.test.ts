import { expect, test, vi } from 'vitest'
import { decideApproval, type DecisionWanted as Deciding } from '../../shared/approving/decide-approval.ts'
import { Day, PersonId, ProjectId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { clinicOn } from '../statemachines/cycle/carried.ts'
import { approval, approver, command, key, sageId } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()
const dora = PersonId.parse('dora')

async function sent(): Promise<CycleMachine> {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  await command(machine, 'send')
  return machine
}

/** Anna hands her decisions to Dora, who is no approver herself; after the mail went out. */
async function delegatedToDora({ companies }: CycleMachine): Promise<void> {
  const anna = (await companies.person(key.company, approver))!
  const helper: Person = { ...anna, id: dora, name: 'Dora', subjects: ['sub-dora'], roles: ['viewer'] }
  const dates = { from: Day.parse('2000-01-01'), until: Day.parse('2999-12-31') }
  await companies.putPerson(key.company, helper, 'system')
  await companies.putPerson(key.company, { ...anna, delegate: { person: dora, ...dates } }, 'system')
}

async function decideAs(machine: CycleMachine, person: PersonId, near?: { delegators: PersonId[] }) {
  const { version, send, step } = await approval(machine)
  return await decideApproval(
    machine,
    {},
    {
      key,
      of: { version, send, step },
      person,
      choice: { choice: 'reject', reason: 'Concrete is too low', by: 'link' },
      ...(near && { near: { sage_company: sageId, ...near } }),
    },
  )
}

test('an approver decides with one read and one transaction', async () => {
  const machine = await sent()
  const open = await approval(machine)
  using calls = vi.spyOn(database().document, 'send')
  await decideApproval(
    machine,
    {},
    {
      key,
      of: open,
      person: approver,
      choice: { choice: 'reject', reason: 'Concrete is too low', by: 'link' },
      near: { sage_company: sageId, delegators: [] },
    },
  )
  expect(calls).toHaveBeenCalledTimes(2)
})

test('a delegate whom the link names as one decides', async () => {
  const machine = await sent()
  await delegatedToDora(machine)
  expect(await decideAs(machine, dora, { delegators: [approver] })).toMatchObject({ outcome: 'rejected' })
})

test('a decision is that of whose link it is, in whatever order people are read', async () => {
  const machine = await sent()
  await delegatedToDora(machine)
  const decisionRows: typeof machine.store.decisionRows = async (...asked) => {
    const rows = await machine.store.decisionRows(...asked)
    return { ...rows, people: rows.people.toReversed() }
  }
  const reversed = { ...machine, store: { ...machine.store, decisionRows } }
  const answer = await decideAs(reversed, dora, { delegators: [approver] })
  expect(answer.decision).toMatchObject({ person: dora })
})

test('an approver who is down as his own delegate decides', async () => {
  const machine = await sent()
  const anna = (await machine.companies.person(key.company, approver))!
  const delegate = { person: approver, from: Day.parse('2000-01-01'), until: Day.parse('2999-12-31') }
  await machine.companies.putPerson(key.company, { ...anna, delegate }, 'system')
  expect(await decideAs(machine, approver, { delegators: [approver] })).toMatchObject({ outcome: 'rejected' })
})

test('somebody who became a delegate after the mail decides too', async () => {
  const machine = await sent()
  await delegatedToDora(machine)
  expect(await decideAs(machine, dora, { delegators: [] })).toMatchObject({ outcome: 'rejected' })
})

test('a delegate whom the link names, and who is none any more, decides nothing', async () => {
  const machine = await sent()
  await delegatedToDora(machine)
  const anna = (await machine.companies.person(key.company, approver))!
  const { delegate: _, ...alone } = anna
  await machine.companies.putPerson(key.company, alone, 'system')
  await expect(decideAs(machine, dora, { delegators: [approver] })).rejects.toMatchObject({
    refusal: { code: 'NOT_ELIGIBLE' },
  })
})

test('a link that names another Sage company than the project has decides all the same', async () => {
  const machine = await sent()
  const { version, send, step } = await approval(machine)
  const near = { sage_company: 'nw-other' as typeof sageId, delegators: [] }
  const choice = { choice: 'reject' as const, reason: 'Concrete is too low', by: 'link' as const }
  const answer = await decideApproval(
    machine,
    {},
    { key, of: { version, send, step }, person: approver, choice, near },
  )
  expect(answer).toMatchObject({ outcome: 'rejected' })
})

test.each<[string, (of: Deciding) => Deciding]>([
  ['by somebody who is not in the directory', (of) => ({ ...of, person: dora })],
  ['of a project that is not there', (of) => ({ ...of, key: { ...key, project: ProjectId.parse('other') } })],
  ['of a send that is not there', (of) => ({ ...of, of: { ...of.of, send: 9 } })],
  ['of a version that is not there', (of) => ({ ...of, of: { ...of.of, version: 9 } })],
])('nothing is decided %s', async (_, but) => {
  const machine = await sent()
  const { version, send, step } = await approval(machine)
  const choice = { choice: 'reject', reason: 'Concrete is too low', by: 'link' } as const
  const wanted = but({ key, of: { version, send, step }, person: approver, choice })
  await expect(decideApproval(machine, {}, wanted)).rejects.toMatchObject({ refusal: { code: 'NOT_FOUND' } })
})

test.each<[string, PersonId, Partial<Person>]>([
  ['an approver leaves', approver, { active: false }],
  ['a delegation is taken back', dora, { delegate: undefined }],
])('nothing is decided where %s at the same moment', async (_, person, but) => {
  const machine = await sent()
  await delegatedToDora(machine)
  const anna = (await machine.companies.person(key.company, approver))!
  const decisionRows: typeof machine.store.decisionRows = async (...asked) => {
    const rows = await machine.store.decisionRows(...asked)
    await machine.companies.putPerson(key.company, { ...anna, ...but }, 'system')
    return rows
  }
  const meanwhile = { ...machine, store: { ...machine.store, decisionRows } }
  await expect(
    decideAs(meanwhile, person, { delegators: person === dora ? [approver] : [] }),
  ).rejects.toMatchObject({
    refusal: { code: 'NOT_ELIGIBLE' },
  })
})

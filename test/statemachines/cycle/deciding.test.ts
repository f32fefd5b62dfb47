import { expect, test } from 'vitest'
import { closeOrContinue } from '../../../functions/cycle/close-or-continue.ts'
import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import type { Tables } from '../../store/memory-database.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { nextTask } from './altered.ts'
import { clinicOn, sentOn } from './carried.ts'
import {
  accept,
  approval,
  approver,
  clinic,
  command,
  head,
  key,
  lastEvent,
  manager,
  reject,
} from './clinic.ts'
import { days, second } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { secondApprover, twoSteps } from './scenarios.ts'

const database = useMemoryDatabase()

async function sentInTwoSteps(machine: CycleMachine): Promise<void> {
  await clinic(machine)
  await twoSteps(machine)
  await command(machine, 'lock')
  await command(machine, 'send')
}

async function decidedUntold(tables: Tables): Promise<CycleMachine> {
  const machine = await sentOn(tables)
  await reject({ ...machine, settle: async () => {} })
  return machine
}

test('a rejected budget is unlocked, with the reason in its history, and the sender is told', async () => {
  const machine = await sentOn(database())
  const { execution = '' } = await head(machine)
  await reject(machine)
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  expect(machine.states(execution).at(-1)).toBe('Rejected')
  const rows = await machine.store.history(key, { limit: 1000 })
  expect(rows.at(-1)).toMatchObject({ event: 'rejected', detail: { reason: 'Concrete is too low' } })
  expect(machine.mails.at(-1)).toMatchObject({ mail: 'rejected', to: manager })
  await holds(machine)
})

test('who rejects is recorded, and not who accepted before', async () => {
  const machine = await clinicOn(database())
  await twoSteps(machine)
  const steps = [{ name: 'Accounting', approvers: [approver, secondApprover], accepts: 2 }]
  await machine.companies.putPolicy(key.company, { ...defaultPolicy, steps }, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await reject(machine, 'Too low', secondApprover)
  expect(await lastEvent(machine)).toMatchObject({
    event: 'rejected',
    by: secondApprover,
    detail: { reason: 'Too low' },
  })
})

test.each([
  ['until the next stage while nothing is decided', sentOn, 30],
  ['for a day where a decision is stored and not handed over yet', decidedUntold, 1],
])('a step of the clock that comes early waits %s', async (_, way, wait) => {
  const machine = await way(database())
  const { outcome, until } = await closeOrContinue(machine, await nextTask(machine))
  expect([outcome, Date.parse(until ?? '') - machine.time.now()]).toEqual(['waiting', days(wait)])
})

test('the sender is told that the budget was accepted', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  expect(machine.mails.filter(({ mail }) => mail === 'accepted')).toMatchObject([{ to: manager }])
  await holds(machine)
})

test('a budget that nobody decides expires after thirty days, locked, and never counts as rejected', async () => {
  const machine = await sentOn(database())
  await machine.pass(days(30) - second)
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  await machine.pass(2 * second)
  const { execution = '', erp, edit } = await head(machine)
  expect([erp, edit]).toEqual(['expired', 'locked'])
  expect(machine.standsIn(execution)).toBe('Wait to be sent')
  expect(machine.mails.map(({ mail }) => mail)).toEqual(['ready_for_review', 'expired'])
  await holds(machine)
})

test('a decision one second before the end is kept', async () => {
  const machine = await sentOn(database())
  await machine.pass(days(30) - second)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  await holds(machine)
})

test('a decision one second after the end decides nothing', async () => {
  const machine = await sentOn(database())
  await machine.time.advance(days(30) + second)
  await accept(machine)
  expect(await approval(machine)).toMatchObject({ outcome: 'expired', decisions: [] })
  await holds(machine)
})

test('a decision that is stored and not yet told wins over a clock that has run out', async () => {
  const machine = await sentOn(database())
  await machine.pass(days(30) - second)
  // The relay is held up: time runs out before it delivers.
  await reject({ ...machine, settle: async () => await machine.time.advance(2 * second) })
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'rejected' })
  await holds(machine)
})

test('an accept of the first of two steps opens the second and mails its approver', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'sent', approval_step: 2 })
  expect(await approval(machine)).toMatchObject({ step: 2, approvers: [secondApprover], decisions: [] })
  const asked = machine.mails.filter(({ mail }) => mail === 'ready_for_review')
  expect(asked.map(({ to, approval: of }) => [to, of])).toEqual([
    [approver, { version: 1, send: 1, step: 1 }],
    [secondApprover, { version: 1, send: 1, step: 2 }],
  ])
  await holds(machine)
})

test('the accept of the last step exports the budget', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  await accept(machine)
  await accept(machine, secondApprover)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', export: 1 })
  await holds(machine)
})

test('a reject in the second step unlocks the budget', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  await accept(machine)
  await reject(machine, 'Too low', secondApprover)
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  await holds(machine)
})

test('a policy that changes while the first step is open leaves the second step its time', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  const policy = await machine.companies.policy(key.company)
  await machine.companies.putPolicy(key.company, { ...policy, expiry: 'P1D' }, 'system')
  await accept(machine)
  const { opened_at, until } = await approval(machine)
  expect(Date.parse(until) - Date.parse(opened_at)).toBe(days(30))
  await holds(machine)
})

test('a step that opens when its approver has left tells the sender and the company admin', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  const { companies } = machine
  const admin = {
    id: PersonId.parse('ada'),
    name: 'Ada',
    email: 'ada@example.com',
    subjects: [],
    active: true,
  }
  await companies.putPerson(key.company, { ...admin, roles: ['company_admin'] }, 'system')
  const bert = await companies.person(key.company, secondApprover)
  await companies.putPerson(key.company, { ...bert!, active: false }, 'system')
  await accept(machine)
  const told = machine.mails.filter(({ mail }) => mail === 'nobody_can_accept')
  expect(told.map(({ to }) => to).toSorted()).toEqual(['ada', manager])
  expect(await head(machine)).toMatchObject({ erp: 'sent', approval_step: 2 })
  await holds(machine)
})

test('a step that somebody can accept tells nobody so', async () => {
  const machine = await cycleMachine(database())
  await sentInTwoSteps(machine)
  await accept(machine)
  expect(machine.mails.filter(({ mail }) => mail === 'nobody_can_accept')).toEqual([])
})

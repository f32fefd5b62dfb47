import { expect, test } from 'vitest'
import { defaultPolicy, type PolicyStep } from '../../../shared/domain/approval.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { altered } from './altered.ts'
import { clinicOn } from './carried.ts'
import { accept, approval, approver, clinic, command, head, key, manager, reject } from './clinic.ts'
import { days, second } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { secondApprover, twoSteps } from './scenarios.ts'

const database = useMemoryDatabase()
const fallback = PersonId.parse('cara')

const timing = {
  reminder: { after: 'P3D', every: 'P4D' },
  escalation: { after: 'P10D', to: fallback },
  expiry: 'P14D',
} satisfies Partial<PolicyStep>

/** A budget at an approver of its own, with Cara to fall back on, who approves nothing else. */
async function sentInStages(machine: CycleMachine, stages: Partial<PolicyStep> = timing): Promise<void> {
  await clinic(machine)
  await addCara(machine)
  await policy(machine, { name: 'Accounting', approvers: [approver], accepts: 1, ...stages })
  await command(machine, 'lock')
  await command(machine, 'send')
}

const addCara = async ({ companies }: CycleMachine): Promise<unknown> =>
  await companies.putPerson(
    key.company,
    {
      id: fallback,
      name: 'Cara',
      email: 'cara@example.com',
      subjects: [],
      roles: ['accounting_approver'],
      active: true,
    },
    'system',
  )

const policy = async ({ companies }: CycleMachine, ...steps: PolicyStep[]): Promise<unknown> =>
  await companies.putPolicy(key.company, { ...defaultPolicy, steps }, 'system')

const mailed = ({ mails }: CycleMachine): string[] => mails.map(({ mail, to }) => `${mail} ${to}`)

test('who has not decided is reminded, then the fallback approver is asked, then the budget expires', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await machine.pass(days(14) - second)
  expect(mailed(machine)).toEqual([
    'ready_for_review anna',
    'reminder anna',
    'reminder anna',
    'escalation cara',
    // Day 11: Cara may decide since day 10.
    'reminder anna',
    'reminder cara',
  ])
  await machine.pass(2 * second)
  expect(await head(machine)).toMatchObject({ erp: 'expired', edit: 'locked' })
  const rows = await machine.store.history(key, { limit: 1000 })
  const told = rows.filter(({ event }) => ['reminded', 'escalated', 'expired'].includes(event))
  expect(told.map(({ event, at }) => [event, at.slice(0, 10)])).toEqual([
    ['reminded', '2026-01-08'],
    ['reminded', '2026-01-12'],
    ['escalated', '2026-01-15'],
    ['reminded', '2026-01-16'],
    ['expired', '2026-01-19'],
  ])
  await holds(machine)
})

test('the fallback approver may accept once it was escalated, and not before', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  const before = await accept(machine, fallback).catch((error: unknown) => error)
  expect(before).toMatchObject({ refusal: { code: 'NOT_ELIGIBLE' } })
  await machine.pass(days(10) + second)
  await accept(machine, fallback)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  await holds(machine)
})

test('the approvers of the step may still accept after it was escalated', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await machine.pass(days(10) + second)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
})

test('a fallback approver who sent the budget may not accept it', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine, { escalation: { after: 'P2D', to: manager } })
  const paula = await machine.companies.person(key.company, manager)
  const roles = ['project_manager' as const, 'accounting_approver' as const]
  await machine.companies.putPerson(key.company, { ...paula!, roles }, 'system')
  await machine.pass(days(2) + second)
  const came = await accept(machine, manager).catch((error: unknown) => error)
  expect(came).toMatchObject({ refusal: { code: 'NOT_ELIGIBLE' } })
})

test('an escalation adds the fallback approver to the approvers of its step, and to no other step', async () => {
  const machine = await clinicOn(database())
  await twoSteps(machine)
  await addCara(machine)
  await policy(
    machine,
    { name: 'First', approvers: [approver], accepts: 1, escalation: { after: 'P2D', to: fallback } },
    { name: 'Second', approvers: [secondApprover], accepts: 1 },
  )
  await command(machine, 'lock')
  await command(machine, 'send')
  await machine.pass(days(2) + second)
  const { steps } = await approval(machine)
  expect(steps.map(({ approvers }) => approvers)).toEqual([[approver, fallback], [secondApprover]])
  const came = await accept(machine, secondApprover).catch((error: unknown) => error)
  expect(came).toMatchObject({ refusal: { code: 'NOT_ELIGIBLE' } })
})

test('a step for everyone with the role stays one for everyone', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine, { ...timing, approvers: [] })
  await machine.pass(days(10) + second)
  expect((await approval(machine)).steps[0]?.approvers).toEqual([])
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
})

test('after a reject nobody is reminded', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await machine.pass(days(4))
  await reject(machine)
  await machine.pass(days(20))
  expect(mailed(machine)).toEqual(['ready_for_review anna', 'reminder anna', 'rejected paula'])
})

test('after a retrieve nobody is reminded', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await command(machine, 'retrieve')
  await machine.pass(days(20))
  expect(mailed(machine)).toEqual(['ready_for_review anna', 'retrieved paula'])
})

test('who has accepted is not reminded while another has to', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine, { ...timing, approvers: [approver, fallback], accepts: 2 })
  await accept(machine)
  await machine.pass(days(4))
  expect(mailed(machine).filter((mail) => mail.startsWith('reminder'))).toEqual(['reminder cara'])
})

test('a policy that changes while a step is open changes none of its stages', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await policy(machine, { name: 'Accounting', approvers: [], accepts: 1, expiry: 'P1D' })
  await machine.pass(days(13))
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  expect(mailed(machine)).toContain('escalation cara')
  await machine.pass(days(2))
  expect(await head(machine)).toMatchObject({ erp: 'expired' })
})

test('each step has the stages of its own', async () => {
  const machine = await clinicOn(database())
  await twoSteps(machine)
  await policy(
    machine,
    { name: 'First', approvers: [approver], accepts: 1, expiry: 'P5D' },
    { name: 'Second', approvers: [secondApprover], accepts: 1, reminder: { after: 'P6D' }, expiry: 'P20D' },
  )
  await command(machine, 'lock')
  await command(machine, 'send')
  await machine.pass(days(4))
  await accept(machine)
  const { opened_at, until } = await approval(machine)
  expect(Date.parse(until) - Date.parse(opened_at)).toBe(days(20))
  await machine.pass(days(19))
  expect(mailed(machine).filter((mail) => mail.startsWith('reminder'))).toEqual(['reminder bert'])
  await machine.pass(days(2))
  expect(await head(machine)).toMatchObject({ erp: 'expired' })
})

test('a decision that is stored and not yet told wins over a reminder that is due', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  await machine.pass(days(3) - second)
  await reject({ ...machine, settle: async () => await machine.time.advance(2 * second) })
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'rejected' })
  expect(mailed(machine)).not.toContain('reminder anna')
})

test('a reminder whose step is repeated is one mail', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine)
  machine.breakOnce('CloseOrContinueFunction', 'Lambda.Unknown', 'after')
  await machine.pass(days(4))
  expect(mailed(machine).filter((mail) => mail === 'reminder anna')).toHaveLength(1)
})

test('reminders go on in the run after day 300', async () => {
  const machine = await cycleMachine(database())
  await sentInStages(machine, { reminder: { after: 'P100D', every: 'P100D' }, expiry: 'P400D' })
  await machine.pass(days(350))
  expect(await head(machine)).toMatchObject({ erp: 'sent', run: 2 })
  const reminded = machine.mails.filter(({ mail }) => mail === 'reminder')
  expect(reminded.map(({ id }) => id)).toEqual([1, 2, 3].map((n) => `reminder/v1-s1-1-${String(n)}/anna`))
  await holds(machine)
})

test('an approval that an earlier release stored goes on to its second step and its end', async () => {
  const machine = await clinicOn(database())
  await twoSteps(machine)
  await command(machine, 'lock')
  await command(machine, 'send')
  const { expiry: _, ...old } = await approval(machine)
  await altered(machine, {}, { approvals: [old] })
  await accept(machine)
  const { step, opened_at, until } = await approval(machine)
  expect([step, Date.parse(until) - Date.parse(opened_at)]).toEqual([2, days(30)])
})

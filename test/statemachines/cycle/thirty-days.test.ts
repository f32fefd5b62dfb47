import { expect, test } from 'vitest'
import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { dayIn } from '../../../shared/domain/entry-date.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { useLocalDatabase } from '../../store/use-local.ts'
import { approver, clinic, command, head, key } from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'

const database = useLocalDatabase()

// The Sage company is in Los Angeles, where clocks go forward on 8 March 2026 and back on 1 November 2026.
const zone = 'America/Los_Angeles'
const hour = 3_600_000
const fallback = PersonId.parse('cara')

/** A budget that is sent at this time, under a policy with every stage. */
async function sentAt(machine: CycleMachine, at: string): Promise<void> {
  await machine.time.advanceTo(Date.parse(at))
  await clinic(machine)
  const cara = { id: fallback, name: 'Cara', email: 'cara@example.com', subjects: [], active: true }
  await machine.companies.putPerson(key.company, { ...cara, roles: ['accounting_approver'] }, 'system')
  const step = {
    name: 'Accounting',
    approvers: [approver],
    accepts: 1,
    reminder: { after: 'P7D', every: 'P7D' },
    escalation: { after: 'P20D', to: fallback },
  }
  await machine.companies.putPolicy(key.company, { ...defaultPolicy, steps: [step] }, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
}

/** Lets so many days pass by the hour; what was mailed, by the day on which it was in Los Angeles. */
async function mailedIn(machine: CycleMachine, count: number): Promise<string[]> {
  const told: string[] = []
  for (let passed = 0; passed < days(count); passed += hour) {
    const before = machine.mails.length
    await machine.pass(hour)
    const day = dayIn(zone, machine.clock.now()).slice(5)
    told.push(...machine.mails.slice(before).map(({ mail, to }) => `${day} ${mail} ${to}`))
  }
  return told
}

test.each([
  ['forward', '2026-03-02T18:00:00.000Z', ['03-09', '03-16', '03-22', '03-23', '03-30', '04-01']],
  ['back', '2026-10-20T17:00:00.000Z', ['10-27', '11-03', '11-09', '11-10', '11-17', '11-19']],
])('over thirty days in which clocks go %s, every stage comes once, on its day', async (_, at, on) => {
  const machine = await cycleMachine(database())
  await sentAt(machine, at)
  expect(machine.mails.map(({ mail }) => mail)).toEqual(['ready_for_review'])
  const [first = '', second = '', third = '', fourth = '', fifth = '', last = ''] = on
  expect(await mailedIn(machine, 31)).toEqual([
    `${first} reminder anna`,
    `${second} reminder anna`,
    `${third} escalation cara`,
    `${fourth} reminder anna`,
    `${fourth} reminder cara`,
    `${fifth} reminder anna`,
    `${fifth} reminder cara`,
    `${last} expired paula`,
  ])
  expect(new Set(machine.mails.map(({ id }) => id)).size).toBe(machine.mails.length)
  expect(await head(machine)).toMatchObject({ erp: 'expired', edit: 'locked' })
  await holds(machine)
})

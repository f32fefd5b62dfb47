import { expect, test } from 'vitest'
import { dailySummary } from '../../../functions/schedule/daily-summary.ts'
import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { dayIn } from '../../../shared/domain/entry-date.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { approver, clinic, command, head, key } from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { summaryOf } from './summary.ts'

const database = useMemoryDatabase()

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

const hours = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
const localHour = (time: number): string => `${hours.format(time)}h`

/** `03-08 07h` in Los Angeles. */
const localTime = ({ clock, time }: CycleMachine): string =>
  `${dayIn(zone, clock.now()).slice(5)} ${localHour(time.now())}`

// Before the summary's hour, in it, and twice after it: other looks of the day find as little.
const looks: ReadonlySet<string> = new Set(['06h', '07h', '08h', '20h'])
/** The looks, and the hours in which a stage comes: between others nothing but time passes. */
const stops: ReadonlySet<string> = new Set([...looks, '09h', '10h', '11h', '12h'])

/** Lets so many days pass, and looks what there is to sum up; what was mailed when, in Los Angeles. */
async function mailedIn(machine: CycleMachine, count: number): Promise<string[]> {
  const told: string[] = []
  const summary = summaryOf(machine, database().document)
  for (const end = machine.time.now() + days(count); machine.time.now() < end;) {
    const before = machine.mails.length
    let ahead = hour
    while (!stops.has(localHour(machine.time.now() + ahead))) ahead += hour
    await machine.pass(ahead)
    if (looks.has(localHour(machine.time.now()))) {
      await dailySummary(summary)
      await machine.settle()
    }
    told.push(...machine.mails.slice(before).map(({ mail, to }) => `${localTime(machine)} ${mail} ${to}`))
  }
  return told
}

const isSummary = (told: string): boolean => told.includes('daily_summary')

/** Every day from one on, by month and day. */
const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(Date.parse(first) + days(i)).toISOString().slice(5, 10))

test.each([
  {
    clocks: 'forward',
    at: '2026-03-02T18:00:00.000Z',
    // Sent at ten in the morning; a day of the policy is 24 hours, and ends at eleven once the clocks went forward.
    stages: ['03-09 11h', '03-16 11h', '03-22 11h', '03-23 11h', '03-30 11h', '04-01 11h'],
    summaries: daysFrom('2026-03-03', 30),
    escalated: '03-22',
  },
  {
    clocks: 'back',
    at: '2026-10-20T17:00:00.000Z',
    stages: ['10-27 10h', '11-03 09h', '11-09 09h', '11-10 09h', '11-17 09h', '11-19 09h'],
    summaries: daysFrom('2026-10-21', 30),
    escalated: '11-09',
  },
])(
  'over thirty days in which clocks go $clocks every stage comes once, on its day, and the summary daily at seven',
  async ({ at, stages, summaries, escalated }) => {
    const machine = await cycleMachine(database())
    await sentAt(machine, at)
    expect(machine.mails.map(({ mail }) => mail)).toEqual(['ready_for_review'])
    const told = await mailedIn(machine, 31)
    const [first = '', second = '', third = '', fourth = '', fifth = '', last = ''] = stages
    expect(told.filter((each) => !isSummary(each))).toEqual([
      `${first} reminder anna`,
      `${second} reminder anna`,
      `${third} escalation cara`,
      `${fourth} reminder anna`,
      `${fourth} reminder cara`,
      `${fifth} reminder anna`,
      `${fifth} reminder cara`,
      `${last} expired paula`,
    ])
    expect(told.filter(isSummary)).toEqual(
      summaries.flatMap((day) => [
        `${day} 07h daily_summary anna`,
        ...(day > escalated ? [`${day} 07h daily_summary cara`] : []),
      ]),
    )
    expect(new Set(machine.mails.map(({ id }) => id)).size).toBe(machine.mails.length)
    expect(await head(machine)).toMatchObject({ erp: 'expired', edit: 'locked' })
    await holds(machine)
  },
  60_000,
)

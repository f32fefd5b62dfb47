import { expect, test } from 'vitest'
import { lockBudget } from '../../../functions/cycle/lock-budget.ts'
import { retrieveBudget } from '../../../functions/cycle/retrieve-budget.ts'
import { unlockBudget } from '../../../functions/cycle/unlock-budget.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { altered, nextTask } from './altered.ts'
import { clinicOn, exportedOn, sentOn } from './carried.ts'
import {
  accept,
  amounts,
  approval,
  approver,
  change,
  changedLines,
  clinic,
  clinicLines,
  command,
  exporting,
  head,
  key,
  lastEvent,
  line,
  manager,
  masterData,
  receipt,
  sent,
  totals,
} from './clinic.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { Day, PersonId } from '../../../shared/domain/ids.ts'
import { addDays } from '../../../shared/domain/clock.ts'
import { carryOut } from '../../../shared/cycle/carry-out.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const bert = PersonId.parse('bert')

test('a budget without lines is not locked: the run ends Lock refused, and the sender is told', async () => {
  const machine = await clinicOn(database(), [])
  await command(machine, 'lock')
  const { execution, edit, version } = await head(machine)
  expect([execution, edit, version]).toEqual([undefined, 'unlocked', 0])
  const { execution: ended } = machine.calls[0]!.payload as { execution: string }
  expect([machine.status(ended), machine.states(ended).at(-1)]).toEqual(['SUCCEEDED', 'Lock refused'])
  expect(await machine.store.lastCommand(key)).toMatchObject({ outcome: 'refused', code: 'NO_LINES' })
  expect(machine.mails).toMatchObject([{ mail: 'command_refused', to: manager }])
  await holds(machine)
})

test('a refused step that is called again is refused the same, and says where its reason is', async () => {
  const machine = await clinicOn(database(), [])
  await command(machine, 'lock')
  const call = machine.calls.find(({ name }) => name === 'LockBudgetFunction')
  const { error, cause } = (await machine.repeat(call!)) as { error: string; cause: string }
  expect([error, JSON.parse(cause)]).toMatchObject([
    'Refused.Lock',
    { errorMessage: "Lock budget: refused; the reason is with the budget's last command" },
  ])
})

test('a line that is not valid is named when the lock is refused', async () => {
  const machine = await cycleMachine(database())
  const [first, ...rest] = clinicLines
  await clinic(machine, [{ ...first!, calculation_strategy: 'automatic' }, ...rest])
  await command(machine, 'lock')
  const last = await machine.store.lastCommand(key)
  expect(last).toMatchObject({ outcome: 'refused', code: 'LINE_INVALID' })
  expect(last?.findings?.[0]).toMatchObject({ sentence: expect.stringContaining('03-3000') as string })
  await holds(machine)
})

test('a send that Sage’s master data speaks against goes back to Wait to be sent, and the next send works', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  await masterData(machine, ['L', 'M'])
  await command(machine, 'send')
  const { execution = '', erp } = await head(machine)
  expect([machine.standsIn(execution), erp]).toEqual(['Wait to be sent', 'not_sent'])
  const findings = await machine.store.lastCommand(key)
  expect(findings).toMatchObject({ command: 'send', outcome: 'refused', code: 'FINDINGS' })
  await masterData(machine)
  await command(machine, 'send')
  expect(machine.standsIn(execution)).toBe('Wait for decision')
  expect(machine.mails.map(({ mail }) => mail)).toEqual(['command_refused', 'ready_for_review'])
  await holds(machine)
})

test('of more findings than a person reads the first hundred stand with the refusal', async () => {
  const lines = Array.from({ length: 101 }, (_, i) => line('', `09-${String(1000 + i)}`, 'S', 100))
  const machine = await clinicOn(database(), lines)
  await command(machine, 'lock')
  await command(machine, 'send')
  const [history, last] = [
    await machine.store.history(key, { limit: 1000 }),
    await machine.store.lastCommand(key),
  ]
  expect([history.at(-1)?.detail, last?.findings?.length]).toEqual([{ code: 'FINDINGS', findings: 101 }, 100])
})

test('a send makes no version of lines that were locked as they are', async () => {
  const machine = await sentOn(database())
  expect(await head(machine)).toMatchObject({ version: 1, sent_version: 1, send: 1 })
  await holds(machine)
})

test('an unlocked budget ends its run Unlocked and keeps its version', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  const { execution = '' } = await head(machine)
  await command(machine, 'unlock')
  expect(await head(machine)).toMatchObject({ edit: 'unlocked', erp: 'not_sent', version: 1 })
  expect([machine.status(execution), machine.states(execution).at(-1)]).toEqual(['SUCCEEDED', 'Unlocked'])
  await holds(machine)
})

test('a budget locked again after an unlock has the next version', async () => {
  const machine = await clinicOn(database())
  for (const name of ['lock', 'unlock', 'lock'] as const) await command(machine, name)
  expect(await head(machine)).toMatchObject({ edit: 'locked', version: 2, cycle: 2 })
  await holds(machine)
})

test('a retrieved budget is locked, waits to be sent, and may be sent again', async () => {
  const machine = await sentOn(database())
  await command(machine, 'retrieve')
  const { execution = '' } = await head(machine)
  expect(await head(machine)).toMatchObject({ erp: 'retrieved', edit: 'locked' })
  expect(machine.standsIn(execution)).toBe('Wait to be sent')
  await command(machine, 'send')
  expect(await head(machine)).toMatchObject({ erp: 'sent', send: 2 })
  await holds(machine)
})

test('an update cycle after synced sends only the difference, as a change', async () => {
  const machine = await exportedOn(database())
  await totals(machine, amounts(clinicLines))
  await change(machine, 1, 1_500_000)
  await command(machine, 'send')
  expect((await approval(machine)).ticks).toEqual([])
  await accept(machine)
  const { part, parts } = await exporting(machine)
  expect(parts).toHaveLength(1)
  expect(part).toMatchObject({ mode: 'approved_estimate_change', entries: 1, total: 1_500_000 })
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', settled_version: 2, export: 2 })
  await holds(machine)
})

test('an unlock that is refused in its step leaves the budget as it is and tells who asked', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'unlock')
  const { execution = '' } = await head(machine)
  expect(machine.standsIn(execution)).toBe('Wait to be sent')
  expect(machine.mails).toMatchObject([{ mail: 'command_refused', to: manager }])
  await holds(machine)
})

test('a delegation counts by the day of the Sage company, not by the day in UTC', async () => {
  const machine = await clinicOn(database())
  const delegate = { person: bert, from: Day.parse('2026-01-05'), until: Day.parse('2026-01-05') }
  const anna = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...anna!, delegate }, 'system')
  const unknown = { ...anna!, id: bert, name: 'Bert', email: 'bert@example.com', subjects: [] }
  await machine.companies.putPerson(key.company, { ...unknown, roles: ['viewer'] }, 'system')
  await command(machine, 'lock')
  // 02:00 UTC on the sixth is 18:00 on the fifth in Los Angeles.
  await machine.pass(17 * 3_600_000)
  await command(machine, 'send')
  expect((await approval(machine)).approvers.toSorted()).toEqual([approver, bert])
})

test('a hundred approvers are one row of the send, and each of them is mailed', async () => {
  const machine = await clinicOn(database())
  const ids = Array.from({ length: 100 }, (_, i) => PersonId.parse(`approver-${String(i)}`))
  for (const id of ids) {
    const known = { id, name: id, email: `${id}@example.com`, subjects: [], active: true }
    await machine.companies.putPerson(key.company, { ...known, roles: ['accounting_approver'] }, 'system')
  }
  await command(machine, 'lock')
  await command(machine, 'send')
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  const mailed = machine.mails.filter(({ mail }) => mail === 'ready_for_review')
  expect(new Set(mailed.map(({ to }) => to))).toEqual(new Set([approver, ...ids]))
  expect(new Set(mailed.map(({ id }) => id)).size).toBe(101)
  await holds(machine)
})

test('a step whose commit the store does not take is broken, and says why and what to do', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  const { cycle, run, execution = '' } = await head(machine)
  const started = addDays(machine.clock.now(), 0)
  const task = { v: 1, ...key, cycle, run, execution, started, state: 'Some step', step: 99, n: 0 }
  const events = Array.from({ length: 100 }, () => ({
    event: 'waited' as const,
    by: 'system' as const,
    detail: {},
  }))
  const step = carryOut(machine, task, (standing) => ({
    commit: { head: standing.head, history: events },
    output: { outcome: 'done' },
  }))
  await expect(step).rejects.toMatchObject({
    name: 'Broken.Refused',
    message: expect.stringMatching(/^TOO_LARGE: .* 100 are the limit\. Do it in several steps/) as string,
  })
})

test('what stops a send comes before what only warns, so that a list that is cut never hides it', async () => {
  const machine = await cycleMachine(database())
  const [first, ...rest] = clinicLines
  await clinic(machine, [{ ...first!, original: cents(-100) }, ...rest])
  await command(machine, 'lock')
  const anna = await machine.companies.person(key.company, approver)
  await machine.companies.putPerson(key.company, { ...anna!, active: false }, 'system')
  await command(machine, 'send')
  const last = await machine.store.lastCommand(key)
  expect(last?.findings).toMatchObject([
    { code: 'NO_ELIGIBLE_APPROVER', severity: 'error' },
    { code: 'NEGATIVE_REVISED_ESTIMATE', severity: 'warning' },
  ])
  await holds(machine)
})

async function locked(machine: CycleMachine): Promise<void> {
  await clinic(machine)
  await command(machine, 'lock')
}

async function lockedWithFinding(machine: CycleMachine): Promise<void> {
  await locked(machine)
  await masterData(machine, ['L', 'M'])
}

const withoutLines = async (machine: CycleMachine) => await clinic(machine, [])

test.each([
  ['lock', 'done', 'locked', clinic],
  ['lock', 'refused', 'lock_refused', withoutLines],
  ['unlock', 'done', 'unlocked', locked],
  ['unlock', 'refused', 'unlock_refused', clinic],
  ['send', 'done', 'sent', locked],
  ['send', 'refused', 'send_refused', lockedWithFinding],
  ['retrieve', 'done', 'retrieved', sent],
] as const)(
  'a %s that is %s is answered to who asked, and recorded as %s',
  async (name, outcome, event, way) => {
    const machine = await cycleMachine(database())
    await way(machine)
    await command(machine, name)
    expect(await machine.store.lastCommand(key)).toMatchObject({ command: name, outcome, by: manager })
    expect(await lastEvent(machine)).toMatchObject({ event, by: manager })
  },
)

test.each([
  ['lock', lockBudget, 'locked', clinic],
  ['lock', lockBudget, 'lock_refused', withoutLines],
  ['unlock', unlockBudget, 'unlocked', locked],
  ['unlock', unlockBudget, 'unlock_refused', clinic],
  ['retrieve', retrieveBudget, 'retrieved', sent],
] as const)(
  'a %s of which nobody knows who asked is recorded under the system',
  async (_, step, event, way) => {
    const machine = await cycleMachine(database())
    await way(machine)
    await altered(machine, { execution: 'some-run' })
    await step(machine, await nextTask(machine)).catch((refused: unknown) => refused)
    expect(await lastEvent(machine)).toMatchObject({ event, by: 'system' })
    const told = (await machine.undelivered()).map(({ message }) => message)
    expect(
      told.filter((message) => message.kind === 'mail' && message.mail.mail === 'command_refused'),
    ).toEqual([])
  },
)

test('an approver who edited a line may not accept the budget that was sent with it', async () => {
  const machine = await clinicOn(database())
  await altered(machine, {}, { editors: [{ person: approver, send: 0 }] })
  const anna = await machine.companies.person(key.company, approver)
  const another = { ...anna!, id: bert, name: 'Bert', email: 'bert@example.com', subjects: [] }
  await machine.companies.putPerson(key.company, another, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  const came = await accept(machine).catch((error: unknown) => error)
  expect(came).toMatchObject({ refusal: { code: 'NOT_ELIGIBLE' } })
  await accept(machine, bert)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
})

test('an approval shows what each file of the export would hold', async () => {
  const machine = await cycleMachine(database())
  await sent(machine, changedLines)
  expect((await approval(machine)).parts).toMatchObject([
    { part: 1, mode: 'original_estimate', entries: 3, total: 101_000_000 },
    { part: 2, mode: 'approved_estimate_change', entries: 1, total: 1_500_000 },
  ])
})

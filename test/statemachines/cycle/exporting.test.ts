import { expect, test, vi } from 'vitest'
import { receiptOverdue } from '../../../functions/cycle/receipt-overdue.ts'
import { restartCycle } from '../../../shared/repairing/restart-cycle.ts'
import { Broken } from '../../../shared/store/errors.ts'
import { claimPart } from '../../../shared/exporting/claim-part.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { hash } from '../../given.ts'
import { altered, nextTask } from './altered.ts'
import { exportedOn, sentOn } from './carried.ts'
import {
  accept,
  amounts,
  approval,
  approver,
  change,
  clinicLines,
  close,
  command,
  edit,
  exporting,
  failure,
  giveBack,
  head,
  key,
  lastEvent,
  manager,
  masterData,
  receipt,
  received,
  retry,
  sageSettings,
  sent,
  totals,
} from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'

const database = useMemoryDatabase()

async function failed(machine: CycleMachine): Promise<void> {
  await sent(machine)
  await accept(machine)
  await failure(machine)
}

const bodyOf = ({ messages }: CycleMachine, index: number) =>
  JSON.parse(messages[index]?.MessageBody ?? '{}') as {
    attempt: number
    parts: [{ sha256: string; key: string }]
  }

test('a failed export is retried with the same bytes under the next attempt, and there is one export', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  const { execution = '' } = await head(machine)
  expect([machine.standsIn(execution), (await head(machine)).erp]).toEqual([
    'Wait for retry',
    'export_failed',
  ])
  await retry(machine)
  const [first, again] = [bodyOf(machine, 0), bodyOf(machine, 1)]
  expect([first.attempt, again.attempt]).toEqual([1, 2])
  expect(again.parts).toEqual(first.parts)
  expect(await machine.store.exports(key)).toHaveLength(1)
  expect((await exporting(machine)).part).toMatchObject({ attempt: 2 })
  const events = (await machine.store.history(key, { limit: 100 })).map(({ event }) => event)
  expect(events.slice(-3)).toEqual(['export_failed', 'retry_asked', 'retried'])
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await holds(machine)
})

test('a delivered file is recorded with the place where it lies', async () => {
  const machine = await exportedOn(database())
  expect(await lastEvent(machine)).toMatchObject({
    event: 'file_delivered',
    detail: { export: 1, part: 1, where: 'folder' },
  })
})

test('a failure is told to the approver, the posters and the operators', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  const told = machine.mails.filter(({ mail }) => mail === 'export_failed').map(({ to }) => to)
  expect(told.toSorted()).toEqual(['anna', 'otto', 'peter'])
  await holds(machine)
})

test('where the Sage company names its posters, they alone are told of a file', async () => {
  const machine = await sentOn(database())
  await sageSettings(machine, { posters: [manager] })
  await accept(machine)
  await receipt(machine)
  expect(machine.mails.filter(({ mail }) => mail === 'file_ready')).toMatchObject([{ to: manager }])
})

test('a returned export is withdrawn whole, and the budget is unlocked', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  await giveBack(machine)
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  expect(await machine.store.export(key, 1)).toMatchObject({ settled_as: 'returned' })
  expect(await machine.store.parts(key, 1)).toMatchObject([{ outcome: 'withdrawn' }])
  expect(machine.mails.at(-1)).toMatchObject({ mail: 'returned', to: manager })
  expect(await lastEvent(machine)).toMatchObject({
    event: 'returned',
    detail: { export: 1, by: approver, reason: 'Wrong job.' },
  })
  await holds(machine)
})

test('a failed export that is closed with nothing taken goes back to the project, unlocked', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  await close(machine, { outcome: 'withdrawn' })
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  expect(await machine.store.export(key, 1)).toMatchObject({ settled_as: 'closed' })
  await holds(machine)
})

test('findings at preparation leave the budget accepted and failed, without a file; a retry prepares it again', async () => {
  const machine = await sentOn(database())
  await masterData(machine, ['L'])
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed', export: 0 })
  expect(machine.messages).toHaveLength(0)
  const events = (await machine.store.history(key, { limit: 1000 })).map(({ event }) => event)
  expect(events.slice(-3)).toEqual(['accepted', 'export_refused', 'export_failed'])
  expect(await machine.store.lastCommand(key)).toMatchObject({
    command: 'export',
    outcome: 'refused',
    code: 'FINDINGS',
    findings: [{ severity: 'error' }, { severity: 'error' }],
  })
  await masterData(machine)
  await retry(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', export: 1 })
  expect(await machine.store.lastCommand(key)).toMatchObject({ command: 'export', outcome: 'done' })
  expect(bodyOf(machine, 0)).toMatchObject({ attempt: 1 })
  await holds(machine)
})

test('a retry after findings counts as accepted while it is prepared again, and tells nobody a second time', async () => {
  const machine = await sentOn(database())
  await masterData(machine, ['L'])
  await accept(machine)
  const { execution = '' } = await head(machine)
  for (const call of machine.calls.filter(({ name }) => name === 'ExportBudgetFunction'))
    await machine.repeat(call)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed' })
  await retry(machine)
  expect(machine.standsIn(execution)).toBe('Wait for retry')
  const events = (await machine.store.history(key, { limit: 1000 })).map(({ event }) => event)
  expect(events.slice(-4)).toEqual(['retry_asked', 'accepted_again', 'export_refused', 'export_failed'])
  expect(machine.mails.filter(({ mail }) => mail === 'accepted')).toHaveLength(1)
  await masterData(machine)
  await retry(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', export: 1 })
  await holds(machine)
})

test.each<[string, (machine: CycleMachine) => Promise<void>]>([
  [
    'is partly in Sage by now',
    async (machine) => {
      const row = { code: clinicLines[0]!.code, original: cents(1), changes: cents(0) }
      await altered(machine, { ledger: await machine.objects.putJson(key.company, [row]) })
    },
  ],
  [
    'is not the version that is stored',
    async (machine) => {
      const accepted = { ...(await approval(machine)), version_hash: hash('b') }
      await altered(machine, {}, { approvals: [accepted] })
    },
  ],
])('what was accepted and %s makes no file', async (_, alter) => {
  const machine = await sentOn(database())
  await accept({ ...machine, settle: async () => {} })
  await alter(machine)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'export_failed', export: 0 })
  expect(await machine.store.lastCommand(key)).toMatchObject({ code: 'SHOWN_IS_NOT_STORED' })
  expect([machine.messages, await machine.store.exports(key)]).toEqual([[], []])
  await giveBack(machine)
  expect(await head(machine)).toMatchObject({ erp: 'rejected' })
})

test('what is changed after the send is not exported with it, and the budget then needs an update', async () => {
  const machine = await sentOn(database())
  await change(machine, 1, 1_500_000)
  await accept(machine)
  expect((await exporting(machine)).parts).toMatchObject([{ entries: 3, total: 101_000_000 }])
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'update_pending', confirmed: 'verified' })
  await holds(machine)
})

test('an export that is prepared at once leaves the send as the last command', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  expect(await machine.store.lastCommand(key)).toMatchObject({ command: 'send', outcome: 'done' })
})

test('an export that failed before a file was made may be returned', async () => {
  const machine = await sentOn(database())
  await masterData(machine, ['L'])
  await accept(machine)
  await giveBack(machine)
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  await holds(machine)
})

test('an export that failed before a file was made may be closed', async () => {
  const machine = await sentOn(database())
  await masterData(machine, ['L'])
  await accept(machine)
  await close(machine, { outcome: 'withdrawn' })
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  await holds(machine)
})

test('a receipt that is overdue is told once for the attempt, however long it takes, and fails nothing', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  await machine.pass(days(4))
  const told = machine.mails.filter(({ mail }) => mail === 'receipt_overdue')
  expect(told.length).toBeGreaterThan(0)
  expect(new Set(told.map(({ id }) => id)).size).toBe(1)
  const { execution = '', erp } = await head(machine)
  expect([machine.standsIn(execution), erp]).toEqual(['Wait for receipt', 'exporting'])
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await holds(machine)
})

test('an overdue receipt writes the line that raises the alarm', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  await machine.pass(days(2))
  const looks = machine.calls.filter(({ name }) => name === 'ReceiptOverdueFunction')
  expect(looks.length).toBeGreaterThan(0)
  const line = ['receipt overdue', { ...key, export: 'clinic-e1', attempt: 1 }]
  expect(machine.logged).toEqual(looks.map(() => line))
})

test('a receipt that is recorded and not handed over yet is not looked for every second', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  await machine.pass(days(2))
  const look = machine.calls.findLast(({ name }) => name === 'ReceiptOverdueFunction')
  await received(machine)
  const { execution, done } = await head(machine)
  const next = { ...(look?.payload as object), execution, step: (done?.step ?? 0) + 1 }
  const logged = [...machine.logged]
  const { outcome, until } = await receiptOverdue(machine, next)
  expect(machine.logged).toEqual(logged)
  expect([outcome, Date.parse(until ?? '') - machine.time.now()]).toEqual(['waiting', days(1)])
})

test('a receipt that is looked for before it is due is not overdue', async () => {
  const machine = await sentOn(database())
  await accept(machine)
  await receiptOverdue(machine, await nextTask(machine))
  await machine.settle()
  expect(machine.logged).toEqual([])
  expect(machine.mails.map(({ mail }) => mail)).toEqual(['ready_for_review', 'accepted'])
})

test('a receipt after a failure of the same attempt is kept and moves nothing', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed' })
  expect((await exporting(machine)).part.receipt).toMatchObject({ attempt: 1 })
  await holds(machine)
})

test('after a late receipt and a retry the agent may claim the next attempt', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  await receipt(machine)
  await retry(machine)
  const wanted = { key, export: 1, part: 1, attempt: 2, agent: 'agent' }
  expect((await claimPart(machine, { by: 'connector' }, wanted)).part.claim).toMatchObject({ attempt: 2 })
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await holds(machine)
})

test('a receipt of an earlier attempt, of other content or of another export moves nothing', async () => {
  const machine = await cycleMachine(database())
  await failed(machine)
  await retry(machine)
  const { part } = await exporting(machine)
  const good = { v: 1, ...key, export: 1, part: 1, attempt: 2, sha256: part.file_sha256, where: 'x', by: 'y' }
  const before = await head(machine)
  for (const wrong of [{ attempt: 1 }, { sha256: 'a'.repeat(64) }, { export: 2 }, { part: 2 }])
    expect(await takeSageEvent(machine, { ...good, kind: 'receipt', ...wrong })).toBe('superseded')
  expect(await head(machine)).toEqual(before)
})

test('a file of a step that broke before it was recorded stands in the way of no later export', async () => {
  const machine = await sentOn(database())
  const { files } = machine.objects
  const put = vi.spyOn(machine.objects, 'putFile').mockImplementation(async (name, bytes) => {
    files.set(name, bytes)
    return await Promise.reject(new Broken('Test', 'It broke after the file was put.'))
  })
  await accept(machine)
  put.mockRestore()
  expect(files.size).toBe(1)
  // Prepared again, Sage does not know a category any more: the budget goes back, and is sent with other lines.
  await masterData(machine, ['L'])
  await restartCycle(machine, { by: manager }, { key, reason: 'It broke.' })
  await machine.settle()
  await giveBack(machine)
  await masterData(machine)
  await edit(machine, [{ ...clinicLines[0]!, original: cents(100) }])
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', export: 1 })
  await holds(machine)
})

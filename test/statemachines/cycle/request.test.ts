import { expect, test } from 'vitest'
import { closeOrContinue } from '../../../functions/cycle/close-or-continue.ts'
import type { ExportMessage } from '../../../shared/domain/export.ts'
import { useLocalDatabase } from '../../store/use-local.ts'
import { altered, nextTask } from './altered.ts'
import { clinicOn, sentOn } from './carried.ts'
import {
  accept,
  amounts,
  approver,
  changedLines,
  command,
  exporting,
  head,
  key,
  manager,
  receipt,
  totals,
} from './clinic.ts'
import type { CycleMachine } from './machine.ts'

const database = useLocalDatabase()

test('what the clock does while a command waits does not name the request of that command', async () => {
  const machine = await sentOn(database())
  const at = machine.clock.now()
  await altered(machine, { pending: { command: 'retrieve', by: manager, at, request: 'r-1' } })
  await closeOrContinue(machine, await nextTask(machine))
  const rows = await machine.store.history(key, { limit: 1000 })
  expect(rows.filter(({ request }) => request === 'r-1')).toEqual([])
})

/** A budget of two parts with accounting, where every act names its request. */
async function followed(): Promise<CycleMachine> {
  const machine = await clinicOn(database(), changedLines)
  await command(machine, 'lock', { request: 'r-lock' })
  await command(machine, 'send', { request: 'r-send' })
  await accept(machine, approver, undefined, 'r-accept')
  return machine
}

test('history names the request from which each event follows', async () => {
  const machine = await followed()
  const rows = await machine.store.history(key, { limit: 1000 })
  expect(rows.slice(1).map(({ event, request }) => [event, request])).toEqual([
    ['lock_asked', 'r-lock'],
    ['locked', 'r-lock'],
    ['send_asked', 'r-send'],
    ['sent', 'r-send'],
    ['decision_accept', 'r-accept'],
    ['accepted', 'r-accept'],
    ['export_prepared', 'r-accept'],
  ])
})

test('the log names every step with its request, and with the approval or the export that it is about', async () => {
  const machine = await followed()
  const { execution } = await head(machine)
  const until = expect.any(String) as unknown
  const line = (state: string, more: object) => [
    'step carried out',
    { ...key, execution, state, until, ...more },
  ]
  expect(machine.informed).toEqual([
    line('Lock budget', { outcome: 'locked', request: 'r-lock' }),
    line('Send to ERP', { outcome: 'sent', request: 'r-send', approval: 'clinic-v1-s1-1' }),
    line('Export budget', { outcome: 'exporting', request: 'r-accept', export: 'clinic-e1' }),
  ])
})

test('every file of an export names the request of its accept, also one that a reading of Sage lets go', async () => {
  const machine = await followed()
  await receipt(machine)
  await totals(machine, amounts(changedLines))
  const { open } = await exporting(machine)
  const told = machine.messages.map(({ MessageBody }) => JSON.parse(MessageBody) as ExportMessage)
  expect([open.request, ...told.map(({ request }) => request)]).toEqual(['r-accept', 'r-accept', 'r-accept'])
})

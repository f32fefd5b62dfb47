import { expect, test } from 'vitest'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn, exportedOn } from './carried.ts'
import {
  accept,
  amounts,
  change,
  clinicLines,
  command,
  declare,
  failure,
  head,
  masterData,
  receipt,
  retry,
  totals,
} from './clinic.ts'
import { days, second } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { sendUntold, sentLate } from './scenarios.ts'

const database = useMemoryDatabase()

/** Whether the next run stands where the run before it stood. */
async function goesOn(machine: CycleMachine, before: string, state: string): Promise<void> {
  const { execution = '', run } = await head(machine)
  expect([run, machine.states(before).at(-1)]).toEqual([2, 'Superseded'])
  expect(machine.standsIn(execution)).toBe(state)
}

test('a locked budget that nobody sends is parked on day 300; a later send opens the next cycle', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  const { execution = '' } = await head(machine)
  await machine.pass(days(300) + second)
  expect([machine.states(execution).at(-1), (await head(machine)).execution]).toEqual(['Parked', undefined])
  await masterData(machine)
  await command(machine, 'send')
  expect(await head(machine)).toMatchObject({ erp: 'sent', cycle: 2, version: 1 })
  await holds(machine)
})

test('a parked budget may be unlocked', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  await machine.pass(days(300) + second)
  await command(machine, 'unlock')
  expect(await head(machine)).toMatchObject({ edit: 'unlocked', cycle: 2 })
  await holds(machine)
})

test('a file that waits for posting on day 300 is parked, and a later report goes on where it stood', async () => {
  const machine = await cycleMachine(database())
  const execution = await sentLate(machine)
  await accept(machine)
  await receipt(machine)
  await machine.pass(days(1) + second)
  expect(machine.states(execution).at(-1)).toBe('Parked')
  expect(await head(machine)).toMatchObject({ erp: 'exported', open_export: 1 })
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', cycle: 2, confirmed: 'verified' })
  await holds(machine)
})

test('what a poster declares of a parked file settles it', async () => {
  const machine = await cycleMachine(database())
  await sentLate(machine)
  await accept(machine)
  await receipt(machine)
  await machine.pass(days(1) + second)
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced', cycle: 2, confirmed: 'declared' })
  await holds(machine)
})

test('an approval that is open on day 300 keeps its thirty days in the next run', async () => {
  const machine = await cycleMachine(database())
  const before = await sentLate(machine)
  await machine.pass(days(1) + 5 * second)
  await goesOn(machine, before, 'Wait for decision')
  await machine.pass(days(28))
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  await holds(machine)
})

test('an approval that is open on day 300 expires in the next run when its own time is up', async () => {
  const machine = await cycleMachine(database())
  await sentLate(machine)
  await machine.pass(days(31))
  expect(await head(machine)).toMatchObject({ erp: 'expired', run: 2 })
  await holds(machine)
})

test('a receipt that is awaited on day 300 is awaited by the next run', async () => {
  const machine = await cycleMachine(database())
  const before = await sentLate(machine)
  await accept(machine)
  await machine.pass(days(1) + 5 * second)
  await goesOn(machine, before, 'Wait for receipt')
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await holds(machine)
})

test('a failed export on day 300 waits for its retry in the next run', async () => {
  const machine = await cycleMachine(database())
  const before = await sentLate(machine)
  await accept(machine)
  await failure(machine)
  await machine.pass(days(1) + 5 * second)
  await goesOn(machine, before, 'Wait for retry')
  await retry(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  await holds(machine)
})

test('a send that comes with day 300 is carried out by the next run', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  await machine.pass(days(300) - second)
  await masterData(machine)
  await sendUntold(machine)
  await machine.time.advance(2 * second)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'sent', cycle: 1, run: 2 })
  await holds(machine)
})

test('a send of a settled budget that comes with day 300 is carried out by the next run', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  await command(machine, 'unlock')
  await change(machine, 0, 100)
  await command(machine, 'lock')
  await machine.pass(days(300) - second)
  await masterData(machine)
  await sendUntold(machine)
  await machine.time.advance(2 * second)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'sent', run: 2, send: 2 })
  await holds(machine)
})

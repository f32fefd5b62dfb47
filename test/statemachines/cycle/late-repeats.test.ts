import { expect, test } from 'vitest'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { accept, amounts, changedLines, command, clinic, head, key, receipt, totals } from './clinic.ts'
import { days, second } from './days.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'
import { sentLate } from './scenarios.ts'

const database = useMemoryDatabase()

/** Lets time pass between acts, so that no two waits open in the same instant. */
const patient = (machine: CycleMachine): CycleMachine => ({
  ...machine,
  settle: async () => {
    await machine.pass(5 * second)
  },
})

test('a call of an earlier step or wait that comes late changes nothing, and the cycle goes on', async () => {
  const machine = patient(await cycleMachine(database()))
  await clinic(machine, changedLines)
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  await totals(machine, amounts(changedLines))
  const { cycle } = await head(machine)
  const before = [await head(machine), await machine.store.wait(key, cycle)]
  for (const call of machine.calls) await machine.repeat(call)
  expect([await head(machine), await machine.store.wait(key, cycle)]).toEqual(before)
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('a call of a run that was superseded changes nothing', async () => {
  const machine = await cycleMachine(database())
  await sentLate(machine)
  const calls = [...machine.calls]
  await machine.pass(days(2))
  const before = await head(machine)
  expect(before.run).toBe(2)
  for (const call of calls) expect(await machine.repeat(call)).toMatchObject({ error: 'Broken.Superseded' })
  expect(await head(machine)).toEqual(before)
  await holds(machine)
})

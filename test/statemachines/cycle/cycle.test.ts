import { expect, test } from 'vitest'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn } from './carried.ts'
import { accept, amounts, clinicLines, command, head, receipt, totals } from './clinic.ts'

const database = useMemoryDatabase()

test('an accepted budget is exported, posted, read back and synced', async () => {
  const machine = await clinicOn(database())
  await command(machine, 'lock')
  expect(await head(machine)).toMatchObject({ edit: 'locked', version: 1 })
  await command(machine, 'send')
  const { execution = '' } = await head(machine)
  expect(machine.standsIn(execution)).toBe('Wait for decision')
  await accept(machine)
  expect(machine.messages).toHaveLength(1)
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(machine.status(execution)).toBe('SUCCEEDED')
  expect(machine.output(execution)).toEqual({ outcome: 'synced' })
})

import { expect, test } from 'vitest'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  amounts,
  approver,
  clinicLines,
  concrete,
  declare,
  earthwork,
  exporting,
  head,
  key,
  labor,
  poster,
  receipt,
  rejectSome,
  stop,
  totals,
} from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()

/** A file with accounting whose import Sage stopped. */
async function stopped(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await stop(machine)
  return machine
}

const kind = async (machine: CycleMachine) => (await exporting(machine)).part.observation?.kind

test('a stopped import needs a person: approver, posters and operators are mailed once', async () => {
  const machine = await stopped()
  await stop(machine)
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch').map(({ to }) => to)).toEqual([
    approver,
    poster,
    'otto',
  ])
  const history = await machine.store.history(key, { limit: 100 })
  expect(history.at(-1)).toMatchObject({ event: 'observed', by: poster })
  await holds(machine)
})

test('totals that have not moved do not deny a stop; totals that have moved end it', async () => {
  const machine = await stopped()
  await totals(machine, [])
  expect(await kind(machine)).toBe('import_stopped')
  await totals(machine, amounts([labor]))
  expect([await kind(machine), (await head(machine)).erp]).toEqual(['partly', 'partly_posted'])
  await holds(machine)
})

test('the lines after the stop go in a correction, compared together with those before it', async () => {
  const machine = await stopped()
  await rejectSome(machine, concrete, earthwork)
  expect((await exporting(machine)).part).toMatchObject({ kind: 'correction', corrects: 1, entries: 2 })
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a stop that was said by mistake is over when the file is said to be posted', async () => {
  const machine = await stopped()
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  await holds(machine)
})

test('a correction may be stopped as well, and ends as any file', async () => {
  const machine = await stopped()
  await rejectSome(machine, earthwork)
  await receipt(machine)
  await stop(machine)
  await rejectSome(machine, earthwork)
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

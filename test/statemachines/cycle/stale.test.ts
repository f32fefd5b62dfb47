import { expect, test } from 'vitest'
import { restartCycle } from '../../../shared/repairing/restart-cycle.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn, exportedOn } from './carried.ts'
import {
  amounts,
  clinicLines,
  accept,
  close,
  command,
  declare,
  exporting,
  head,
  key,
  poster,
  read,
  receipt,
  rejectSome,
  sageSettings,
  stop,
  totals,
} from './clinic.ts'
import { days, second } from './days.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const [labor, concrete] = clinicLines as [(typeof clinicLines)[0], (typeof clinicLines)[0]]

const observation = async (machine: CycleMachine) => (await exporting(machine)).part.observation

/** Imported, its entries deleted in Sage before anybody posted them: no total ever moves. */
async function deleted(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await totals(machine, [])
  await machine.pass(days(3) + second)
  return machine
}

test('entries deleted before they are posted make the file stale after three days, with a way out', async () => {
  const machine = await deleted()
  expect(await observation(machine)).toMatchObject({
    kind: 'stale',
    sentence: 'Not posted 3 days after the file was delivered: 3 entries.',
    what_to_do: expect.stringContaining(
      'import the SAME file again, or close the export as withdrawn',
    ) as string,
  })
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await holds(machine)
})

test('a stale file stays stale, since the same moment, while no total moves', async () => {
  const machine = await deleted()
  const before = await observation(machine)
  await totals(machine, [])
  await machine.pass(days(1) + second)
  expect(await observation(machine)).toEqual(before)
  expect(machine.mails.filter(({ mail }) => mail === 'not_posted')).toHaveLength(2)
  const line = ['posting overdue', { ...key, export: 'clinic-e1', part: 1 }]
  expect(machine.logged.filter((each) => (each as unknown[])[0] === line[0])).toEqual([line, line])
  await holds(machine)
})

test.each<[string, (machine: CycleMachine) => Promise<void>, object]>([
  [
    'imported again and posted',
    async (machine) => {
      await totals(machine, amounts(clinicLines))
    },
    { erp: 'synced', confirmed: 'verified' },
  ],
  ['said to be posted', declare, { erp: 'synced', confirmed: 'declared' }],
  [
    'closed as withdrawn',
    async (machine) => {
      await close(machine, { outcome: 'withdrawn' })
    },
    { erp: 'rejected', edit: 'unlocked' },
  ],
])('a stale file ends when it is %s', async (_, ending, stands) => {
  const machine = await deleted()
  await ending(machine)
  expect(await head(machine)).toMatchObject(stands)
  await holds(machine)
})

test('a stale file whose lines Sage rejected is answered for by the correction', async () => {
  const machine = await deleted()
  await rejectSome(machine, concrete)
  expect((await exporting(machine)).parts.map((part) => part.observation)).toEqual([undefined, undefined])
  await holds(machine)
})

test('what Sage shows, or a person saw, is not covered by a file being stale', async () => {
  const machine = await exportedOn(database())
  await stop(machine)
  await machine.pass(days(4))
  expect(await observation(machine)).toMatchObject({ kind: 'import_stopped' })
  await totals(machine, amounts([labor]))
  await machine.pass(days(4))
  expect(await observation(machine)).toMatchObject({ kind: 'partly' })
  expect(machine.logged.map((each) => (each as unknown[])[0])).toEqual([
    'sage shows otherwise',
    'sage shows otherwise',
  ])
  await holds(machine)
})

test('a file is stale three days after its delivery, whatever Sage showed for a while', async () => {
  const machine = await exportedOn(database())
  await machine.pass(days(2))
  await totals(machine, amounts([labor]))
  await totals(machine, [])
  await machine.pass(days(1) + second)
  expect(await observation(machine)).toMatchObject({ kind: 'stale' })
  await holds(machine)
})

/** Stale, while the budget still calls it partly posted: the reading without entries is not carried out. */
async function staleAndPartly(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await machine.pass(days(3) - second)
  await totals(machine, amounts([labor]))
  await machine.pass(days(1) - second)
  await read(machine, [])
  await machine.time.advance(2 * second)
  return machine
}

test('of a stale file that the budget still calls partly posted it is told that nothing is in Sage', async () => {
  expect(await read(await staleAndPartly(), [])).toBe('awaiting_posting')
})

test('entries that were taken out again leave a file that is stale before that is carried out with accounting', async () => {
  const machine = await staleAndPartly()
  await machine.settle()
  expect([await observation(machine), (await head(machine)).erp]).toMatchObject([
    { kind: 'stale' },
    'exported',
  ])
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch')).toHaveLength(3)
  await holds(machine)
})

test('posters who are reminded twice on one day get one mail', async () => {
  const machine = await deleted()
  await machine.pass(60 * second)
  await restartCycle(machine, { by: poster }, { key, reason: 'Stopped by mistake.' })
  await machine.pass(2 * second)
  const told = machine.mails.filter(({ mail }) => mail === 'not_posted').map(({ id }) => id)
  expect([told.length, new Set(told).size]).toEqual([2, 1])
})

test('the Sage company sets after how many days a file is stale', async () => {
  const machine = await clinicOn(database())
  await sageSettings(machine, { stale_after_days: 7 })
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  await machine.pass(days(7) - second)
  expect(await observation(machine)).toBeUndefined()
  await machine.pass(2 * second)
  expect(await observation(machine)).toMatchObject({ kind: 'stale' })
  const history = await machine.store.history(key, { limit: 100 })
  expect(history.at(-1)).toMatchObject({ event: 'not_posted' })
  await holds(machine)
})

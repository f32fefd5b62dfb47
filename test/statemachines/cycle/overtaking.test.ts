import { expect, test } from 'vitest'
import { compareTotals } from '../../../shared/exporting/compare-totals.ts'
import { tellSignal } from '../../../shared/store/workflow.ts'
import type { Commit } from '../../../shared/store/budget-store.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  amounts,
  changedLines,
  clinicLines,
  close,
  closed,
  concrete,
  declared,
  earthwork,
  exporting,
  head,
  key,
  labor,
  read,
  receipt,
  rejected,
  sageId,
  totals,
} from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()

test('rejected lines that are not carried out yet are not overtaken by a reading of the other lines', async () => {
  const machine = await exportedOn(database())
  await rejected(machine, concrete)
  expect(await read(machine, amounts([labor, earthwork]))).toBe('nothing_waits')
  await machine.settle()
  expect((await exporting(machine)).part).toMatchObject({ part: 2, kind: 'correction', entries: 1 })
  await receipt(machine)
  expect(await head(machine)).toMatchObject({ erp: 'partly_posted' })
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a reading that comes while the export is being settled concludes nothing', async () => {
  const machine = await exportedOn(database())
  const before = await head(machine)
  await close(machine, { outcome: 'taken' })
  const store = { ...machine.store, head: async () => await Promise.resolve(before) }
  const of = { company: key.company, sage_company: sageId, job: '24-1007' }
  expect(await compareTotals({ ...machine, store }, of)).toBe('nothing_waits')
})

test('a correction comes before the second part, whatever is read before it is made', async () => {
  const machine = await exportedOn(database(), changedLines)
  await rejected(machine, concrete)
  await read(machine, amounts([labor, earthwork]))
  await machine.settle()
  expect((await exporting(machine)).part).toMatchObject({ part: 3, kind: 'correction' })
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect((await exporting(machine)).part).toMatchObject({ part: 2, kind: 'change' })
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test.each<[string, (machine: CycleMachine) => Promise<void>]>([
  ['posted', declared],
  ['closed', async (machine) => await closed(machine, { outcome: 'taken' })],
])('what a poster said is %s is carried out before anything else is read', async (_, say) => {
  const machine = await exportedOn(database())
  await say(machine)
  expect(await read(machine, amounts(clinicLines))).toBe('nothing_waits')
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  expect((await machine.store.signals(key, 1)).every(({ carried_out }) => carried_out)).toBe(true)
  await holds(machine)
})

test('what was observed and is over before it is carried out is told to nobody', async () => {
  const machine = await exportedOn(database())
  await read(machine, amounts(clinicLines, 2))
  await read(machine, amounts(clinicLines))
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch')).toEqual([])
  await holds(machine)
})

test('an export with a file that nobody posted or closed is not settled: the step breaks and says what to do', async () => {
  const machine = await exportedOn(database())
  await machine.store.decide(key, (before) => {
    if (!before) throw new Error('no budget')
    const history: Commit['history'] = [{ event: 'waited', by: 'system', detail: {} }]
    return {
      answer: undefined,
      commit: { ...tellSignal(key, before, 'posted', machine.clock.now()), history },
    }
  })
  const { execution = '' } = await head(machine)
  await machine.settle()
  expect(machine.engine.describeExecution({ executionArn: machine.arnOf(execution) })).toMatchObject({
    status: 'FAILED',
    error: 'Broken.PartOpen',
  })
  expect(await head(machine)).toMatchObject({ erp: 'exported', open_export: 1 })
})

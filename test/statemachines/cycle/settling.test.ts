import { expect, test } from 'vitest'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import { cents } from '../../../shared/domain/cents.ts'
import type { Commit } from '../../../shared/store/budget-store.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import { clinicLines, close, declare, head, key, receipt, rejectSome } from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const concrete = clinicLines[1] as (typeof clinicLines)[0]

test('a rejected line that a correction carries again cannot be closed as taken in both files', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete)
  await receipt(machine)
  await expect(close(machine, { outcome: 'taken' }, concrete)).rejects.toMatchObject({
    refusal: {
      code: 'LINE_NOT_SENT',
      what_to_do: 'Name them for file 2; nothing was recorded.',
      places: [
        {
          code: 'LINE_NOT_SENT',
          sentence: '03-3000.S of file 1 was rejected and is carried again by file 2.',
        },
      ],
    },
  })
  await close(machine, { outcome: 'taken' })
  const after = await head(machine)
  expect(after).toMatchObject({ erp: 'synced' })
  const position = await ledgerPosition(machine, key, after)
  expect(position.map(({ original }) => original)).toEqual(clinicLines.map(({ original }) => original))
  await holds(machine)
})

test.each<[string, (machine: CycleMachine) => Promise<void>]>([
  ['declared', declare],
  ['closed', async (machine) => await close(machine, { outcome: 'taken' })],
])(
  'a settlement that is %s and whose sums differ stops the run, and nothing is settled',
  async (_, settle) => {
    const machine = await exportedOn(database())
    const { objects, store } = machine
    // A ledger that somebody altered: as if one line had been posted before.
    const row = { code: concrete.code, original: cents(1), changes: cents(0) }
    const ledger = await objects.putJson(key.company, [row])
    await store.decide(key, (before) => {
      if (!before) throw new Error('no budget')
      const history: Commit['history'] = [{ event: 'waited', by: 'system', detail: {} }]
      return { answer: undefined, commit: { head: { ...before, ledger }, history } }
    })
    const { execution = '' } = await head(machine)
    await settle(machine)
    const run = machine.engine.describeExecution({ executionArn: machine.arnOf(execution) })
    expect(run).toMatchObject({ status: 'FAILED', error: 'Broken.SumsDiffer' })
    expect(await head(machine)).toMatchObject({ erp: 'exported', open_export: 1, ledger })
  },
)

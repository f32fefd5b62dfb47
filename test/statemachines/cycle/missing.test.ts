import { expect, test } from 'vitest'
import { lockBudget } from '../../../functions/cycle/lock-budget.ts'
import { recordReceipt } from '../../../functions/cycle/record-receipt.ts'
import { ProjectId } from '../../../shared/domain/ids.ts'
import type { Commit } from '../../../shared/store/budget-store.ts'
import { tellSignal } from '../../../shared/store/workflow.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn, sentOn } from './carried.ts'
import { exporting, head, key } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const history: Commit['history'] = [{ event: 'waited', by: 'system', detail: {} }]

/** The input of a step that comes next in the open cycle. */
async function nextStep(machine: CycleMachine) {
  const { cycle, run, execution } = await head(machine)
  return { v: 1, ...key, cycle, run, execution, started: machine.clock.now(), state: 'Next', step: 99, n: 0 }
}

test('a step of a budget that is not there is broken by that name', async () => {
  const machine = await sentOn(database())
  const task = { ...(await nextStep(machine)), project: ProjectId.parse('elsewhere') }
  await expect(lockBudget(machine, task)).rejects.toMatchObject({
    name: 'Broken.BudgetMissing',
    message: 'No budget elsewhere of northwind.',
  })
})

test('a receipt where no export is open is broken by that name', async () => {
  const machine = await sentOn(database())
  await expect(recordReceipt(machine, await nextStep(machine))).rejects.toMatchObject({
    name: 'Broken.ExportMissing',
    message: 'clinic: no export is open.',
  })
})

test('a receipt of a file that is not stored is broken by that name', async () => {
  const machine = await exportedOn(database())
  const { open } = await exporting(machine)
  await machine.store.decide(key, (before) => ({
    answer: undefined,
    commit: { head: before!, history, export: { ...open, current_part: 2 } },
  }))
  await expect(recordReceipt(machine, await nextStep(machine))).rejects.toMatchObject({
    name: 'Broken.ExportMissing',
    message: 'clinic: export 1 is incomplete.',
  })
})

test('an accept that asks for a step which the approval does not have breaks the run, and the budget waits', async () => {
  const machine = await sentOn(database())
  await machine.store.decide(key, (before) => ({
    answer: undefined,
    commit: { ...tellSignal(key, before!, 'step_accepted', machine.clock.now()), history },
  }))
  const { execution = '' } = await head(machine)
  await machine.settle()
  expect(machine.engine.describeExecution({ executionArn: machine.arnOf(execution) })).toMatchObject({
    status: 'FAILED',
    error: 'Broken.StepMissing',
  })
  expect(await head(machine)).toMatchObject({ erp: 'sent', approval_step: 1 })
})

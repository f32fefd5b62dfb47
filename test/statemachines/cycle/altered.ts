import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import type { Commit } from '../../../shared/store/budget-store.ts'
import { head, key } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

// What no command and no workflow does: for the guards behind them.

/** What the state machine would hand to the next step of the budget as it stands, led to by no signal. */
export async function nextTask(machine: CycleMachine) {
  const { cycle, run, execution = '', done } = await head(machine)
  const started = machine.clock.now()
  const step = (done?.step ?? 0) + 1
  return { v: 1, ...key, cycle, run, execution, started, state: 'Some step', step, n: 0 }
}

/** The budget with other rows than its commands would leave. */
export async function altered(
  { store }: CycleMachine,
  but: Partial<BudgetHead>,
  rows: Pick<Commit, 'approvals' | 'changes' | 'editors' | 'export' | 'parts'> = {},
): Promise<void> {
  await store.decide(key, (before) => {
    if (!before) throw new Error('no budget')
    const history: Commit['history'] = [{ event: 'waited', by: 'system', detail: {} }]
    return { answer: undefined, commit: { ...rows, head: { ...before, ...but }, history } }
  })
}

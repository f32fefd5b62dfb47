import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'

/** Day 300 with nobody waiting: ends the run. An answer that came meanwhile is carried on by a new run. */
export const parkBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, task }) => {
    const last = await dependencies.store.signal(key, task.cycle, head.signal)
    const answered = last !== undefined && !last.carried_out
    return {
      commit: {
        head: answered ? head : { ...head, execution: undefined },
        history: [{ event: answered ? 'not_parked' : 'parked', by: 'clock', detail: { cycle: task.cycle } }],
      },
      output: answered ? { outcome: 'answered', refused: 'Refused.Park' } : { outcome: 'parked' },
    }
  })

export const handler = onLambda(parkBudget)

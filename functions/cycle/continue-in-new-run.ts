import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { nextRun } from '../../shared/store/workflow.ts'

/** Hands the cycle over to its next run, which goes on from the stored state; this run ends *Superseded*. */
export const continueInNewRun = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, ({ key, head, at, task }) => {
    const { head: next, outbox } = nextRun(key, head, at)
    return {
      commit: {
        head: next,
        history: [{ event: 'continued', by: 'clock', detail: { cycle: task.cycle, run: next.run } }],
        outbox,
      },
      output: { outcome: 'superseded' },
    }
  })

export const handler = onLambda(continueInNewRun)

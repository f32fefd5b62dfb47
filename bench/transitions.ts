import type { Measure } from './bar.ts'
import { unwatched, withCycleOf } from './cycle-of-lines.ts'
import {
  accept,
  amounts,
  clinicLines,
  command,
  head,
  receipt,
  totals,
} from '../test/statemachines/cycle/clinic.ts'

// Every one of these is a transition on the bill beside the states entered (Step Functions pricing: retries count).
const triedAgain = /^(TaskFailed|TaskTimedOut|TaskSubmitFailed|LambdaFunctionFailed)$/

/** One cycle of one part, from lock to verified in Sage, on the strict engine: what AWS would count. */
export const transitions: Measure = async () =>
  await withCycleOf(clinicLines, unwatched, async (machine) => {
    await command(machine, 'lock')
    await command(machine, 'send')
    await accept(machine)
    await receipt(machine)
    const { execution = '' } = await head(machine)
    await totals(machine, amounts(clinicLines))
    const { erp, confirmed } = await head(machine)
    if (erp !== 'synced' || confirmed !== 'verified' || machine.status(execution) !== 'SUCCEEDED')
      throw new Error(`The cycle ended ${erp}`)
    const states = machine.states(execution)
    const executionArn = machine.arnOf(execution)
    const { events } = machine.engine.getExecutionHistory({ executionArn, maxResults: 1000 })
    const again = events.filter(({ type }) => triedAgain.test(type)).length
    return [
      {
        bar: 'transitions of an accepted cycle of one part, start included',
        unit: 'transitions',
        at_most: 16,
        figure: 1 + states.length + again,
        of: `start, ${String(states.length)} states, ${String(again)} retries: ${states.join(', ')}`,
      },
    ]
  })

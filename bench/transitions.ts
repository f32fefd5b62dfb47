import type { Figure, Measure } from './bar.ts'
import { unwatched, withCycleOf } from './cycle-of-lines.ts'
import {
  accept,
  amounts,
  changedLines,
  clinicLines,
  command,
  head,
  receipt,
  totals,
} from '../test/statemachines/cycle/clinic.ts'
import type { LineItem } from '../shared/domain/line-item.ts'

// Every one of these is a transition on the bill beside the states entered (Step Functions pricing: retries count).
const triedAgain = /^(TaskFailed|TaskTimedOut|TaskSubmitFailed|LambdaFunctionFailed)$/

/** What AWS counts of an execution's history: its start, the states that it entered, and what it tried again. */
export const transitionsIn = (events: readonly { readonly type: string }[]): number =>
  1 + events.filter(({ type }) => type.endsWith('StateEntered') || triedAgain.test(type)).length

/** One cycle, from lock to verified in Sage, on the strict engine: what AWS would count. */
const transitionsOf = async (lines: readonly LineItem[], bar: string, at_most: number): Promise<Figure> =>
  await withCycleOf(lines, unwatched, async (machine) => {
    await command(machine, 'lock')
    await command(machine, 'send')
    await accept(machine)
    const { execution = '' } = await head(machine)
    await receipt(machine)
    await totals(machine, amounts(lines))
    if ((await head(machine)).erp !== 'synced') {
      // Sage has the original estimates; the file of the changes follows.
      await receipt(machine)
      await totals(machine, amounts(lines, 1, true))
    }
    const { erp, confirmed } = await head(machine)
    if (erp !== 'synced' || confirmed !== 'verified' || machine.status(execution) !== 'SUCCEEDED')
      throw new Error(`The cycle ended ${erp}`)
    const states = machine.states(execution)
    const executionArn = machine.arnOf(execution)
    const figure = transitionsIn(
      machine.engine.getExecutionHistory({ executionArn, maxResults: 1000 }).events,
    )
    return {
      bar,
      unit: 'transitions',
      at_most,
      figure,
      of: `start, ${String(states.length)} states, ${String(figure - states.length - 1)} retries: ${states.join(', ')}`,
    }
  })

export const transitions: Measure = async () => [
  await transitionsOf(clinicLines, 'transitions of an accepted cycle of one part, start included', 16),
  await transitionsOf(changedLines, 'transitions of an accepted cycle of two parts, start included', 23),
]

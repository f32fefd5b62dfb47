import * as z from 'zod'

import { longestHistory } from './history.ts'
import type { ExecutionSummary, HistoryEvent, Journal, Position } from './journal.ts'
import type { RunningExecution } from './runtime.ts'
import { checkArn } from './state-machines.ts'
import { StepFunctionsError } from './step-functions-error.ts'

const day = 86_400_000
/** AWS: a Standard execution may be open for one year; milliseconds. */
export const longestExecution = 365 * day
const redrivable = 14 * day // from the day it ended: AWS, redrive guide

const startedEvent = z.looseObject({ executionStartedEventDetails: z.looseObject({ input: z.string() }) })

/**
 * All executions: those that run, in memory, and of those that have ended only a summary; inputs, outputs and
 * histories are read from the journal when they are asked for.
 */
export type ExecutionStore = ReturnType<typeof executionStore>

export function executionStore(
  journal: Journal,
  running: ReadonlyMap<string, RunningExecution>,
  now: () => number,
) {
  const ended = new Map<string, ExecutionSummary>()

  /** Keeps the newest summary of an execution. */
  const note = (summary: ExecutionSummary): void => {
    if (summary.status === 'RUNNING') ended.delete(summary.executionArn)
    else ended.set(summary.executionArn, summary)
  }

  const has = (executionArn: string): boolean => running.has(executionArn) || ended.has(executionArn)

  /** @throws StepFunctionsError ExecutionDoesNotExist, InvalidArn */
  const find = (executionArn: string): ExecutionSummary => {
    const summary = running.get(executionArn)?.summary ?? ended.get(executionArn)
    if (summary !== undefined) return summary
    checkArn(executionArn)
    throw new StepFunctionsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`)
  }

  const history = (executionArn: string): readonly HistoryEvent[] =>
    journal.read(executionArn).flatMap((entry) => entry.events)

  /** JSON text of the input. */
  const inputOf = (executionArn: string): string =>
    running.get(executionArn)?.inputText ??
    startedEvent.parse(history(executionArn)[0]).executionStartedEventDetails.input

  const positionOf = (executionArn: string): Position => {
    const position = running.get(executionArn)?.position ?? journal.read(executionArn).at(-1)?.position
    if (position === undefined) throw new Error(`the journal lacks the execution ${executionArn}`)
    return position
  }

  /** Why AWS would refuse to redrive an execution, or undefined. */
  const whyNotRedrivable = ({
    executionArn,
    status,
    startDate,
    stopDate = startDate,
  }: ExecutionSummary): string | undefined => {
    if (status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven'
    if (status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven'
    if (now() - stopDate > redrivable) return 'Execution ended more than 14 days ago'
    if (now() - startDate >= longestExecution) return 'Execution has exceeded the maximum open time'
    if (history(executionArn).length >= longestHistory - 1) {
      return 'Execution history event limit exceeded'
    }
    return undefined
  }

  /** Newest first. */
  const all = (): ExecutionSummary[] =>
    [...[...running.values()].map(({ summary }) => summary), ...ended.values()].toSorted(
      (a, b) => b.startDate - a.startDate || (a.executionArn < b.executionArn ? -1 : 1),
    )

  return { note, has, find, history, inputOf, positionOf, whyNotRedrivable, all }
}

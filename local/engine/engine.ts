import { type TaskAnswers, taskAnswers } from './answer-tasks.ts'
import type { Clock } from './clock.ts'
import { type ExecutionControl, executionControl, readExecution } from './control-executions.ts'
import { executionStore } from './execution-store.ts'
import type { ExecutionSummary, Journal } from './journal.ts'
import { type ExecutionReader, executionReader } from './read-executions.ts'
import { createRuntime } from './runtime.ts'
import type { ServiceCalls } from './service-calls.ts'
import { stateMachines, type StateMachineSource } from './state-machines.ts'

export type EngineOptions = ServiceCalls & {
  readonly clock: Clock
  readonly journal: Journal
  /** Chance for tokens, jitter, names and expressions, from 0 to below 1; default Math.random. */
  readonly random?: () => number
  /** Told when an execution starts, ends or is redriven, as EventBridge is; not told again after a restart. */
  readonly onStatusChange?: (execution: ExecutionSummary) => void
}

/**
 * Step Functions on one machine: the API's actions by their names, with dates as epoch milliseconds. Every action
 * throws a `StepFunctionsError` that has the name of AWS's error.
 */
export type Engine = ExecutionControl &
  TaskAnswers &
  ExecutionReader & {
    /** Loads a definition and holds it; executions already started keep theirs. @throws DefinitionRefused */
    readonly addStateMachine: (machine: StateMachineSource) => void
    /** Stops at once and leaves no trace, as a killed process would; another engine may then use the journal. */
    readonly close: () => void
  }

/**
 * Makes an engine. It at once goes on with every execution that its journal holds, so the functions and queues it is
 * given must answer by then.
 */
export function createEngine(options: EngineOptions): Engine {
  const { clock, journal, random = Math.random, onStatusChange } = options
  const machines = stateMachines(journal)
  const runtime = createRuntime({
    clock,
    journal,
    random,
    services: options,
    onStatusChange: (summary) => {
      store.note(summary)
      onStatusChange?.(summary)
    },
  })
  const store = executionStore(journal, runtime.running, clock.now)

  const contents = journal.open()
  for (const summary of contents.ended) store.note(summary)
  for (const executionArn of contents.running) {
    const last = journal.read(executionArn).at(-1)
    if (last !== undefined) runtime.resume(readExecution({ store, machines }, last.summary, last.position))
  }

  return {
    ...executionControl({ clock, random, runtime, store, machines }),
    ...taskAnswers(runtime, store),
    ...executionReader(store, machines),
    addStateMachine: (machine) => {
      machines.add(machine, clock.now())
    },
    close: runtime.close,
  }
}

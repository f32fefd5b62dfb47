import type { Clock } from './clock.ts'
import type { Definition } from './definition.ts'
import { expressionFunctions } from './expression-functions.ts'
import {
  executionFailed,
  executionTimedOut,
  longestHistory,
  type NewEvent,
  numberEvents,
  taskFailed,
  taskSubmitted,
  taskSucceeded,
  taskTimedOut,
} from './history.ts'
import type { ExecutionSummary, Journal, Outcome, Position } from './journal.ts'
import { jsonBytes, payloadLimit } from './payload-limit.ts'
import { type CallOutcome, callService, type ServiceCalls } from './service-calls.ts'
import { regionOf } from './state-machines.ts'
import { nextStep, redriveFrom, type StepContext, taskOf } from './steps.ts'

/** An execution that has not ended, as it is held in memory: no history, only where it stands. */
export type RunningExecution = {
  summary: ExecutionSummary
  position: Position
  /** Number of events in its history. */
  events: number
  readonly definition: Definition
  readonly input: unknown
  readonly inputText: string
}

/** A change of one execution that is written down as one entry of the journal. */
export type Change = {
  readonly events: readonly NewEvent[]
  readonly position: Position
  readonly status?: Exclude<ExecutionSummary['status'], 'RUNNING'>
}

type TaskPosition = Extract<Position, { at: 'calling' | 'waiting' }>

/** Drives executions: takes their steps, writes each down, and then calls services and sets timers. */
export type Runtime = {
  readonly running: ReadonlyMap<string, RunningExecution>
  /** Takes in an execution that is new or redriven, with the events that say so, and drives it. */
  readonly adopt: (execution: RunningExecution, events: readonly NewEvent[]) => void
  /** Takes in an execution as the journal has it, and drives it on. */
  readonly resume: (execution: RunningExecution) => void
  /** Ends an attempt that is under way or waits for its token. */
  readonly endTask: (execution: RunningExecution, event: NewEvent, outcome: Outcome) => void
  /** Ends an execution from outside its steps; a redrive goes on from where it stands. */
  readonly end: (
    execution: RunningExecution,
    status: 'ABORTED' | 'TIMED_OUT',
    event: NewEvent,
    failure: { readonly error?: string; readonly cause?: string },
  ) => void
  readonly close: () => void
}

export function createRuntime(options: {
  readonly clock: Clock
  readonly journal: Journal
  readonly services: ServiceCalls
  readonly random: () => number
  readonly onStatusChange: (summary: ExecutionSummary) => void
}): Runtime {
  const { clock, journal, services, random } = options
  const functions = expressionFunctions({ now: clock.now, random })
  const running = new Map<string, RunningExecution>()
  const timers = new Map<string, { task?: () => void; execution?: () => void }>()
  let closed = false

  /** Nothing waits for this work, so a fault in it must stop the process rather than vanish. */
  const track = (work: Promise<void>): void => {
    const guarded = work.catch((error: unknown) => {
      queueMicrotask(() => {
        throw error instanceof Error ? error : new Error(String(error))
      })
    })
    clock.track?.(guarded)
  }

  const commit = (execution: RunningExecution, change: Change): void => {
    if (closed) throw new Error('the engine is closed')
    const now = clock.now()
    const { events, position, status } = withinHistory(execution.events, change)
    const summary = status === undefined ? execution.summary : { ...execution.summary, status, stopDate: now }
    journal.append({ summary, position, events: numberEvents(events, execution.events, now) })
    execution.summary = summary
    execution.position = position
    execution.events += events.length
    if (closed) return
    if (status === undefined) {
      arm(execution)
      return
    }
    forget(summary.executionArn)
    options.onStatusChange(summary)
  }

  const forget = (executionArn: string): void => {
    const set = timers.get(executionArn)
    set?.task?.()
    set?.execution?.()
    timers.delete(executionArn)
    running.delete(executionArn)
  }

  /** Sets off what the position asks for: a call, a timer. */
  const arm = (execution: RunningExecution): void => {
    const { position } = execution
    const set = timers.get(execution.summary.executionArn)
    set?.task?.()
    delete set?.task
    if (position.at === 'calling' || position.at === 'waiting') {
      const { deadline } = position.attempt
      if (set !== undefined && deadline !== undefined) {
        set.task = clock.at(deadline, () => {
          timeOutTask(execution, position)
        })
      }
      if (position.at === 'calling') track(call(execution, position))
    } else if (position.at === 'backing off' && set !== undefined) {
      set.task = clock.at(position.until, () => {
        drive(execution)
      })
    }
  }

  const call = async (execution: RunningExecution, position: TaskPosition): Promise<void> => {
    const task = taskOf(execution.definition, position.visit.state)
    const outcome = await callService(services, task, position.attempt.arguments)
    // in the meantime it may have timed out, been stopped, or been answered by its token
    if (closed || execution.position !== position) return
    commit(execution, afterCall(execution.definition, position, outcome))
    drive(execution)
  }

  const timeOutTask = (execution: RunningExecution, position: TaskPosition): void => {
    if (closed || execution.position !== position) return
    const { resource } = taskOf(execution.definition, position.visit.state)
    endTask(execution, taskTimedOut(resource), { failure: { error: 'States.Timeout' } })
  }

  const timeOutExecution = (execution: RunningExecution): void => {
    if (closed) return
    end(execution, 'TIMED_OUT', executionTimedOut(), {})
  }

  const endTask: Runtime['endTask'] = (execution, event, outcome) => {
    const { position } = execution
    if (position.at !== 'calling' && position.at !== 'waiting') return
    commit(execution, { events: [event], position: { at: 'settling', visit: position.visit, outcome } })
    drive(execution)
  }

  const end: Runtime['end'] = (execution, status, event, failure) => {
    const redrive = redriveFrom(execution.position)
    const position: Position = { at: 'ended', ...failure, ...(redrive !== undefined && { redrive }) }
    commit(execution, { events: [event], position, status })
  }

  const drive = (execution: RunningExecution): void => {
    if (!closed) track(takeSteps(execution))
  }

  const takeSteps = async (execution: RunningExecution): Promise<void> => {
    for (;;) {
      const { position } = execution
      const step = await nextStep(contextOf(execution), position)
      // whoever has moved the execution on meanwhile (a stop, a time-out) also drives it on
      if (step === undefined || closed || execution.position !== position) return
      commit(execution, step)
    }
  }

  const contextOf = (execution: RunningExecution): StepContext => ({
    definition: execution.definition,
    summary: execution.summary,
    input: execution.input,
    events: execution.events,
    now: clock.now(),
    random,
    functions,
    region: regionOf(execution.summary.stateMachineArn),
  })

  const isPast = (deadline: number | undefined): boolean => deadline !== undefined && deadline <= clock.now()

  const watchDeadline = (execution: RunningExecution): void => {
    if (closed) return
    const { executionArn, deadline } = execution.summary
    running.set(executionArn, execution)
    timers.set(executionArn, {
      execution: clock.at(deadline, () => {
        timeOutExecution(execution)
      }),
    })
  }

  return {
    running,
    adopt: (execution, events) => {
      commit(execution, { events, position: execution.position })
      watchDeadline(execution)
      options.onStatusChange(execution.summary)
      drive(execution)
    },
    resume: (execution) => {
      watchDeadline(execution)
      const { position, summary } = execution
      if (summary.deadline <= clock.now()) timeOutExecution(execution)
      else if (position.at === 'calling' && isPast(position.attempt.deadline))
        timeOutTask(execution, position)
      else {
        execution.position = afterRestart(position)
        arm(execution)
        drive(execution)
      }
    },
    endTask,
    end,
    close: () => {
      closed = true
      for (const executionArn of running.keys()) forget(executionArn)
    },
  }
}

/** A call whose answer was lost is made again, with a new token but the deadline it had. */
function afterRestart(position: Position): Position {
  if (position.at !== 'calling') return position
  const { visit, attempt } = position
  return { at: 'scheduling', visit, ...(attempt.deadline !== undefined && { deadline: attempt.deadline }) }
}

/** What follows when the function or the queue has answered. */
function afterCall(definition: Definition, { visit, attempt }: TaskPosition, outcome: CallOutcome): Change {
  const { resource } = taskOf(definition, visit.state)
  const failure = failureOf(resource, outcome)
  if (failure !== undefined) {
    return {
      events: [taskFailed(resource, failure)],
      position: { at: 'settling', visit, outcome: { failure } },
    }
  }
  const result: unknown = 'payload' in outcome ? JSON.parse(JSON.stringify(outcome.payload ?? null)) : null
  if (attempt.token !== undefined) {
    const waiting = { ...attempt, arguments: null } // not needed any more, and they may be large
    return { events: [taskSubmitted(resource, result)], position: { at: 'waiting', visit, attempt: waiting } }
  }
  return {
    events: [taskSucceeded(resource, result)],
    position: { at: 'settling', visit, outcome: { result } },
  }
}

function failureOf(
  resource: string,
  outcome: CallOutcome,
): { readonly error: string; readonly cause: string } | undefined {
  if ('error' in outcome) return { error: outcome.error, cause: outcome.cause }
  if (jsonBytes(outcome.payload ?? null) <= payloadLimit) return undefined
  const service = resource.split(':')[5] ?? ''
  const cause = `The state/task '${service}' returned a result with a size exceeding the maximum number of bytes service limit.`
  return { error: 'States.DataLimitExceeded', cause }
}

/** An execution whose history would reach the limit without ending fails with its last event, as on AWS. */
function withinHistory(before: number, change: Change): Change {
  const after = before + change.events.length
  if (after < longestHistory || (after === longestHistory && change.status !== undefined)) return change
  const failure = {
    error: 'States.Runtime',
    cause: `The execution reached the maximum number of history events (${String(longestHistory)}).`,
  }
  const kept = change.events.slice(0, longestHistory - 1 - before)
  return {
    events: [...kept, executionFailed(failure)],
    position: { at: 'ended', ...failure },
    status: 'FAILED',
  }
}

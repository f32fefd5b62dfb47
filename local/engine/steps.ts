import type { Definition } from './definition.ts'
import {
  evaluationFailed,
  executionFailed,
  executionSucceeded,
  type NewEvent,
  stateEntered,
  stateExited,
  taskScheduled,
  taskStarted,
} from './history.ts'
import type { ExecutionSummary, Outcome, Position, Visit } from './journal.ts'
import { checkVariables, withinLimit } from './payload-limit.ts'
import { retryAfter, takesError } from './retry.ts'
import type { ChoiceState, FailState, Leaving, State, TaskState } from './states.ts'
import { createTaskToken } from './task-token.ts'
import { type Bindings, evaluateTemplate, StateFailure, type Template } from './template.ts'

/** What a step may look at; it changes nothing. */
export type StepContext = {
  readonly definition: Definition
  readonly summary: ExecutionSummary
  readonly input: unknown
  /** Events of the history so far. */
  readonly events: number
  readonly now: number
  readonly random: () => number
  /** Functions that expressions may call, by name. */
  readonly functions: Bindings
  readonly region: string
}

/** What a step leads to: events to add, where the execution then stands, and how it ended if it did. */
export type Step = {
  readonly events: readonly NewEvent[]
  readonly position: Position
  readonly status?: 'SUCCEEDED' | 'FAILED'
}

type PositionAt<At extends Position['at']> = Extract<Position, { at: At }>

/**
 * Takes the next step from a position, or answers undefined where the execution waits for a call, a token or the
 * clock. Pure but for the chance and the time it is handed: the engine writes the step down and acts on it.
 */
export async function nextStep(context: StepContext, position: Position): Promise<Step | undefined> {
  if (position.at === 'entering') return await enter(context, position)
  if (position.at === 'scheduling') return await schedule(context, position.visit, position.deadline)
  if (position.at === 'settling') return await settle(context, position)
  if (position.at === 'backing off' && position.until <= context.now) {
    return await schedule(context, position.visit, undefined)
  }
  return undefined
}

/** Where a redrive goes on: the same state with the same input and variables, its retries not yet made. */
export function redriveFrom(position: Position): PositionAt<'entering' | 'scheduling'> | undefined {
  if (position.at === 'entering') return position
  if (position.at === 'ended') return position.redrive
  const { visit } = position
  return { at: 'scheduling', visit: { ...visit, retryCount: 0, spent: visit.spent.map(() => 0) } }
}

/** The state a position stands in; a journal never names one that its definition lacks. */
export function stateOf(definition: Definition, name: string): State {
  const state = definition.states.get(name)
  if (state === undefined) throw new Error(`the definition has no state ${name}`)
  return state
}

/** The task a visit is of. */
export function taskOf(definition: Definition, name: string): TaskState {
  const state = stateOf(definition, name)
  if (state.type !== 'Task') throw new Error(`the state ${name} is not a task`)
  return state
}

async function enter(context: StepContext, position: PositionAt<'entering'>): Promise<Step> {
  const { state: name, input, variables } = position
  const state = stateOf(context.definition, name)
  const entered = stateEntered(state.type, name, input, context.events === 1)
  const visit: Visit = {
    state: name,
    input,
    variables,
    enteredAt: context.now,
    enteredEvent: context.events + 1,
    retryCount: 0,
    spent: [],
  }
  if (state.type === 'Task') {
    const spent = state.retriers.map(() => 0)
    return { events: [entered], position: { at: 'scheduling', visit: { ...visit, spent } } }
  }
  const step = await unlessFailing(visit, position, async () => await passThrough(context, state, visit))
  return { ...step, events: [entered, ...step.events] }
}

/** The states that end as soon as they are entered. */
async function passThrough(
  context: StepContext,
  state: Exclude<State, TaskState>,
  visit: Visit,
): Promise<Step> {
  const bindings = bindingsOf(context, visit, false, {})
  if (state.type === 'Choice') return await choose(state, visit, bindings)
  if (state.type === 'Fail') return await fail(state, visit, bindings)
  return await leave(visit, state, state.type === 'Pass' ? state.next : undefined, visit.input, bindings)
}

async function choose(state: ChoiceState, visit: Visit, bindings: Bindings): Promise<Step> {
  for (const rule of state.rules) {
    if (await holds(rule.condition, bindings)) {
      return await leave(visit, { ...rule, type: 'Choice' }, rule.next, visit.input, bindings)
    }
  }
  if (state.default !== undefined) return await leave(visit, state, state.default, visit.input, bindings)
  throw new StateFailure('States.NoChoiceMatched', 'No choice rule matched and there is no Default.')
}

async function fail(state: FailState, visit: Visit, bindings: Bindings): Promise<Step> {
  const error = await textOf(state.error, 'Error', bindings)
  const cause = await textOf(state.cause, 'Cause', bindings)
  const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
  return failed(failure, {
    at: 'entering',
    state: visit.state,
    input: visit.input,
    variables: visit.variables,
  })
}

async function holds(condition: Template, bindings: Bindings): Promise<boolean> {
  const value = await evaluateTemplate(condition, bindings)
  if (typeof value === 'boolean') return value
  throw wrongType(condition.kind === 'expression' ? condition.location : 'Condition', 'a boolean', value)
}

async function textOf(
  template: Template | undefined,
  field: string,
  bindings: Bindings,
): Promise<string | undefined> {
  if (template === undefined) return undefined
  const value = await evaluateTemplate(template, bindings)
  if (typeof value === 'string') return value
  throw wrongType(field, 'a string', value)
}

const wrongType = (field: string, wanted: string, value: unknown): StateFailure =>
  new StateFailure(
    'States.QueryEvaluationError',
    `The field '${field}' must evaluate to ${wanted}, but was ${JSON.stringify(value)}.`,
    field,
  )

/** Evaluates Output and Assign, both with the variables as they were, and goes on to the next state or the end. */
async function leave(
  visit: Visit,
  from: Leaving & { readonly type: State['type'] },
  next: string | undefined,
  result: unknown,
  bindings: Bindings,
): Promise<Step> {
  const output = from.output === undefined ? result : await evaluateTemplate(from.output, bindings)
  withinLimit(output, `the output of the state '${visit.state}'`)
  const assigned: [string, unknown][] = []
  for (const [name, template] of from.assign)
    assigned.push([name, await evaluateTemplate(template, bindings)])
  const variables = { ...visit.variables, ...Object.fromEntries(assigned) }
  if (assigned.length > 0) checkVariables(Object.fromEntries(assigned), variables)
  const exited = stateExited(from.type, visit.state, output, assigned)
  if (next !== undefined) {
    return { events: [exited], position: { at: 'entering', state: next, input: output, variables } }
  }
  return {
    events: [exited, executionSucceeded(output)],
    position: { at: 'ended', output },
    status: 'SUCCEEDED',
  }
}

/** Makes a task's next attempt: a new token, Arguments evaluated anew, a new deadline unless one is handed on. */
async function schedule(context: StepContext, visit: Visit, deadline: number | undefined): Promise<Step> {
  const task = taskOf(context.definition, visit.state)
  const waits = task.resource.endsWith('.waitForTaskToken')
  const eventId = context.events + 1
  const token = waits ? createTaskToken(context.summary.executionArn, eventId, context.random) : undefined
  try {
    const bindings = bindingsOf(context, visit, true, {}, token)
    const parameters = withinLimit(
      await evaluateTemplate(task.arguments, bindings),
      `the Arguments of the state '${visit.state}'`,
    )
    const seconds = await secondsOf(task.timeoutSeconds, bindings)
    const limit = deadline ?? (seconds === undefined ? undefined : context.now + seconds * 1_000)
    const attempt = {
      arguments: parameters,
      ...(token !== undefined && { token }),
      ...(limit !== undefined && { deadline: limit }),
    }
    const events = [
      taskScheduled(task.resource, parameters, context.region, seconds),
      taskStarted(task.resource),
    ]
    return { events, position: { at: 'calling', visit, attempt } }
  } catch (error) {
    return settleFailure(visit, error)
  }
}

async function secondsOf(template: Template | undefined, bindings: Bindings): Promise<number | undefined> {
  if (template === undefined) return undefined
  const value = await evaluateTemplate(template, bindings)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 99_999_999) return value
  throw wrongType('TimeoutSeconds', 'a positive integer', value)
}

async function settle(context: StepContext, { visit, outcome }: PositionAt<'settling'>): Promise<Step> {
  const task = taskOf(context.definition, visit.state)
  if (outcome.failure !== undefined) return await settleError(context, task, visit, outcome.failure)
  try {
    const bindings = bindingsOf(context, visit, true, { result: outcome.result })
    return await leave(visit, task, task.next, outcome.result, bindings)
  } catch (error) {
    return settleFailure(visit, error)
  }
}

type Failure = NonNullable<Outcome['failure']>

/** An expression of a task failed: that is an error of the task, for its Retry and Catch. */
function settleFailure(visit: Visit, thrown: unknown): Step {
  const { failure, events } = failureOf(visit, thrown)
  return { events, position: { at: 'settling', visit, outcome: { failure } } }
}

/** Retry first, then Catch, then the end of the execution. */
async function settleError(
  context: StepContext,
  task: TaskState,
  visit: Visit,
  failure: Failure,
): Promise<Step> {
  const retry = retryAfter(task.retriers, visit.spent, failure.error, context.random)
  if (retry !== undefined) {
    const spent = visit.spent.map((count, at) => (at === retry.retrier ? count + 1 : count))
    const again = { ...visit, spent, retryCount: visit.retryCount + 1 }
    return { events: [], position: { at: 'backing off', visit: again, until: context.now + retry.delayMs } }
  }
  const redrive = redriveFrom({ at: 'scheduling', visit })
  const catcher = task.catchers.find((each) => takesError(each.errorEquals, failure.error))
  if (catcher === undefined) return failed(failure, redrive)
  const errorOutput = { Error: failure.error, Cause: failure.cause ?? '' }
  const bindings = bindingsOf(context, visit, true, { errorOutput })
  return await unlessFailing(
    visit,
    redrive,
    async () => await leave(visit, { ...catcher, type: 'Task' }, catcher.next, errorOutput, bindings),
  )
}

/** Takes a step that nothing can retry or catch: a failing expression ends the execution. */
async function unlessFailing(
  visit: Visit,
  redrive: PositionAt<'entering' | 'scheduling'> | undefined,
  step: () => Promise<Step>,
): Promise<Step> {
  try {
    return await step()
  } catch (error) {
    const { failure, events } = failureOf(visit, error)
    const end = failed(failure, redrive)
    return { ...end, events: [...events, ...end.events] }
  }
}

/** An error that the engine itself found, worded as AWS words it; anything else thrown is a fault of ours. */
function failureOf(visit: Visit, thrown: unknown): { failure: Failure; events: NewEvent[] } {
  if (!(thrown instanceof StateFailure)) throw thrown
  const where = `(entered at the event id #${String(visit.enteredEvent)})`
  const cause = `An error occurred while executing the state '${visit.state}' ${where}. ${thrown.message}`
  const failure = { error: thrown.error, cause }
  const { location } = thrown
  return { failure, events: location === undefined ? [] : [evaluationFailed(visit.state, failure, location)] }
}

function failed(
  failure: { error?: string; cause?: string | undefined },
  redrive: PositionAt<'entering' | 'scheduling'> | undefined,
): Step {
  return {
    events: [executionFailed(failure)],
    position: { at: 'ended', ...failure, ...(redrive !== undefined && { redrive }) },
    status: 'FAILED',
  }
}

/** What expressions of a state can name: `$states`, the variables, the functions. */
function bindingsOf(
  { summary, input, functions }: StepContext,
  visit: Visit,
  isTask: boolean,
  members: { readonly result?: unknown; readonly errorOutput?: unknown },
  token?: string,
): Bindings {
  const context = {
    Execution: {
      Id: summary.executionArn,
      Input: input,
      Name: summary.name,
      RedriveCount: summary.redriveCount,
      StartTime: isoTime(summary.startDate),
    },
    State: {
      EnteredTime: isoTime(visit.enteredAt),
      Name: visit.state,
      ...(isTask && { RetryCount: visit.retryCount }),
    },
    StateMachine: { Id: summary.stateMachineArn, Name: summary.stateMachineName },
    ...(token !== undefined && { Task: { Token: token } }),
  }
  return { ...functions, ...visit.variables, states: { input: visit.input, context, ...members } }
}

const isoTime = (epochMs: number): string => new Date(epochMs).toISOString()

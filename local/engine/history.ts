import type { Resource } from './definition-schema.ts'
import type { HistoryEvent } from './journal.ts'
import type { State } from './states.ts'

/** AWS ends an execution whose history would grow longer; the last event is then the failure itself. */
export const longestHistory = 25_000

/** An event before it is numbered; `opens` marks the few that AWS gives no predecessor. */
export type NewEvent = {
  readonly type: string
  readonly opens?: boolean
  readonly [details: string]: unknown
}

type StateType = State['type']
type Failure = { readonly error?: string | undefined; readonly cause?: string | undefined }

const whole = { truncated: false }
const text = (value: unknown): string => JSON.stringify(value)

/** Numbers new events after the `last` one and dates them. */
export function numberEvents(events: readonly NewEvent[], last: number, now: number): HistoryEvent[] {
  return events.map(({ type, opens, ...details }, at) => {
    const id = last + at + 1
    return { id, previousEventId: opens === true ? 0 : id - 1, timestamp: now, type, ...details }
  })
}

export const executionStarted = (
  input: string,
  from: { stateMachineAliasArn?: string | undefined; stateMachineVersionArn?: string | undefined },
): NewEvent => ({
  type: 'ExecutionStarted',
  opens: true,
  executionStartedEventDetails: { input, inputDetails: whole, roleArn, ...from },
})

/** There are no roles here; SDK clients expect one to be named. */
export const roleArn = 'arn:aws:iam::000000000000:role/local'

export const executionSucceeded = (output: unknown): NewEvent => ({
  type: 'ExecutionSucceeded',
  executionSucceededEventDetails: { output: text(output), outputDetails: whole },
})

export const executionFailed = (failure: Failure): NewEvent => ({
  type: 'ExecutionFailed',
  executionFailedEventDetails: { ...failure },
})

export const executionAborted = (failure: Failure): NewEvent => ({
  type: 'ExecutionAborted',
  opens: true,
  executionAbortedEventDetails: { ...failure },
})

export const executionTimedOut = (): NewEvent => ({
  type: 'ExecutionTimedOut',
  opens: true,
  executionTimedOutEventDetails: { error: 'States.Timeout' },
})

export const executionRedriven = (redriveCount: number): NewEvent => ({
  type: 'ExecutionRedriven',
  executionRedrivenEventDetails: { redriveCount },
})

/** `opens` is true for the first state of an execution. */
export const stateEntered = (type: StateType, name: string, input: unknown, opens: boolean): NewEvent => ({
  type: `${type}StateEntered`,
  opens,
  stateEnteredEventDetails: { name, input: text(input), inputDetails: whole },
})

export const stateExited = (
  type: StateType,
  name: string,
  output: unknown,
  assigned: readonly (readonly [string, unknown])[],
): NewEvent => ({
  type: `${type}StateExited`,
  stateExitedEventDetails: {
    name,
    output: text(output),
    outputDetails: whole,
    ...(assigned.length > 0 && {
      assignedVariables: Object.fromEntries(assigned.map(([variable, value]) => [variable, text(value)])),
      assignedVariablesDetails: whole,
    }),
  },
})

export const evaluationFailed = (state: string, failure: Failure, location: string): NewEvent => ({
  type: 'EvaluationFailed',
  evaluationFailedEventDetails: { ...failure, location, state },
})

/** `lambda` and `invoke.waitForTaskToken`, as the history names a resource. */
function resourceNames(resource: Resource): { resourceType: string; resource: string } {
  const [resourceType = '', ...action] = resource.slice('arn:aws:states:::'.length).split(':')
  return { resourceType, resource: action.join(':') }
}

export const taskScheduled = (
  resource: Resource,
  parameters: unknown,
  region: string,
  timeoutInSeconds: number | undefined,
): NewEvent => ({
  type: 'TaskScheduled',
  taskScheduledEventDetails: {
    ...resourceNames(resource),
    region,
    parameters: text(parameters),
    ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
  },
})

export const taskStarted = (resource: Resource): NewEvent => ({
  type: 'TaskStarted',
  taskStartedEventDetails: resourceNames(resource),
})

export const taskSubmitted = (resource: Resource, output: unknown): NewEvent => ({
  type: 'TaskSubmitted',
  taskSubmittedEventDetails: { ...resourceNames(resource), output: text(output), outputDetails: whole },
})

export const taskSucceeded = (resource: Resource, output: unknown): NewEvent => ({
  type: 'TaskSucceeded',
  taskSucceededEventDetails: { ...resourceNames(resource), output: text(output), outputDetails: whole },
})

export const taskFailed = (resource: Resource, failure: Failure): NewEvent => ({
  type: 'TaskFailed',
  taskFailedEventDetails: { ...resourceNames(resource), ...failure },
})

export const taskTimedOut = (resource: Resource): NewEvent => ({
  type: 'TaskTimedOut',
  taskTimedOutEventDetails: { ...resourceNames(resource), error: 'States.Timeout' },
})

import type { Clock } from './clock.ts'
import { type ExecutionStore, longestExecution } from './execution-store.ts'
import { uuid } from './expression-functions.ts'
import { executionAborted, executionRedriven, executionStarted } from './history.ts'
import type { ExecutionSummary, Position } from './journal.ts'
import { checkFailureText, parseJson } from './request-checks.ts'
import type { RunningExecution, Runtime } from './runtime.ts'
import { executionArn, type StateMachines } from './state-machines.ts'
import { StepFunctionsError } from './step-functions-error.ts'

/** The actions that start and end executions. */
export type ExecutionControl = {
  /**
   * Idempotent by name while the execution runs with the same input, compared as text.
   *
   * @throws StepFunctionsError ExecutionAlreadyExists, InvalidName, InvalidExecutionInput, StateMachineDoesNotExist
   */
  readonly startExecution: (request: {
    /** ARN of the state machine, of a version or of an alias. */
    readonly stateMachineArn: string
    /** Default: a UUID. */
    readonly name?: string
    /** JSON text; default `{}`. */
    readonly input?: string
  }) => { readonly executionArn: string; readonly startDate: number }
  /** Ends an execution as ABORTED; one that has ended stays as it is. */
  readonly stopExecution: (request: {
    readonly executionArn: string
    readonly error?: string
    readonly cause?: string
  }) => { readonly stopDate: number }
  /**
   * Goes on from the state where an execution ended, with the same input and variables and a new token.
   *
   * @throws StepFunctionsError ExecutionNotRedrivable, ExecutionDoesNotExist
   */
  readonly redriveExecution: (request: { readonly executionArn: string; readonly clientToken?: string }) => {
    readonly redriveDate: number
  }
}

type Parts = {
  readonly clock: Clock
  readonly random: () => number
  readonly runtime: Runtime
  readonly store: ExecutionStore
  readonly machines: StateMachines
}

export function executionControl(parts: Parts): ExecutionControl {
  return {
    startExecution: (request) => startExecution(parts, request),
    stopExecution: (request) => stopExecution(parts, request),
    redriveExecution: (request) => redriveExecution(parts, request),
  }
}

/** An execution out of the journal, to stand where `position` says. */
export function readExecution(
  { store, machines }: Pick<Parts, 'store' | 'machines'>,
  summary: ExecutionSummary,
  position: Position,
): RunningExecution {
  const inputText = store.inputOf(summary.executionArn)
  const input: unknown = JSON.parse(inputText)
  const events = store.history(summary.executionArn).length
  return { summary, position, events, definition: machines.definition(summary.definition), input, inputText }
}

function startExecution(
  { clock, random, runtime, store, machines }: Parts,
  {
    stateMachineArn,
    name = uuid(random),
    input: inputText = '{}',
  }: Parameters<ExecutionControl['startExecution']>[0],
): ReturnType<ExecutionControl['startExecution']> {
  const { machine, ...from } = machines.resolve(stateMachineArn)
  checkName(name)
  const input = parseJson(inputText, 'InvalidExecutionInput', 'Invalid State Machine Execution Input')
  const arn = executionArn(machine, name)
  const earlier = runtime.running.get(arn)
  if (earlier?.inputText === inputText) return { executionArn: arn, startDate: earlier.summary.startDate }
  if (store.has(arn)) {
    throw new StepFunctionsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`)
  }
  const { definition } = machine
  const startDate = clock.now()
  const summary: ExecutionSummary = {
    executionArn: arn,
    stateMachineArn: machine.arn,
    stateMachineName: machine.name,
    ...from,
    name,
    status: 'RUNNING',
    startDate,
    deadline: deadlineOf(startDate, startDate, definition.timeoutSeconds),
    definition: machine.definitionHash,
    redriveCount: 0,
  }
  const position: Position = { at: 'entering', state: definition.startAt, input, variables: {} }
  runtime.adopt({ summary, position, events: 0, definition, input, inputText }, [
    executionStarted(inputText, from),
  ])
  return { executionArn: arn, startDate }
}

function stopExecution(
  { clock, runtime, store }: Parts,
  { executionArn: arn, error, cause }: Parameters<ExecutionControl['stopExecution']>[0],
): ReturnType<ExecutionControl['stopExecution']> {
  checkFailureText(error, cause)
  const execution = runtime.running.get(arn)
  if (execution === undefined) return { stopDate: store.find(arn).stopDate ?? clock.now() }
  const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
  runtime.end(execution, 'ABORTED', executionAborted(failure), failure)
  return { stopDate: clock.now() }
}

function redriveExecution(
  { clock, runtime, store, machines }: Parts,
  { executionArn: arn, clientToken }: Parameters<ExecutionControl['redriveExecution']>[0],
): ReturnType<ExecutionControl['redriveExecution']> {
  const before = store.find(arn)
  const repeated = clientToken !== undefined && before.redriveClientToken === clientToken
  if (repeated && before.redriveDate !== undefined) return { redriveDate: before.redriveDate }
  const reason = store.whyNotRedrivable(before)
  const position = store.positionOf(arn)
  if (reason !== undefined || position.at !== 'ended' || position.redrive === undefined) {
    throw new StepFunctionsError('ExecutionNotRedrivable', reason ?? 'There is no state to go on from')
  }
  const redriveDate = clock.now()
  const redriveCount = before.redriveCount + 1
  const { timeoutSeconds } = machines.definition(before.definition)
  const summary: ExecutionSummary = {
    ...before,
    status: 'RUNNING',
    stopDate: undefined,
    deadline: deadlineOf(before.startDate, redriveDate, timeoutSeconds),
    redriveCount,
    redriveDate,
    redriveClientToken: clientToken,
  }
  const execution = readExecution({ store, machines }, summary, position.redrive)
  runtime.adopt(execution, [executionRedriven(redriveCount)])
  return { redriveDate }
}

/** A machine's own limit counts from the start or the redrive; the year of AWS always from the start. */
const deadlineOf = (startDate: number, from: number, timeoutSeconds: number | undefined): number =>
  Math.min(startDate + longestExecution, from + (timeoutSeconds ?? Infinity) * 1_000)

/** API_StartExecution: no white space, brackets, wildcards, control characters or special characters. */
function checkName(name: string): void {
  const valid = name.length >= 1 && name.length <= 80 && !/[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{C}]/u.test(name)
  if (!valid) throw new StepFunctionsError('InvalidName', `Invalid Name: '${name}'`)
}

import { fakeClock, type FakeClock } from '../../../local/engine/clock.ts'
import { createEngine, type Engine } from '../../../local/engine/engine.ts'
import { type ExecutionSummary, type Journal, memoryJournal } from '../../../local/engine/journal.ts'
import type { CallOutcome, SqsMessage } from '../../../local/engine/service-calls.ts'

export const machineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Cycle'

/** What a test's tasks send; of these fields each sends some. */
export type Payload = { token: string; entered: string; retry: number; [field: string]: unknown }

/** A function of a test: takes the payload, answers like Lambda. */
export type TestFunction = (payload: Payload, call: number) => CallOutcome | Promise<CallOutcome>

export const ok = (payload: unknown): CallOutcome => ({ payload })
export const failing = (error: string, message = 'no luck'): CallOutcome => ({
  error,
  cause: JSON.stringify({ errorType: error, errorMessage: message }),
})

export type Bench = {
  engine: Engine
  clock: FakeClock
  journal: Journal
  /** What functions were called with, in order. */
  calls: { name: string; payload: Payload; at: number }[]
  messages: SqsMessage[]
  statuses: ExecutionSummary[]
  /** Token of the newest call that carried one. */
  token: () => string
  /** Starts an execution and lets it run until it waits; answers its ARN. */
  start: (input?: unknown, name?: string) => Promise<string>
  /** Types of the events in an execution's history. */
  events: (executionArn: string) => string[]
  status: (executionArn: string) => string
  output: (executionArn: string) => unknown
}

/** A machine of the given states (the first is where it starts) in an engine on a fake clock. */
export async function bench(
  states: Record<string, unknown>,
  functions: Record<string, TestFunction> = {},
  options: {
    journal?: Journal
    clock?: FakeClock
    random?: () => number
    top?: Record<string, unknown>
    sqs?: (message: SqsMessage) => CallOutcome
  } = {},
): Promise<Bench> {
  const { journal = memoryJournal(), clock = fakeClock({ patience: 5 }), random, top, sqs } = options
  const calls: Bench['calls'] = []
  const messages: SqsMessage[] = []
  const statuses: ExecutionSummary[] = []
  const engine = createEngine({
    clock,
    journal,
    ...(random && { random }),
    onStatusChange: (execution) => statuses.push(execution),
    invokeLambda: async (name, sent) => {
      const payload = sent as Payload
      calls.push({ name, payload, at: clock.now() })
      return await functions[name]!(payload, calls.filter((call) => call.name === name).length)
    },
    sendSqsMessage: async (message) => {
      messages.push(message)
      return sqs ? sqs(message) : ok({ MessageId: `m${String(messages.length)}`, MD5OfMessageBody: 'x' })
    },
  })
  engine.addStateMachine({
    arn: machineArn,
    name: 'Cycle',
    definition: { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...top },
    aliasArns: [`${machineArn}:live`],
  })
  await clock.settle()
  return {
    engine,
    clock,
    journal,
    calls,
    messages,
    statuses,
    token: () => calls.findLast((call) => call.payload?.token !== undefined)!.payload.token,
    start: async (input = {}, name) => {
      const request = { stateMachineArn: machineArn, input: JSON.stringify(input), ...(name && { name }) }
      const { executionArn } = engine.startExecution(request)
      await clock.settle()
      return executionArn
    },
    events: (executionArn) =>
      engine.getExecutionHistory({ executionArn, maxResults: 1_000 }).events.map((event) => event.type),
    status: (executionArn) => engine.describeExecution({ executionArn }).status,
    output: (executionArn) => JSON.parse(engine.describeExecution({ executionArn }).output!) as unknown,
  }
}

/** A function that never answers. */
export const hanging: TestFunction = async () => await new Promise(() => {})

/** A function that answers only when the test says so. */
export function heldBack(outcome: CallOutcome): { run: TestFunction; answer: () => void } {
  const { promise, resolve } = Promise.withResolvers<CallOutcome>()
  return {
    run: async () => await promise,
    answer: () => {
      resolve(outcome)
    },
  }
}

/** A Task that invokes a function and ends the execution, with whatever the test adds. */
export const task = (fields: Record<string, unknown> = {}, name = 'step') => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...(!('Next' in fields) && { End: true }),
  ...fields,
})

/** A Task that hands its token to the function `open` and waits. */
export const wait = (fields: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: 'open',
    Payload: {
      token: '{% $states.context.Task.Token %}',
      entered: '{% $states.context.State.EnteredTime %}',
      retry: '{% $states.context.State.RetryCount %}',
    },
  },
  ...(!('Next' in fields) && { End: true }),
  ...fields,
})

export const done = { Type: 'Succeed' }

/** Runs something that must be refused and answers with the error's name. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).name
  }
  return 'not refused'
}

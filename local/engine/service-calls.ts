import * as z from 'zod'

import type { TaskState } from './states.ts'

/** What a function or a queue answers: a value, or an error by the name that Retry and Catch know it by. */
export type CallOutcome = { readonly payload: unknown } | { readonly error: string; readonly cause: string }

/** A request to SQS, with the field names of its API; a body that was not text comes as its JSON. */
export type SqsMessage = {
  readonly QueueUrl: string
  readonly MessageBody: string
  readonly MessageGroupId?: string
  readonly MessageDeduplicationId?: string
  readonly MessageAttributes?: Record<string, unknown>
}

export type ServiceCalls = {
  /** Invokes a function by the name or ARN that the definition gives and waits for its answer. */
  readonly invokeLambda: (functionName: string, payload: unknown) => Promise<CallOutcome>
  /** Sends a message; the payload of the outcome is SQS's response. */
  readonly sendSqsMessage: (message: SqsMessage) => Promise<CallOutcome>
}

const lambdaArguments = z.object({ FunctionName: z.string(), Payload: z.unknown().optional() })
const sqsArguments = z.object({
  QueueUrl: z.string(),
  MessageBody: z.unknown().transform((body) => (typeof body === 'string' ? body : JSON.stringify(body))),
  MessageGroupId: z.string().exactOptional(),
  MessageDeduplicationId: z.string().exactOptional(),
  MessageAttributes: z.record(z.string(), z.unknown()).exactOptional(),
})

/**
 * Makes the call of a task's attempt and gives the result as `$states.result` shows it. A call that throws instead of
 * answering is one of which nothing is known: `Lambda.Unknown` or `SQS.SdkClientException`.
 */
export async function callService(
  { invokeLambda, sendSqsMessage }: ServiceCalls,
  task: TaskState,
  parameters: unknown,
): Promise<CallOutcome> {
  if (task.resource === 'arn:aws:states:::sqs:sendMessage') {
    const message = sqsArguments.safeParse(parameters)
    if (!message.success) return badArguments('SQS', message.error)
    return await answerOf(async () => await sendSqsMessage(message.data), 'SQS.SdkClientException')
  }
  const request = lambdaArguments.safeParse(parameters)
  if (!request.success) return badArguments('Lambda', request.error)
  const { FunctionName: name, Payload: payload = {} } = request.data
  const outcome = await answerOf(async () => await invokeLambda(name, payload), 'Lambda.Unknown')
  if ('error' in outcome) return outcome
  return { payload: { ExecutedVersion: '$LATEST', Payload: outcome.payload ?? null, StatusCode: 200 } }
}

async function answerOf(call: () => Promise<CallOutcome>, unknownError: string): Promise<CallOutcome> {
  try {
    return await call()
  } catch (error) {
    return { error: unknownError, cause: error instanceof Error ? error.message : String(error) }
  }
}

const badArguments = (service: string, error: z.ZodError): CallOutcome => ({
  error: `${service}.ValidationException`,
  cause: error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
})

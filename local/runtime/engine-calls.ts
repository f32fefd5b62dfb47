import { type SendMessageCommandInput, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
import type { ServiceCalls } from '../engine/service-calls.ts'
import type { Functions } from './functions.ts'
import type { QueuePart } from './resources/queues.ts'

/** What the state machines call: functions, and queues by the last part of their address. */
export function engineCalls(
  functions: Pick<Functions, 'invoke'>,
  queues: readonly QueuePart[],
  client: SQSClient,
): ServiceCalls {
  return {
    invokeLambda: async (functionName, payload) => {
      try {
        const invocation = await functions.invoke(functionName, payload)
        if (invocation.outcome === 'returned') return { payload: invocation.payload }
        const { failure } = invocation
        return { error: failure.errorType, cause: JSON.stringify(failure) }
      } catch (error) {
        return refusalOf('Lambda', error)
      }
    },
    sendSqsMessage: async ({ QueueUrl, MessageAttributes, ...message }) => {
      // An execution keeps the address it was started with, whatever port the queues have now.
      const name = QueueUrl.split('/').at(-1)
      const queue = queues.find((each) => each.name === name)
      try {
        const { $metadata: _metadata, ...payload } = await client.send(
          new SendMessageCommand({
            ...message,
            QueueUrl: queue?.url ?? QueueUrl,
            ...(MessageAttributes === undefined ? {} : { MessageAttributes: attributes(MessageAttributes) }),
          }),
        )
        return { payload }
      } catch (error) {
        return refusalOf('SQS', error)
      }
    },
  }
}

const MessageAttributesShape = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional() }),
)

const attributes = (given: Record<string, unknown>): SendMessageCommandInput['MessageAttributes'] =>
  MessageAttributesShape.parse(given)

function refusalOf(service: string, error: unknown): { error: string; cause: string } {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { error: `${service}.${name}`, cause: message }
}

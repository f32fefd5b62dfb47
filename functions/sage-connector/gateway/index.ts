import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { queueClient } from '../../../shared/aws.ts'
import { Environment, readEnvironment } from '../../../shared/config.ts'
import { dependenciesFromEnvironment } from '../../../shared/cycle/dependencies.ts'
import { serveMessages } from '../../../shared/messages.ts'
import { type Gateway, handOver } from './hand-over.ts'

let gateway: Gateway | undefined

/** The one consumer of the export queue. */
export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const parts = (gateway ??= gatewayFromEnvironment())
  return await serveMessages(parts.logger, event, context, async (body) => ({
    outcome: await handOver(parts, body),
  }))
}

function gatewayFromEnvironment(): Gateway {
  const AgentQueues = z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text)))
  const wanted = Environment.pick({ SAGE_EVENTS_QUEUE_URL: true }).extend({ AGENT_QUEUES: AgentQueues })
  const { SAGE_EVENTS_QUEUE_URL, AGENT_QUEUES } = readEnvironment(wanted)
  return {
    ...dependenciesFromEnvironment(),
    queue: queueClient(),
    sageEventsQueue: SAGE_EVENTS_QUEUE_URL,
    agentQueues: AGENT_QUEUES,
  }
}

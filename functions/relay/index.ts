import { Logger } from '@aws-lambda-powertools/logger'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import * as z from 'zod'
import { documentClient, queueClient, workflowClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { systemClock } from '../../shared/domain/clock.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createOutbox, type Outbox } from '../../shared/store/outbox-table.ts'
import { OutboxRow } from '../../shared/store/outbox.ts'
import { deliver, type Outside } from './deliver.ts'

const Image = z.record(z.string(), z.custom<AttributeValue>())

export interface Relay extends Outside {
  readonly outbox: Outbox
  readonly logger: Pick<Logger, 'info' | 'error'>
}

/**
 * Delivers the outbox rows of a batch, in their order within a project. A row that fails stays undelivered,
 * the rest of the batch goes on, and the sweep writes it anew.
 */
export async function relay(parts: Relay, event: DynamoDBStreamEvent): Promise<void> {
  for (const record of event.Records) {
    const image = record.dynamodb?.NewImage
    if (image === undefined) continue
    // One after the other: a cycle is started before it is told.
    await relayRow(parts, unmarshall(Image.parse(image)))
  }
}

async function relayRow({ outbox, logger, ...outside }: Relay, image: unknown): Promise<void> {
  const row = OutboxRow.parse(image)
  const { project, company, request } = row
  const about = { project, company, request, kind: row.message.kind, row: row.sk }
  try {
    const delivery = await deliver(outside, row)
    await outbox.delivered(row)
    if (delivery === 'without_workflow') logger.error('recorded without a workflow', about)
    else logger.info('outbox row delivered', { ...about, delivery })
  } catch (error) {
    logger.error('outbox row not delivered', {
      ...about,
      error: error instanceof Error ? error : String(error),
    })
  }
}

let parts: Relay | undefined

export const handler = async (event: DynamoDBStreamEvent): Promise<void> => {
  parts ??= partsFromEnvironment()
  await relay(parts, event)
}

function partsFromEnvironment(): Relay {
  const wanted = Environment.pick({ TABLE: true, STATE_MACHINE_ARN: true, MAIL_QUEUE_URL: true })
  const { TABLE: table, STATE_MACHINE_ARN, MAIL_QUEUE_URL } = readEnvironment(wanted)
  const document = documentClient()
  return {
    workflow: workflowClient(),
    queue: queueClient(),
    store: createBudgetStore({ document, table, clock: systemClock }),
    stateMachine: STATE_MACHINE_ARN,
    mailQueue: MAIL_QUEUE_URL,
    outbox: createOutbox({ document, table }),
    logger: new Logger({ serviceName: 'relay' }),
  }
}

import { Logger } from '@aws-lambda-powertools/logger'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import * as z from 'zod'
import { eventsClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { HistoryBody } from '../../shared/store/history.ts'
import { historyOfPk } from '../../shared/store/keys.ts'
import { readBody } from '../../shared/store/row-body.ts'
import { published, type PublishedEvent } from './published-event.ts'
import { type Bus, sendEvents } from './send-events.ts'

/** Lambda hands over bytes, as of a row that the store compressed, in base64. */
const Bytes = z.strictObject({ B: z.base64().transform((text) => Buffer.from(text, 'base64')) })
const Image = z.record(z.string(), z.union([Bytes, z.custom<AttributeValue>()]))
const HistoryRow = z.looseObject({ pk: z.string(), sk: z.string() })

interface EventsOut {
  readonly bus: Bus
  readonly logger: Pick<Logger, 'info' | 'error'>
}

/**
 * Sends the history rows of a batch to the bus, in their order. From the first that cannot be sent on, the stream hands
 * them over again: some are then sent twice, and none is left out.
 *
 * @throws why the first of all cannot be sent. Lambda halves the batch of a call that failed; one that names its first
 * row it would hand over whole each time, and give up whole ("Bisecting a batch" of its developer guide).
 */
export async function eventsOut(
  { bus, logger }: EventsOut,
  { Records }: DynamoDBStreamEvent,
): Promise<DynamoDBBatchResponse> {
  const { events, unread } = readable(Records)
  const { count, error = unread } = await sendEvents(bus, events)
  logger.info('events sent', { count })
  const failed = Records[count]
  if (!failed || !error) return { batchItemFailures: [] }
  const { Keys, SequenceNumber = '' } = failed.dynamodb ?? {}
  const row = `${Keys?.['pk']?.S ?? ''} ${Keys?.['sk']?.S ?? ''}`
  const { company, project } = events[count] ?? {}
  logger.error('event not sent', { row, company, project, error })
  if (count === 0) throw error
  return { batchItemFailures: [{ itemIdentifier: SequenceNumber }] }
}

/** The events of a batch up to the first row that cannot be read, and why it cannot. */
function readable(records: readonly DynamoDBRecord[]): {
  readonly events: readonly PublishedEvent[]
  readonly unread?: Error
} {
  const events: PublishedEvent[] = []
  try {
    for (const record of records) events.push(eventOf(record))
    return { events }
  } catch (error) {
    return { events, unread: error instanceof Error ? error : new Error(String(error)) }
  }
}

function eventOf({ dynamodb }: DynamoDBRecord): PublishedEvent {
  const row = HistoryRow.parse(unmarshall(Image.parse(dynamodb?.NewImage)))
  return published(historyOfPk(row.pk), readBody(HistoryBody, row))
}

let parts: EventsOut | undefined

export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  parts ??= {
    bus: {
      client: eventsClient(),
      name: readEnvironment(Environment.pick({ EVENT_BUS_NAME: true })).EVENT_BUS_NAME,
    },
    logger: new Logger({ serviceName: 'events-out' }),
  }
  return await eventsOut(parts, event)
}

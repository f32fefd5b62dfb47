import { createHash, randomUUID } from 'node:crypto'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { orLater } from '../store/errors.ts'
import type { SageEvent } from './sage-event.ts'

// Two readings of a job tell different things under one name, unless each says of what time it is.
const repeatable = (event: SageEvent): boolean => event.kind !== 'totals' || event.as_of !== undefined

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/**
 * Puts a report on the inside queue; reports of one project (or of one job's totals) keep their order.
 * Equal reports are one message within the queue's five minutes: the same attempt, or the same reading of totals.
 * Throws `Later` where the queue does not answer.
 */
export async function reportSageEvent(queue: SQSClient, queueUrl: string, event: SageEvent): Promise<void> {
  const group =
    event.kind === 'totals' ? [event.company, event.sage_company, event.job] : [event.company, event.project]
  const message = new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: JSON.stringify(event),
    MessageGroupId: hash(group).slice(0, 32),
    MessageDeduplicationId: repeatable(event) ? hash(event) : randomUUID(),
  })
  await orLater(queue.send(message))
}

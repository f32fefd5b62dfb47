import { createHash, randomUUID } from 'node:crypto'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { SageEvent } from './sage-event.ts'

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/**
 * Puts a report on the inside queue; reports of one project (or of one job's totals) keep their order.
 * Equal receipts and failures are one message within the queue's five minutes; totals are read anew each time.
 */
export async function reportSageEvent(queue: SQSClient, queueUrl: string, event: SageEvent): Promise<void> {
  const group =
    event.kind === 'totals' ? [event.company, event.sage_company, event.job] : [event.company, event.project]
  await queue.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(event),
      MessageGroupId: hash(group).slice(0, 32),
      MessageDeduplicationId: event.kind === 'totals' ? randomUUID() : hash(event),
    }),
  )
}

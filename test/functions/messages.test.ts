import type { Context, SQSEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import { serveMessages } from '../../shared/messages.ts'

/** Serves these bodies of a queue; answers what comes again, and what was logged. */
async function served(queue: string, ...bodies: readonly string[]) {
  const records = bodies.map((body, at) => ({
    messageId: `m${String(at)}`,
    body,
    attributes: { ApproximateReceiveCount: '3' },
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:0:${queue}`,
  }))
  const logged: unknown[] = []
  const keep = (...line: unknown[]) => void logged.push(line)
  const answer = await serveMessages(
    { info: keep, error: keep },
    { Records: records } as unknown as SQSEvent,
    {} as Context,
    async (body) => await Promise.resolve({ outcome: body }),
  )
  return { again: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), logged }
}

test('a message that cannot be read comes again alone, and the log says why', async () => {
  const { again, logged } = await served('mail', '"one"', 'no JSON', '"three"')
  expect(again).toEqual(['m1'])
  expect(logged.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
    ['message done', { message_id: 'm0', outcome: 'one' }],
    ['message done', { message_id: 'm2', outcome: 'three' }],
    ['message not done', { message_id: 'm1', tries: 3, error: expect.any(SyntaxError) as unknown }],
  ])
})

test('in a queue that keeps its order, those after it come again too', async () => {
  expect((await served('exports.fifo', '"one"', 'no JSON', '"three"')).again).toEqual(['m1', 'm2'])
})

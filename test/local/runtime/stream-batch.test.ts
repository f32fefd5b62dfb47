import { expect, test } from 'vitest'
import {
  deliverBatch,
  type GivenUp,
  sequenceNumber,
} from '../../../local/runtime/event-sources/stream-batch.ts'
import type { StreamRecord } from '../../../local/runtime/event-sources/stream-record.ts'
import type { Invocation } from '../../../local/runtime/functions.ts'

const record = (number: number): StreamRecord => ({
  eventID: String(number),
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  eventSourceARN: 'stream',
  dynamodb: {
    ApproximateCreationDateTime: 0,
    Keys: {},
    SequenceNumber: String(number),
    SizeBytes: 1,
    StreamViewType: 'NEW_IMAGE',
  },
})

const returned = (payload: unknown): Invocation => ({ outcome: 'returned', requestId: 'r', payload })
const failed: Invocation = {
  outcome: 'failed',
  requestId: 'r',
  failure: { errorType: 'Error', errorMessage: 'no', trace: [] },
}
const failing = (...numbers: string[]): Invocation =>
  returned({ batchItemFailures: numbers.map((itemIdentifier) => ({ itemIdentifier })) })

/** Delivers records 1 to n; `answer` sees the numbers of each call. */
async function deliver(
  records: number,
  answer: (numbers: readonly string[], call: number) => Invocation,
  source = {},
  controller = new AbortController(),
) {
  const calls: string[] = []
  const givenUp: GivenUp[] = []
  const done = await deliverBatch(
    Array.from({ length: records }, (_none, at) => record(at + 1)),
    {
      source: { bisect: false, reportsFailures: true, retries: 2, ...source },
      signal: controller.signal,
      pause: () => 0,
      invoke: async (batch) => {
        const numbers = batch.map(sequenceNumber)
        calls.push(numbers.join(' '))
        return answer(numbers, calls.length)
      },
      giveUp: async (given) => {
        givenUp.push(given)
      },
    },
  )
  return { done, calls, givenUp: givenUp.map(({ records: all }) => all.map(sequenceNumber).join(' ')) }
}

test('a batch that is done is handed over once', async () => {
  expect(await deliver(3, () => returned(null))).toEqual({ done: true, calls: ['1 2 3'], givenUp: [] })
})

test('a batch is handed over again from the first record that failed', async () => {
  const { calls } = await deliver(4, (_numbers, call) => (call === 1 ? failing('3', '2') : returned({})))
  expect(calls).toEqual(['1 2 3 4', '2 3 4'])
})

test('a failed call repeats the whole batch, and no more often than the mapping allows', async () => {
  const { calls, givenUp } = await deliver(2, () => failed)
  expect(calls).toEqual(['1 2', '1 2', '1 2'])
  expect(givenUp).toEqual(['1 2'])
})

test('bisecting finds the one record that cannot be done, and the others are done', async () => {
  const { givenUp, calls } = await deliver(
    4,
    (numbers) => (numbers.includes('3') ? failed : returned(null)),
    {
      bisect: true,
    },
  )
  expect(givenUp).toEqual(['3'])
  expect(calls).toEqual(['1 2 3 4', '1 2', '3 4', '3', '3', '3', '4'])
})

test('a batch whose first record is named as failed is not halved, and is given up whole', async () => {
  const { givenUp, calls } = await deliver(3, () => failing('1'), { bisect: true })
  expect([givenUp, calls]).toEqual([['1 2 3'], ['1 2 3', '1 2 3', '1 2 3']])
})

test('an answer that names a record which was not in the batch fails the whole batch', async () => {
  const { calls } = await deliver(2, (_numbers, call) => (call === 1 ? failing('77') : returned(null)))
  expect(calls).toEqual(['1 2', '1 2'])
})

test('without the report of failures an answer says nothing', async () => {
  expect((await deliver(2, () => failing('1'), { reportsFailures: false })).calls).toEqual(['1 2'])
})

test('a batch that is cut short by the stop of the machine is neither done nor given up', async () => {
  const controller = new AbortController()
  const answer = (): Invocation => {
    controller.abort()
    return failed
  }
  expect(await deliver(2, answer, { retries: 0 }, controller)).toEqual({
    done: false,
    calls: ['1 2'],
    givenUp: [],
  })
})

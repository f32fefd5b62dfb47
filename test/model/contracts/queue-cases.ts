import { randomUUID } from 'node:crypto'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { vi } from 'vitest'
import { sendBack } from '../../../local/dead-letters.ts'
import { calmly } from '../interleavings/places.ts'
import { Queue } from '../simulation/queue.ts'
import type { Case } from './contract.ts'

/** A queue as those see it who send to it and who work on its messages. */
interface TestedQueue {
  send(body: string, to?: { readonly group?: string; readonly id?: string }): Promise<void>
  /** Takes one message and works on it; answers its body. One whose work fails stays. */
  take(work?: () => Promise<unknown>): Promise<string | undefined>
  dead(): Promise<readonly string[]>
  /** Sends the dead letters back. */
  redrive(): Promise<void>
}

const visibility = 30 // seconds

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000)

const done = async (): Promise<void> => {
  await Promise.resolve()
}

const fails = async (): Promise<never> => await Promise.reject(new Error('It failed'))

export function simulatedQueue(): TestedQueue {
  // Of all that may come next, the last: nothing but its group keeps a message back.
  const queue = new Queue('queue', { ...calmly, one: (of) => of.at(-1)! }, () => Date.now())
  return {
    send: async (body, to) => {
      queue.send(body, to)
      await Promise.resolve()
    },
    take: async (work = done) => {
      const bodies: string[] = []
      await queue.deliver(async (body) => {
        bodies.push(body)
        await work()
      })
      return bodies[0]
    },
    dead: async () => await Promise.resolve(queue.dead.map(({ body }) => body)),
    redrive: async () => {
      queue.redrive()
      await Promise.resolve()
    },
  }
}

/** A queue of the local service, with dead letters after ten receives, as the product's queues are. */
export async function localQueue(sqs: SQSClient, fifo: boolean): Promise<TestedQueue> {
  const name = `q${randomUUID()}`
  const end = fifo ? '.fifo' : ''
  const make = async (called: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
    const Attributes = { ...(fifo && { FifoQueue: 'true' }), ...more }
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: called + end, Attributes }))
    return QueueUrl
  }
  const deadLetters = await make(`${name}-dead`)
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${name}-dead${end}`
  const QueueUrl = await make(name, {
    VisibilityTimeout: String(visibility),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 10 }),
  })
  const receive = async (from: string) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: 1 }))).Messages?.[0]
  return {
    send: async (MessageBody, { group, id = randomUUID() } = {}) => {
      const ordered = fifo && { MessageGroupId: group, MessageDeduplicationId: id }
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...ordered }))
    },
    take: async (work = done) => {
      const message = await receive(QueueUrl)
      if (!message) return undefined
      const { Body, ReceiptHandle } = message
      try {
        await work()
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      } catch {
        // It comes again once it is visible.
      }
      return Body
    },
    dead: async () => {
      const bodies: string[] = []
      for (let letter = await receive(deadLetters); letter; letter = await receive(deadLetters))
        bodies.push(letter.Body ?? '')
      later(visibility)
      return bodies
    },
    redrive: async () => void (await sendBack(sqs, { queue: name + end, most: Infinity }, () => undefined)),
  }
}

async function taken(queue: TestedQueue, times: number): Promise<(string | undefined)[]> {
  const bodies: (string | undefined)[] = []
  // oxlint-disable-next-line no-await-in-loop -- in their order
  for (let i = 0; i < times; i += 1) bodies.push(await queue.take())
  return bodies
}

async function failTenTimes(queue: TestedQueue): Promise<void> {
  for (let i = 0; i < 10; i += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await queue.take(fails)
    later(visibility)
  }
}

export const fifoCases: readonly Case<TestedQueue>[] = [
  {
    name: 'messages of a group come in their order',
    ask: async (queue) => {
      for (const body of ['a1', 'a2', 'a3']) await queue.send(body, { group: 'a' })
      return await taken(queue, 4)
    },
    answer: ['a1', 'a2', 'a3', undefined],
  },
  {
    name: 'messages of two groups keep their order within each',
    ask: async (queue) => {
      for (const body of ['a1', 'b1', 'a2', 'b2']) await queue.send(body, { group: body.slice(0, 1) })
      const bodies = await taken(queue, 4)
      return ['a', 'b'].map((group) => bodies.filter((body) => body?.startsWith(group)))
    },
    answer: [
      ['a1', 'a2'],
      ['b1', 'b2'],
    ],
  },
  {
    name: 'a group is held up by its first message, and no other group is',
    ask: async (queue) => {
      await queue.send('a1', { group: 'a' })
      await queue.send('a2', { group: 'a' })
      await queue.take(fails)
      later(visibility)
      await queue.take(fails)
      later(visibility)
      await queue.send('b1', { group: 'b' })
      return (await taken(queue, 3)).filter((body) => body !== 'b1')
    },
    answer: ['a1', 'a2'],
  },
  {
    name: 'a message behind one that is being worked on waits',
    ask: async (queue) => {
      await queue.send('a1', { group: 'a' })
      await queue.send('a2', { group: 'a' })
      const meanwhile: (string | undefined)[] = []
      await queue.take(async () => meanwhile.push(await queue.take(fails)))
      return meanwhile[0]
    },
    answer: undefined,
  },
  {
    name: 'a message that is sent twice within five minutes is one',
    ask: async (queue) => {
      await queue.send('a', { group: 'a', id: 'one' })
      later(299)
      await queue.send('again', { group: 'a', id: 'one' })
      return await taken(queue, 2)
    },
    answer: ['a', undefined],
  },
  {
    name: 'a message that is sent again when the first is done is still one',
    ask: async (queue) => {
      await queue.send('a', { group: 'a', id: 'one' })
      const first = await queue.take()
      await queue.send('a', { group: 'a', id: 'one' })
      return [first, await queue.take()]
    },
    answer: ['a', undefined],
  },
  {
    name: 'a message that is sent twice in two groups is one',
    ask: async (queue) => {
      await queue.send('a', { group: 'a', id: 'one' })
      await queue.send('a', { group: 'b', id: 'one' })
      return await taken(queue, 2)
    },
    answer: ['a', undefined],
  },
  {
    name: 'a message that is sent again after five minutes is another',
    ask: async (queue) => {
      await queue.send('a', { group: 'a', id: 'one' })
      later(301)
      await queue.send('again', { group: 'a', id: 'one' })
      return await taken(queue, 2)
    },
    answer: ['a', 'again'],
  },
  {
    name: 'a dead letter holds its group up no more',
    ask: async (queue) => {
      await queue.send('a1', { group: 'a' })
      await queue.send('a2', { group: 'a' })
      await failTenTimes(queue)
      return [await queue.take(), await queue.dead()]
    },
    answer: ['a2', ['a1']],
  },
  {
    name: 'a dead letter that is sent back comes after those that were sent since, and can be done',
    ask: async (queue) => {
      await queue.send('a1', { group: 'a' })
      await failTenTimes(queue)
      await queue.take()
      await queue.send('a2', { group: 'a' })
      await queue.redrive()
      return [await taken(queue, 3), await queue.dead()]
    },
    answer: [['a2', 'a1', undefined], []],
  },
]

export const standardCases: readonly Case<TestedQueue>[] = [
  {
    name: 'equal messages are as many as were sent',
    ask: async (queue) => {
      await queue.send('a')
      await queue.send('a')
      return await taken(queue, 3)
    },
    answer: ['a', 'a', undefined],
  },
  {
    name: 'a message that failed comes again, and is gone once it is done',
    ask: async (queue) => {
      await queue.send('a')
      const first = await queue.take(fails)
      later(visibility)
      return [first, ...(await taken(queue, 2))]
    },
    answer: ['a', 'a', undefined],
  },
  {
    name: 'a message that failed is handed out again at once',
    ask: async (queue) => {
      await queue.send('a')
      return [await queue.take(fails), await queue.take(fails)]
    },
    answer: ['a', undefined],
  },
  {
    name: 'a message that is being worked on is handed out to another',
    ask: async (queue) => {
      await queue.send('a')
      const meanwhile: (string | undefined)[] = []
      const first = await queue.take(async () => meanwhile.push(await queue.take(fails)))
      return [first, meanwhile[0]]
    },
    answer: ['a', undefined],
  },
  {
    name: 'a message that failed nine times is no dead letter yet',
    ask: async (queue) => {
      await queue.send('a')
      for (let i = 0; i < 9; i += 1) {
        await queue.take(fails)
        later(visibility)
      }
      return [await queue.take(), await queue.dead()]
    },
    answer: ['a', []],
  },
  {
    name: 'a message that failed ten times is a dead letter, and comes no more',
    ask: async (queue) => {
      await queue.send('a')
      await failTenTimes(queue)
      return [await queue.take(), await queue.dead()]
    },
    answer: [undefined, ['a']],
  },
  {
    name: 'a message that failed ten times is a dead letter before anybody asks for the next',
    ask: async (queue) => {
      await queue.send('a')
      await failTenTimes(queue)
      return await queue.dead()
    },
    answer: [],
  },
]

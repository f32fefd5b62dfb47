import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { ExportMessage } from '../shared/domain/export.ts'

type Queues = Pick<SQSClient, 'send'>

/** Long enough to send a message and to delete it. */
const held = 30 // seconds

/** Asked without waiting, SQS looks on some of its servers only, and may call a queue empty that is not. */
const longPoll = 1 // seconds

/**
 * Sends dead letters back to their queue, one after the other and in their order, where the queue's consumer judges them
 * anew. A letter is deleted once it is sent: broken off in between, it is sent again by the next run, which the queue knows
 * within five minutes and the consumer after that.
 *
 * @param queue Name of the queue, not of its dead letters.
 * @param most How many letters at most.
 * @param tell Takes a line for each letter that was sent back.
 * @returns How many were sent back.
 * @throws when there is no such queue, or it has no dead letters.
 */
export async function sendBack(
  queues: Queues,
  { queue, most }: { readonly queue: string; readonly most: number },
  tell: (line: string) => void,
): Promise<number> {
  const back = await urlOf(queues, queue)
  const dead = await deadLettersOf(queues, queue, back)
  let sent = 0
  while (sent < most) {
    // oxlint-disable-next-line no-await-in-loop -- in their order
    const [letter] = await nextIn(queues, dead, 1)
    if (!letter) break
    const { Body, MessageId, ReceiptHandle, Attributes } = letter
    const inOrder = queue.endsWith('.fifo') && {
      MessageGroupId: Attributes?.MessageGroupId,
      MessageDeduplicationId: `redriven-${String(MessageId)}`,
    }
    // oxlint-disable-next-line no-await-in-loop
    const again = await queues.send(new SendMessageCommand({ QueueUrl: back, MessageBody: Body, ...inOrder }))
    // oxlint-disable-next-line no-await-in-loop
    await queues.send(new DeleteMessageCommand({ QueueUrl: dead, ReceiptHandle }))
    sent += 1
    tell(`sent back as message ${String(again.MessageId)}: ${inWords(letter)}`)
  }
  return sent
}

/**
 * Deletes one dead letter: for what no consumer will ever read. The others lie there as before.
 *
 * @param message Number of the message, as `sendBack` or the console names it.
 * @returns the letter, in words.
 * @throws when there is no such queue, it has no dead letters, or none of that number can be received.
 */
export async function deleteLetter(
  queues: Queues,
  { queue, message }: { readonly queue: string; readonly message: string },
): Promise<string> {
  const QueueUrl = await deadLettersOf(queues, queue, await urlOf(queues, queue))
  const passedOver: Message[] = []
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- those before it are held meanwhile
      const letters = await nextIn(queues, QueueUrl, mostAtOnce)
      if (letters.length === 0)
        throw new Error(
          `No dead letter of ${queue} has the number ${message}. Is it in flight, sent back, or behind more than ten of its group?`,
        )
      const letter = letters.find(({ MessageId }) => MessageId === message)
      passedOver.push(...letters.filter((each) => each !== letter))
      if (!letter) continue
      // oxlint-disable-next-line no-await-in-loop
      await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: letter.ReceiptHandle }))
      return inWords(letter)
    }
  } finally {
    for (const { ReceiptHandle } of passedOver)
      // oxlint-disable-next-line no-await-in-loop
      await queues.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
  }
}

async function urlOf(queues: Queues, QueueName: string): Promise<string> {
  try {
    const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName }))
    if (QueueUrl !== undefined) return QueueUrl
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error
  }
  throw new Error(
    `There is no queue ${QueueName} here. Those with dead letters: ${await redrivable(queues)}.`,
  )
}

/** Names of the queues that dead letters can be sent back to. */
async function redrivable(queues: Queues): Promise<string> {
  const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({ MaxResults: 1000 }))
  const withLetters = QueueUrls.map(async (QueueUrl) => {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] })
    const { Attributes } = await queues.send(asked)
    return Attributes?.['RedrivePolicy'] ? [QueueUrl.split('/').at(-1)] : []
  })
  return (await Promise.all(withLetters)).flat().join(', ') || 'none'
}

const RedrivePolicy = z.looseObject({ deadLetterTargetArn: z.string() })

async function deadLettersOf(queues: Queues, queue: string, QueueUrl: string): Promise<string> {
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] })
  const { Attributes } = await queues.send(asked)
  const policy = Attributes?.['RedrivePolicy']
  if (policy === undefined || policy === '')
    throw new Error(`${queue} has no dead letters: name the queue that they came from.`)
  const { deadLetterTargetArn } = RedrivePolicy.parse(JSON.parse(policy))
  return await urlOf(queues, deadLetterTargetArn.split(':').at(-1) ?? '')
}

/** A group of which a letter is held shows no more of its letters: what is looked for is received with those before it. */
const mostAtOnce = 10 // API_ReceiveMessage

async function nextIn(queues: Queues, QueueUrl: string, most: number): Promise<readonly Message[]> {
  const { Messages = [] } = await queues.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: most,
      VisibilityTimeout: held,
      WaitTimeSeconds: longPoll,
      MessageSystemAttributeNames: ['MessageGroupId'],
    }),
  )
  return Messages
}

const mostShown = 300

/** Bodies hold ids, hashes and totals: never lines, links or tokens. */
function inWords({ Body = '' }: Message): string {
  const read = ExportMessage.safeParse(parsed(Body))
  if (!read.success) return Body.slice(0, mostShown)
  const { company, exportId, attempt, parts } = read.data
  const [{ part, sha256 }] = parts
  return `company ${company}, export ${exportId}, file ${String(part)}, attempt ${String(attempt)}, SHA-256 ${sha256}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

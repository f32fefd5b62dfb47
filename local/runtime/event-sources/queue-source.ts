import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs'
import type { Functions } from '../functions.ts'
import type { LocalClients } from '../local-clients.ts'
import type { WriteLine } from '../log-file.ts'
import type { QueueSourcePart } from '../resources/event-sources.ts'
import type { QueuePart } from '../resources/queues.ts'
import { failedItems } from './batch-answer.ts'

const usualConcurrency = 2 // batches at a time; the order of a FIFO group is kept by the queue, which locks it
const mostMessages = 10 // SQS hands out no more at once
const longPoll = 20 // seconds
const againAfter = 500 // milliseconds after an error of the queue

export interface QueueSourceOptions {
  readonly source: QueueSourcePart
  readonly queue: QueuePart
  readonly clients: LocalClients
  readonly functions: Pick<Functions, 'invoke'>
  readonly region: string
  readonly writeLine: WriteLine
  readonly signal: AbortSignal
}

/** Calls a function with the messages of a queue until the signal. */
export async function runQueueSource(options: QueueSourceOptions): Promise<void> {
  const readers = Math.min(options.source.concurrency ?? usualConcurrency, usualConcurrency)
  await Promise.all(Array.from({ length: readers }, async () => await readQueue(options)))
}

async function readQueue(options: QueueSourceOptions): Promise<void> {
  const { signal, writeLine, source } = options
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one batch after the other
    await readBatch(options).catch(async (error: unknown) => {
      if (signal.aborted) return
      writeLine(`${source.id}: ${String(error)}`)
      await sleep(againAfter, undefined, { signal }).catch(() => {})
    })
  }
}

async function readBatch(options: QueueSourceOptions): Promise<void> {
  const { source, queue, clients, functions, region, signal } = options
  const { Messages: messages = [] } = await clients.queues.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: Math.min(source.batchSize, mostMessages),
      WaitTimeSeconds: longPoll,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: signal },
  )
  if (messages.length === 0) return
  const batch = messages.map((message) => ({ message, record: queueRecord(message, queue, region) }))
  const wanted = batch.filter(({ record }) => source.matches(seenByFilter(record)))
  const done = batch.filter((each) => !wanted.includes(each))
  if (wanted.length > 0) {
    const invocation = await functions.invoke(source.functionArn, {
      Records: wanted.map(({ record }) => record),
    })
    const ids = wanted.map(({ record }) => record.messageId)
    const failed = failedItems(invocation, ids, source.reportsFailures)
    done.push(...wanted.filter((_each, at) => !failed.includes(at)))
  }
  // What failed comes back by itself when its visibility time-out has passed, as in the cloud.
  if (done.length === 0) return
  await clients.queues.send(
    new DeleteMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: done.map(({ message }, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle })),
    }),
  )
}

interface QueueRecord {
  readonly messageId: string
  readonly body: string
}

function queueRecord(
  message: Message,
  queue: QueuePart,
  region: string,
): QueueRecord & Record<string, unknown> {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, messageAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  }
}

function messageAttribute({ StringValue, BinaryValue, DataType }: MessageAttributeValue): object {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType ?? 'String',
  }
}

/** A filter sees the body as JSON where it is JSON (AWS Lambda, "Event filtering", SQS). */
const seenByFilter = (record: QueueRecord): object => ({ ...record, body: parsed(record.body) })

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

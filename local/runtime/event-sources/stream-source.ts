import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import type { DataFolder } from '../data-folder.ts'
import type { Functions } from '../functions.ts'
import type { LocalClients } from '../local-clients.ts'
import type { WriteLine } from '../log-file.ts'
import type { StreamSourcePart } from '../resources/event-sources.ts'
import { deliverBatch, type GivenUp } from './stream-batch.ts'
import { type Checkpoint, openCheckpoint } from './stream-checkpoint.ts'
import { type StreamRecord, streamRecord } from './stream-record.ts'

const pollEvery = 100 // milliseconds between two reads of a stream that had nothing new
const againAfter = 500 // milliseconds after an error of the table

export interface StreamSourceOptions {
  readonly source: StreamSourcePart
  readonly tableName: string
  /** Undefined where nobody is told of what was given up. */
  readonly failureQueueUrl: string | undefined
  readonly clients: LocalClients
  readonly functions: Pick<Functions, 'invoke'>
  readonly folder: DataFolder
  readonly region: string
  readonly writeLine: WriteLine
  readonly signal: AbortSignal
  /** May repeat, hold back or reorder what a function is about to get; for fault tests. */
  readonly disturb?: ((records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>) | undefined
}

/** Reads a table's stream until the signal, from where the last run of this mapping stopped. */
export async function runStreamSource(options: StreamSourceOptions): Promise<void> {
  const { signal, writeLine, source } = options
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one reader, in order
    await readStream(options).catch((error: unknown) => {
      if (!signal.aborted) writeLine(`${source.id}: ${String(error)}`)
    })
    // oxlint-disable-next-line no-await-in-loop
    await sleep(againAfter, undefined, { signal }).catch(() => {})
  }
}

async function readStream(options: StreamSourceOptions): Promise<void> {
  const { clients, tableName, folder, source, signal } = options
  const { Table } = await clients.table.send(new DescribeTableCommand({ TableName: tableName }))
  const stream = Table?.LatestStreamArn
  if (stream === undefined) throw new Error(`${tableName} has no stream`)
  const checkpoint = openCheckpoint(folder, source.id, stream)
  const done = new Set<string>()
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop
    const { StreamDescription } = await clients.streams.send(new DescribeStreamCommand({ StreamArn: stream }))
    const shard = oldestOpen(StreamDescription?.Shards ?? [], done)
    // oxlint-disable-next-line no-await-in-loop
    if (shard === undefined) await sleep(againAfter, undefined, { signal })
    // oxlint-disable-next-line no-await-in-loop
    else if (await readShard(stream, shard, checkpoint, options)) done.add(shard)
  }
}

/** A shard is read after the one it continues. */
function oldestOpen(shards: readonly Shard[], done: ReadonlySet<string>): string | undefined {
  const ids = new Set(shards.map(({ ShardId }) => ShardId))
  return shards.find(
    ({ ShardId, ParentShardId }) =>
      ShardId !== undefined &&
      !done.has(ShardId) &&
      (ParentShardId === undefined || done.has(ParentShardId) || !ids.has(ParentShardId)),
  )?.ShardId
}

/** @returns true when the shard was closed and read to its end. */
async function readShard(
  stream: string,
  shard: string,
  checkpoint: Checkpoint,
  options: StreamSourceOptions,
): Promise<boolean> {
  const { clients, source, region, signal } = options
  let iterator = await shardIterator(stream, shard, checkpoint.after(shard), clients)
  while (iterator !== undefined && !signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop
    const page = await clients.streams.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(source.batchSize, 1000) }),
    )
    const records = (page.Records ?? []).map((record) => streamRecord(record, source.streamArn, region))
    const batch = records.filter((record) => source.matches(record))
    // oxlint-disable-next-line no-await-in-loop
    if (batch.length > 0 && !(await handOver(batch, shard, options))) return false
    const last = records.at(-1)
    if (last !== undefined) checkpoint.reached(shard, last.dynamodb.SequenceNumber)
    // oxlint-disable-next-line no-await-in-loop
    else await sleep(pollEvery, undefined, { signal }).catch(() => {})
    iterator = page.NextShardIterator
  }
  return iterator === undefined
}

async function shardIterator(
  stream: string,
  shard: string,
  after: string | undefined,
  { streams }: LocalClients,
): Promise<string | undefined> {
  const oldest = { StreamArn: stream, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' } as const
  if (after === undefined) return (await streams.send(new GetShardIteratorCommand(oldest))).ShardIterator
  const command = new GetShardIteratorCommand({
    ...oldest,
    ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
    SequenceNumber: after,
  })
  const answer = await streams.send(command).catch(async (error: unknown) => {
    // What comes after the checkpoint is gone: the oldest that is left is next.
    if (error instanceof Error && error.name === 'TrimmedDataAccessException')
      return await streams.send(new GetShardIteratorCommand(oldest))
    throw error
  })
  return answer.ShardIterator
}

async function handOver(
  batch: readonly StreamRecord[],
  shard: string,
  { source, functions, signal, disturb, ...options }: StreamSourceOptions,
): Promise<boolean> {
  const records = disturb === undefined ? batch : await disturb(batch)
  return await deliverBatch(records, {
    source,
    signal,
    invoke: async (Records) => await functions.invoke(source.functionArn, { Records }),
    giveUp: async (given) => {
      options.writeLine(`${source.id}: gave up ${String(given.records.length)} records of ${shard}`)
      if (options.failureQueueUrl === undefined) return
      const MessageBody = JSON.stringify(failureMessage(given, shard, source))
      await options.clients.queues.send(
        new SendMessageCommand({ QueueUrl: options.failureQueueUrl, MessageBody }),
      )
    },
  })
}

const arrival = (record: StreamRecord | undefined): string =>
  new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString()

/** What an on-failure destination is told of a stream: where the records are, not what they hold. */
function failureMessage(
  { records, calls, last }: GivenUp,
  shardId: string,
  source: StreamSourcePart,
): object {
  return {
    requestContext: {
      requestId: last.requestId,
      functionArn: source.functionArn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: calls,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '1',
      functionError: last.outcome === 'failed' ? 'Unhandled' : null,
    },
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.dynamodb.SequenceNumber,
      endSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(records[0]),
      approximateArrivalOfLastRecord: arrival(records.at(-1)),
      batchSize: records.length,
      streamArn: source.streamArn,
    },
  }
}

import type { DataFolder } from './data-folder.ts'
import { runQueueSource } from './event-sources/queue-source.ts'
import type { StreamRecord } from './event-sources/stream-record.ts'
import { runStreamSource } from './event-sources/stream-source.ts'
import type { Functions } from './functions.ts'
import type { LocalClients } from './local-clients.ts'
import type { WriteLine } from './log-file.ts'
import { Refused } from './refused.ts'
import type { QueuePart } from './resources/queues.ts'
import type { TablePart } from './resources/tables.ts'
import type { LocalStack } from './stack.ts'

interface SourceParts {
  readonly stack: LocalStack
  readonly folder: DataFolder
  readonly clients: LocalClients
  readonly functions: Functions
  readonly region: string
  readonly writeLine: WriteLine
  readonly signal: AbortSignal
  readonly disturb: ((records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>) | undefined
}

/**
 * Begins to read every queue and stream that a function is called from.
 *
 * @returns a promise that settles when every poller has stopped.
 * @throws {Refused} when one reads from what the templates do not have.
 */
export function startEventSources(parts: SourceParts): Promise<unknown> {
  const { stack, disturb, ...common } = parts
  const streams = stack
    .parts('streamSource')
    .filter(({ enabled }) => enabled)
    .map((source) => {
      const failureQueueUrl =
        source.failureQueueArn === undefined
          ? undefined
          : queueByArn(stack, source.failureQueueArn, source.id).url
      const tableName = tableByStream(stack, source.streamArn, source.id).name
      return { ...common, source, tableName, failureQueueUrl, disturb }
    })
  const queues = stack
    .parts('queueSource')
    .filter(({ enabled }) => enabled)
    .map((source) => ({ ...common, source, queue: queueByArn(stack, source.queueArn, source.id) }))
  return Promise.all([...streams.map(runStreamSource), ...queues.map(runQueueSource)])
}

function tableByStream(stack: LocalStack, streamArn: string, id: string): TablePart {
  const table = stack.parts('table').find((each) => each.streamArn === streamArn)
  if (table === undefined) throw new Refused(`${id}: no table has the stream ${streamArn}`)
  return table
}

function queueByArn(stack: LocalStack, arn: string, id: string): QueuePart {
  const queue = stack.parts('queue').find((each) => each.arn === arn)
  if (queue === undefined) throw new Refused(`${id}: there is no queue ${arn}`)
  return queue
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import type { DataFolder } from './data-folder.ts'
import { Refused } from './refused.ts'
import type { BucketPart } from './resources/buckets.ts'
import type { QueuePart } from './resources/queues.ts'

/** Starts fauxqs in this process, with its file in the data folder and on this machine's own address only. */
export async function startQueuesAndBuckets(
  folder: DataFolder,
  port: number,
  region: string,
): Promise<FauxqsServer> {
  const dataDir = folder.path('queues')
  mkdirSync(dataDir, { recursive: true })
  const server = await onLoopback(async () => {
    return await startFauxqs({ port, logger: false, dataDir, defaultRegion: region })
  })
  if (new URL(server.address).hostname !== '127.0.0.1') {
    await server.stop()
    throw new Refused('fauxqs listens beyond this machine: this release of it is not the one we know.')
  }
  keepCountOfReturnedMessages(folder.path('queues', 'fauxqs.db'))
  return server
}

interface Listening {
  readonly options: { host?: unknown }
}

const isListening = (message: unknown): message is Listening =>
  typeof message === 'object' &&
  message !== null &&
  'options' in message &&
  typeof message.options === 'object' &&
  message.options !== null

function narrow(message: unknown): void {
  if (isListening(message) && message.options.host === '0.0.0.0') message.options.host = '127.0.0.1'
}

/** fauxqs 2.4 always listens on 0.0.0.0; here anyone on the network could then read every file and queue. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const channel = 'tracing:net.server.listen:asyncStart'
  subscribe(channel, narrow)
  try {
    return await start()
  } finally {
    unsubscribe(channel, narrow)
  }
}

/**
 * fauxqs 2.4 stores NULL as the receive count of a message given back with a visibility time-out of 0, which its own
 * table refuses: the call fails and the message is gone until the next start. The trigger stores the return alone.
 */
function keepCountOfReturnedMessages(file: string): void {
  const database = new DatabaseSync(file)
  database.exec(`
    CREATE TRIGGER IF NOT EXISTS message_returned BEFORE UPDATE ON sqs_messages
    WHEN NEW.approximate_receive_count IS NULL
    BEGIN
      UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = OLD.message_id;
      SELECT RAISE(IGNORE);
    END`)
  database.close()
}

/** Makes the queues that are missing; the others get the attributes the template has now. */
export async function ensureQueues(client: SQSClient, queues: readonly QueuePart[]): Promise<void> {
  for (const { name, url, attributes } of queues) {
    const { FifoQueue, RedrivePolicy, ...own } = attributes
    const created = FifoQueue === undefined ? {} : { FifoQueue }
    // oxlint-disable-next-line no-await-in-loop -- a queue may name an earlier one
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: created }))
    // An empty policy takes an earlier one away.
    const Attributes = { ...own, RedrivePolicy: RedrivePolicy ?? '' }
    // oxlint-disable-next-line no-await-in-loop
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }))
  }
}

export function ensureBuckets(server: FauxqsServer, buckets: readonly BucketPart[]): void {
  for (const { name } of buckets) server.createBucket(name)
}

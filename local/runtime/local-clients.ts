import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { SQSClient } from '@aws-sdk/client-sqs'

/** Any key is taken here; these say where they come from when they turn up in a log. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

/** The clients with which the machine itself reads and writes what functions use. */
export interface LocalClients {
  readonly table: DynamoDBClient
  readonly streams: DynamoDBStreamsClient
  readonly queues: SQSClient
  readonly destroy: () => void
}

export function localClients(endpoints: { table: string; queues: string }, region: string): LocalClients {
  const table = new DynamoDBClient({ endpoint: endpoints.table, region, credentials })
  const streams = new DynamoDBStreamsClient({ endpoint: endpoints.table, region, credentials })
  const queues = new SQSClient({
    endpoint: endpoints.queues,
    region,
    credentials,
    useQueueUrlAsEndpoint: false,
  })
  return {
    table,
    streams,
    queues,
    destroy: () => {
      table.destroy()
      streams.destroy()
      queues.destroy()
    },
  }
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SFNClient } from '@aws-sdk/client-sfn'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Objects } from './store/company-store.ts'

// The one place that makes clients, with `bucket.ts`, which it loads on first use. Endpoints, region and credentials come from the environment.

export const documentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({}), { marshallOptions: { removeUndefinedValues: true } })

export const workflowClient = (): SFNClient => new SFNClient({})

/** The queue's URL is not taken as endpoint, so that one machine can stand in for AWS. */
export const queueClient = (): SQSClient => new SQSClient({ useQueueUrlAsEndpoint: false })

/** The bucket's objects, with its name read and its client loaded on first use: not every function is given one. */
export function bucketObjects(bucket: () => string): Objects {
  let loading: Promise<Objects> | undefined
  const load = async (): Promise<Objects> => {
    const { objectsIn } = await import('./bucket.ts')
    return objectsIn(bucket())
  }
  const objects = (): Promise<Objects> => (loading ??= load())
  return {
    putJson: async (company, value) => await (await objects()).putJson(company, value),
    getJson: async (company, sha256) => await (await objects()).getJson(company, sha256),
    putFile: async (key, bytes) => {
      await (await objects()).putFile(key, bytes)
    },
    getFile: async (key, sha256) => await (await objects()).getFile(key, sha256),
  }
}

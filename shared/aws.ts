import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { S3Client } from '@aws-sdk/client-s3'
import { SFNClient } from '@aws-sdk/client-sfn'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { createObjects, type Objects } from './store/objects.ts'

// The one place that makes clients. Endpoints, region and credentials come from the environment.

export const documentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({}), { marshallOptions: { removeUndefinedValues: true } })

export const eventsClient = (): EventBridgeClient => new EventBridgeClient({})

export const workflowClient = (): SFNClient => new SFNClient({})

/** The queue's URL is not taken as endpoint, so that one machine can stand in for AWS. */
export const queueClient = (): SQSClient => new SQSClient({ useQueueUrlAsEndpoint: false })

/**
 * Puts of ours carry a SHA-256; without the setting a signed address would carry the checksum of no bytes at all, and
 * the bucket would refuse the file that is put there.
 */
export const bucketClient = (): S3Client =>
  new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' })

/** The bucket's objects, with its name read and its client made on first use: not every function is given one. */
export function bucketObjects(bucket: () => string): Objects {
  let made: Objects | undefined
  const objects = (): Objects => (made ??= createObjects({ s3: bucketClient(), bucket: bucket() }))
  return {
    putJson: async (company, value) => await objects().putJson(company, value),
    getJson: async (company, sha256) => await objects().getJson(company, sha256),
    putFile: async (key, bytes) => {
      await objects().putFile(key, bytes)
    },
    getFile: async (key, sha256) => await objects().getFile(key, sha256),
  }
}

import * as z from 'zod'
import { physicalName } from './physical-name.ts'
import { arn, type Described, runType } from './resource-type.ts'

const Queue = z.strictObject({
  QueueName: z.string().optional(),
  FifoQueue: z.boolean().optional(),
  ContentBasedDeduplication: z.boolean().optional(),
  DeduplicationScope: z.literal('queue').optional(),
  VisibilityTimeout: z.number().optional(),
  MessageRetentionPeriod: z.number().optional(),
  DelaySeconds: z.number().optional(),
  MaximumMessageSize: z.number().optional(),
  ReceiveMessageWaitTimeSeconds: z.number().optional(),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() })
    .optional(),
})

export interface QueuePart {
  readonly kind: 'queue'
  readonly id: string
  readonly name: string
  readonly arn: string
  readonly url: string
  readonly fifo: boolean
  /** As SQS takes them: every value a string. */
  readonly attributes: Readonly<Record<string, string>>
}

export const queue = runType({
  honoured: Queue,
  ignored: {
    KmsMasterKeyId: 'the data folder is not encrypted',
    KmsDataKeyReusePeriodSeconds: 'the data folder is not encrypted',
    SqsManagedSseEnabled: 'the data folder is not encrypted',
    RedriveAllowPolicy: 'there are no permissions',
    FifoThroughputLimit: 'throughput is not limited here',
    Tags: 'labels only',
  },
  describe: ({ QueueName, RedrivePolicy, ...rest }, place): Described<QueuePart> => {
    const fifo = rest.FifoQueue === true
    const name = QueueName ?? `${physicalName(place, fifo ? 75 : 80)}${fifo ? '.fifo' : ''}`
    const queueArn = arn(place, 'sqs', name)
    const { ports, account } = place.machine
    const url = `http://127.0.0.1:${String(ports.queuesAndBuckets)}/${account}/${name}`
    const attributes = Object.fromEntries(
      Object.entries({
        ...rest,
        RedrivePolicy: RedrivePolicy === undefined ? undefined : JSON.stringify(RedrivePolicy),
      }).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    )
    return {
      ref: url,
      attributes: { Arn: queueArn, QueueName: name, QueueUrl: url },
      part: { kind: 'queue', id: place.id, name, arn: queueArn, url, fifo, attributes },
    }
  },
})

import * as z from 'zod'
import { type EventMatch, eventPattern } from '../event-pattern.ts'
import { Refused } from '../refused.ts'
import { physicalId } from './physical-name.ts'
import { type Described, type Place, runType } from './resource-type.ts'

const Mapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: z.number().int().min(1).optional(),
  FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]).optional(),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.number().int() }).optional(),
  StartingPosition: z.literal('TRIM_HORIZON').optional(),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.number().int().min(-1).default(-1),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
})
type MappingProperties = z.output<typeof Mapping>

interface SourcePart {
  readonly id: string
  readonly functionArn: string
  readonly enabled: boolean
  readonly batchSize: number
  /** Whether the function's answer names the records it could not do. */
  readonly reportsFailures: boolean
  /** Whether the function is to get a record; a record that matches no filter counts as done. */
  readonly matches: EventMatch
}

/** A queue whose messages a function is called with. */
export interface QueueSourcePart extends SourcePart {
  readonly kind: 'queueSource'
  readonly queueArn: string
  /** Batches at a time; undefined leaves it to the poller. */
  readonly concurrency: number | undefined
}

/** A table's stream whose records a function is called with, in order, from the oldest. */
export interface StreamSourcePart extends SourcePart {
  readonly kind: 'streamSource'
  readonly streamArn: string
  readonly bisect: boolean
  /** Undefined: until the records expire. */
  readonly retries: number | undefined
  /** Queue that learns of what was given up; undefined: nobody. */
  readonly failureQueueArn: string | undefined
}

function common(properties: MappingProperties, { id }: Place): Omit<SourcePart, 'batchSize'> {
  return {
    id,
    functionArn: properties.FunctionName,
    enabled: properties.Enabled,
    reportsFailures: properties.FunctionResponseTypes !== undefined,
    matches: filter(properties.FilterCriteria?.Filters ?? [], `${id}: Properties.FilterCriteria`),
  }
}

function filter(filters: readonly { Pattern: string }[], where: string): EventMatch {
  const patterns = filters.map(({ Pattern }) =>
    eventPattern(z.record(z.string(), z.unknown()).parse(JSON.parse(Pattern)), where),
  )
  return (record) => patterns.length === 0 || patterns.some((matches) => matches(record))
}

function streamSource(properties: MappingProperties, place: Place): StreamSourcePart {
  if (properties.StartingPosition === undefined)
    throw new Refused(`${place.id}: Properties.StartingPosition: only TRIM_HORIZON is run on one machine`)
  if (properties.ScalingConfig !== undefined)
    throw new Refused(`${place.id}: Properties.ScalingConfig belongs to queues`)
  return {
    ...common(properties, place),
    kind: 'streamSource',
    batchSize: properties.BatchSize ?? 100,
    streamArn: properties.EventSourceArn,
    bisect: properties.BisectBatchOnFunctionError,
    retries: properties.MaximumRetryAttempts < 0 ? undefined : properties.MaximumRetryAttempts,
    failureQueueArn: properties.DestinationConfig?.OnFailure.Destination,
  }
}

function queueSource(properties: MappingProperties, place: Place): QueueSourcePart {
  return {
    ...common(properties, place),
    kind: 'queueSource',
    batchSize: properties.BatchSize ?? 10,
    queueArn: properties.EventSourceArn,
    concurrency: properties.ScalingConfig?.MaximumConcurrency,
  }
}

export const eventSourceMapping = runType({
  honoured: Mapping,
  ignored: {
    KmsKeyArn: 'filters are not encrypted',
    MaximumBatchingWindowInSeconds: 'a batch never waits to be filled',
    MaximumRecordAgeInSeconds: 'records of a stopped machine must still be delivered',
    MetricsConfig: 'there are no metrics',
    ParallelizationFactor: 'one reader keeps the same order per key',
    Tags: 'labels only',
  },
  describe: (properties, place): Described<StreamSourcePart | QueueSourcePart> => {
    const { EventSourceArn } = properties
    const ref = physicalId(place, 36)
    if (EventSourceArn.includes(':sqs:'))
      return { ref, attributes: { Id: ref }, part: queueSource(properties, place) }
    if (/:dynamodb:.*\/stream\//.test(EventSourceArn))
      return { ref, attributes: { Id: ref }, part: streamSource(properties, place) }
    throw new Refused(
      `${place.id}: Properties.EventSourceArn: only queues and streams of tables are read here`,
    )
  },
})

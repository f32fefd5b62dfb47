import type { AttributeValue, _Record } from '@aws-sdk/client-dynamodb-streams'
import type { Json, JsonObject } from '../templates.ts'

/** A stream record as a function gets it. */
export interface StreamRecord {
  readonly eventID: string
  readonly eventName: string
  readonly eventVersion: string
  readonly eventSource: 'aws:dynamodb'
  readonly awsRegion: string
  readonly eventSourceARN: string
  readonly dynamodb: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number
    readonly Keys: JsonObject
    readonly NewImage?: JsonObject
    readonly OldImage?: JsonObject
    readonly SequenceNumber: string
    readonly SizeBytes: number
    readonly StreamViewType: string
  }
}

/** Turns what the streams API answers into what Lambda hands over: binary values become base64. */
export function streamRecord(record: _Record, streamArn: string, region: string): StreamRecord {
  const { Keys, NewImage, OldImage, ...rest } = record.dynamodb ?? {}
  return {
    eventID: record.eventID ?? '',
    eventName: record.eventName ?? '',
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: (rest.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      Keys: image(Keys ?? {}),
      ...(NewImage === undefined ? {} : { NewImage: image(NewImage) }),
      ...(OldImage === undefined ? {} : { OldImage: image(OldImage) }),
      SequenceNumber: rest.SequenceNumber ?? '',
      SizeBytes: rest.SizeBytes ?? 0,
      StreamViewType: rest.StreamViewType ?? '',
    },
  }
}

const image = (item: Readonly<Record<string, AttributeValue>>): JsonObject =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]))

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

function attribute(value: AttributeValue): Json {
  if (value.B !== undefined) return { B: base64(value.B) }
  if (value.BS !== undefined) return { BS: value.BS.map((each) => base64(each)) }
  if (value.M !== undefined) return { M: image(value.M) }
  if (value.L !== undefined) return { L: value.L.map((each) => attribute(each)) }
  if (value.S !== undefined) return { S: value.S }
  if (value.N !== undefined) return { N: value.N }
  if (value.BOOL !== undefined) return { BOOL: value.BOOL }
  if (value.SS !== undefined) return { SS: value.SS }
  if (value.NS !== undefined) return { NS: value.NS }
  return { NULL: true }
}

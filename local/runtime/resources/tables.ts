import * as z from 'zod'
import { physicalName } from './physical-name.ts'
import { arn, type Described, runType } from './resource-type.ts'

const KeySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
const Projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
})
const capacity = z.unknown().optional()

const Table = z.strictObject({
  TableName: z.string().min(3).optional(),
  KeySchema,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        // Dynoxide takes no table or index name of fewer than three characters.
        IndexName: z.string().min(3),
        KeySchema,
        Projection,
        OnDemandThroughput: capacity,
        ProvisionedThroughput: capacity,
        WarmThroughput: capacity,
        ContributorInsightsSpecification: capacity,
      }),
    )
    .optional(),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
    })
    .optional(),
})

export interface TablePart {
  readonly kind: 'table'
  readonly id: string
  readonly name: string
  readonly arn: string
  /** Undefined for a table without a stream. */
  readonly streamArn: string | undefined
  readonly properties: z.output<typeof Table>
}

export const table = runType({
  honoured: Table,
  ignored: {
    BillingMode: 'capacity is not limited here',
    ProvisionedThroughput: 'capacity is not limited here',
    OnDemandThroughput: 'capacity is not limited here',
    WarmThroughput: 'capacity is not limited here',
    SSESpecification: 'the data folder is not encrypted',
    PointInTimeRecoverySpecification: 'there are no backups',
    TimeToLiveSpecification: 'nothing expires; DynamoDB promises no moment either',
    DeletionProtectionEnabled: 'a table is never deleted here',
    ContributorInsightsSpecification: 'there are no metrics',
    ResourcePolicy: 'there are no permissions',
    TableClass: 'there is no storage price',
    Tags: 'labels only',
  },
  describe: (properties, place): Described<TablePart> => {
    const name = properties.TableName ?? physicalName(place, 255)
    const tableArn = arn(place, 'dynamodb', `table/${name}`)
    // The label is a date in the cloud; a fixed one keeps a mapping's checkpoint across starts.
    const streamArn = properties.StreamSpecification === undefined ? undefined : `${tableArn}/stream/local`
    return {
      ref: name,
      attributes: { Arn: tableArn, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) },
      part: { kind: 'table', id: place.id, name, arn: tableArn, streamArn, properties },
    }
  },
})

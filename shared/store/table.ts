import type { CreateTableCommandInput, UpdateTimeToLiveCommandInput } from '@aws-sdk/client-dynamodb'

/** Attribute and index names of the one table; the data stack deploys the same. */
export const tableKeys = { pk: 'pk', sk: 'sk', expires: 'expires' } as const
export const byState = { name: 'by_state', pk: 'state_pk', sk: 'state_at' } as const
export const byDue = { name: 'by_due', pk: 'due_pk', sk: 'due_at' } as const

const indexes = [byState, byDue]
const keySchema = (pk: string, sk: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: pk, KeyType: 'HASH' },
  { AttributeName: sk, KeyType: 'RANGE' },
]

/**
 * The table as tests create it. Both indexes hold keys only: a write that leaves their keys alone costs no index
 * write, and what a list shows is read from the rows themselves.
 */
export const createTableInput = (table: string): CreateTableCommandInput => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: keySchema(tableKeys.pk, tableKeys.sk),
  AttributeDefinitions: [tableKeys, ...indexes]
    .flatMap(({ pk, sk }) => [pk, sk])
    .map((name) => ({ AttributeName: name, AttributeType: 'S' })),
  GlobalSecondaryIndexes: indexes.map(({ name, pk, sk }) => ({
    IndexName: name,
    KeySchema: keySchema(pk, sk),
    Projection: { ProjectionType: 'KEYS_ONLY' },
  })),
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
})

export const timeToLiveInput = (table: string): UpdateTimeToLiveCommandInput => ({
  TableName: table,
  TimeToLiveSpecification: { AttributeName: tableKeys.expires, Enabled: true },
})

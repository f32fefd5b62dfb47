import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb'
import { Refused } from './refused.ts'
import type { TablePart } from './resources/tables.ts'

/**
 * Makes the tables that are missing. A table that is there is never changed.
 *
 * @throws {Refused} when one has other keys, indexes or another stream than the templates say.
 */
export async function ensureTables(client: DynamoDBClient, tables: readonly TablePart[]): Promise<void> {
  await Promise.all(tables.map(async (table) => await ensureTable(client, table)))
}

async function ensureTable(client: DynamoDBClient, table: TablePart): Promise<void> {
  const found = await describe(client, table.name)
  if (found !== undefined) {
    checkSame(found, table)
    return
  }
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, StreamSpecification } = table.properties
  await client.send(
    new CreateTableCommand({
      TableName: table.name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema,
      AttributeDefinitions,
      GlobalSecondaryIndexes: GlobalSecondaryIndexes?.map(({ IndexName, KeySchema: keys, Projection }) => ({
        IndexName,
        KeySchema: keys,
        Projection: { ...Projection },
      })),
      ...(StreamSpecification === undefined
        ? {}
        : { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    }),
  )
  while ((await describe(client, table.name))?.TableStatus !== 'ACTIVE') await sleep(10)
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

interface Shape {
  readonly keys: string
  readonly indexes: readonly string[]
  readonly stream: string
}

interface Keyed {
  readonly KeySchema?:
    | readonly { AttributeName?: string | undefined; KeyType?: string | undefined }[]
    | undefined
}

const keysOf = ({ KeySchema }: Keyed): string =>
  (KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName ?? ''} ${KeyType ?? ''}`).join(', ')

function shapeOf(
  table: Keyed & {
    readonly GlobalSecondaryIndexes?: readonly (Keyed & { IndexName?: string | undefined })[] | undefined
    readonly StreamSpecification?: { StreamViewType?: string | undefined } | undefined
  },
): Shape {
  return {
    keys: keysOf(table),
    indexes: (table.GlobalSecondaryIndexes ?? [])
      .map((index) => `${index.IndexName ?? ''}: ${keysOf(index)}`)
      .toSorted(),
    stream: table.StreamSpecification?.StreamViewType ?? '',
  }
}

function checkSame(found: TableDescription, { id, name, properties }: TablePart): void {
  if (JSON.stringify(shapeOf(found)) === JSON.stringify(shapeOf(properties))) return
  throw new Refused(
    `The table ${name} of the data folder has other keys, indexes or another stream than ${id} in the templates. ` +
      'A table is not changed here: move the data folder away, or delete it to begin with no data, and start again.',
  )
}

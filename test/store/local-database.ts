import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Row } from '../../shared/store/row-body.ts'
import { byDue, byState, tableKeys } from '../../shared/store/table.ts'
import { freePort } from '../free-port.ts'
import { refuseOtherEvents } from './events-fit.ts'

/** A database of its own, in memory, gone when stopped. */
export interface LocalDatabase {
  readonly endpoint: string
  readonly client: DynamoDBClient
  readonly document: DynamoDBDocumentClient
  /** Makes the product's table under a random name, which it returns. */
  /** Under a name of its own, unless one is given; answers the name. */
  createTable(name?: string): Promise<string>
  /** Every row of a table. */
  rowsOf(table: string): Promise<readonly Row[]>
  stop(): void
}

export async function startLocalDatabase(): Promise<LocalDatabase> {
  const { server, port } = await startServer()
  const stop = (): void => void server.kill('SIGKILL')
  process.once('exit', stop)
  const endpoint = `http://127.0.0.1:${String(port)}`
  const client = localClient(endpoint)
  const document = localDocument(client)
  refuseOtherEvents(document)
  return {
    endpoint,
    client,
    document,
    async createTable(table = `t${randomBytes(6).toString('hex')}`) {
      await client.send(new CreateTableCommand(tableNamed(table)))
      return table
    },
    async rowsOf(table) {
      const { Items = [] } = await document.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
      return Items as Row[]
    },
    stop() {
      process.off('exit', stop)
      client.destroy()
      stop()
    },
  }
}

const indexes = [byState, byDue]
const keySchema = (pk: string, sk: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: pk, KeyType: 'HASH' },
  { AttributeName: sk, KeyType: 'RANGE' },
]

/**
 * The table with the keys and indexes that are deployed, without its stream: nobody reads it here, and the local
 * database takes longer for a transaction the more records its stream holds.
 */
export const tableNamed = (table: string): CreateTableCommandInput => ({
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
})

// The local database wants a signature to be there and never checks it: working each out takes a tenth of a call.
const signature = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
}

export const localClient = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: {
      sign: async (request) =>
        await Promise.resolve({ ...request, headers: { ...request.headers, ...signature } }),
    },
  })

export const localDocument = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })

const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide')

/** Port numbers are taken when found free, and may be gone a moment later: then the server ends, and the next is tried. */
async function startServer(): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const port = await freePort()
    const server = spawn(binary, ['serve', '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
    if (await listens(server)) return { server, port }
    server.kill('SIGKILL')
  }
  throw new Error('The local database did not start')
}

const listens = async (server: ChildProcess): Promise<boolean> =>
  await Promise.race([
    new Promise<boolean>((resolve) => {
      server.once('exit', () => resolve(false))
      server.once('error', () => resolve(false))
      server.stderr?.on('data', (said: Buffer) => {
        if (said.includes('listening on')) resolve(true)
      })
    }),
    setTimeout(5_000, false, { ref: false }),
  ])

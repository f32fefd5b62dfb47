import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { jitteredPause, type Pause, tries } from './again.ts'
import { type Condition, conditionOf } from './condition.ts'
import { Later, orLater } from './errors.ts'
import type { RowKey } from './keys.ts'
import type { Row } from './row-body.ts'
import type { byDue, byState } from './table.ts'

const AnyRow = z.looseObject({ pk: z.string(), sk: z.string() })

// Members of one call (API_BatchGetItem, API_BatchWriteItem).
const mostRead = 100
const mostWritten = 25

type WriteRequests = NonNullable<NonNullable<BatchWriteCommandInput['RequestItems']>[string]>

/** Reads and plain writes of the table's rows. Reads are consistent but where it is said; a busy table is `Later`. */
export interface Rows {
  readonly document: DynamoDBDocumentClient
  readonly table: string
  readonly pause: Pause
  get(key: RowKey): Promise<Row | undefined>
  /** In the order of the keys; undefined where there is no such row. */
  getMany(keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]>
  /** The same of rows that never change once they are written: at half the price, unless they were written just now. */
  getUnchanging(keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]>
  /** Rows of a partition whose sort keys begin so, or lie between, in their order. */
  list(
    pk: string,
    sort: { begins: string } | { from: string; to: string },
    limit?: number,
  ): Promise<readonly Row[]>
  /** Keys of a partition of an index, in its order, after a place in it. */
  listByIndex(
    index: typeof byState | typeof byDue,
    of: { pk: string; begins?: string },
    limit: number,
    after?: Row,
  ): Promise<{ keys: readonly Row[]; next?: Row }>
  /** False, and nothing written, where the row that stands there does not meet the condition. */
  putIf(row: Row, condition: Condition): Promise<boolean>
  /** Not one transaction: for rows that nothing points at yet. */
  putMany(rows: readonly Row[]): Promise<void>
}

export function createRows(options: {
  document: DynamoDBDocumentClient
  table: string
  pause?: Pause
}): Rows {
  const { document, table, pause = jitteredPause } = options

  async function getBatch(keys: readonly RowKey[], ConsistentRead: boolean): Promise<readonly Row[]> {
    const found: Row[] = []
    let asked: readonly unknown[] = keys.map(({ pk, sk }) => ({ pk, sk }))
    for (let attempt = 0; asked.length > 0; attempt++) {
      if (attempt === tries) throw new Later('The table is too busy to be read')
      if (attempt > 0) await pause(attempt)
      const request = { RequestItems: { [table]: { Keys: asked.map(keyAttributes), ConsistentRead } } }
      const answer = await orLater(document.send(new BatchGetCommand(request)))
      found.push(...z.array(AnyRow).parse(answer.Responses?.[table] ?? []))
      asked = answer.UnprocessedKeys?.[table]?.Keys ?? []
    }
    return found
  }

  async function getAll(keys: readonly RowKey[], consistent: boolean): Promise<readonly (Row | undefined)[]> {
    const found = new Map<string, Row>()
    const distinct = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()]
    const pieces = inPieces(distinct, mostRead)
    for (const batch of await Promise.all(pieces.map(async (piece) => await getBatch(piece, consistent))))
      for (const row of batch) found.set(`${row.pk}\n${row.sk}`, row)
    return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`))
  }

  async function putBatch(rows: readonly Row[]): Promise<void> {
    let requests: WriteRequests = rows.map((row) => ({ PutRequest: { Item: { ...row } } }))
    for (let attempt = 0; requests.length > 0; attempt++) {
      if (attempt === tries) throw new Later('The table is too busy to be written')
      if (attempt > 0) await pause(attempt)
      const answer = await orLater(
        document.send(new BatchWriteCommand({ RequestItems: { [table]: requests } })),
      )
      requests = answer.UnprocessedItems?.[table] ?? []
    }
  }

  return {
    document,
    table,
    pause,
    async get(key) {
      const answer = await orLater(
        document.send(new GetCommand({ TableName: table, Key: keyAttributes(key), ConsistentRead: true })),
      )
      return answer.Item && AnyRow.parse(answer.Item)
    },
    getMany: async (keys) => await getAll(keys, true),
    async getUnchanging(keys) {
      const found = await getAll(keys, false)
      const missing = keys.filter((_, i) => found[i] === undefined)
      if (missing.length === 0) return found
      const late = (await getAll(missing, true)).values()
      return found.map((row) => row ?? late.next().value)
    },
    async list(pk, sort, limit = Number.POSITIVE_INFINITY) {
      const rows: Row[] = []
      let after: Record<string, unknown> | undefined
      do {
        const answer = await orLater(
          document.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression:
                'begins' in sort
                  ? 'pk = :pk AND begins_with(sk, :begins)'
                  : 'pk = :pk AND sk BETWEEN :from AND :to',
              ExpressionAttributeValues:
                'begins' in sort
                  ? { ':pk': pk, ':begins': sort.begins }
                  : { ':pk': pk, ':from': sort.from, ':to': sort.to },
              ExclusiveStartKey: after,
              ...(Number.isFinite(limit) && { Limit: limit - rows.length }),
            }),
          ),
        )
        rows.push(...z.array(AnyRow).parse(answer.Items ?? []))
        after = answer.LastEvaluatedKey
      } while (after && rows.length < limit)
      return rows
    },
    async listByIndex(index, of, limit, after) {
      const answer = await orLater(
        document.send(
          new QueryCommand({
            TableName: table,
            IndexName: index.name,
            KeyConditionExpression: `${index.pk} = :pk${of.begins === undefined ? '' : ` AND begins_with(${index.sk}, :begins)`}`,
            ExpressionAttributeValues: {
              ':pk': of.pk,
              ...(of.begins !== undefined && { ':begins': of.begins }),
            },
            Limit: limit,
            ...(after && { ExclusiveStartKey: { ...after } }),
          }),
        ),
      )
      const next = answer.LastEvaluatedKey && AnyRow.parse(answer.LastEvaluatedKey)
      return { keys: z.array(AnyRow).parse(answer.Items ?? []), ...(next && { next }) }
    },
    async putIf(row, condition) {
      const put = new PutCommand({ TableName: table, Item: { ...row }, ...conditionOf(condition) })
      try {
        await orLater(document.send(put))
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
    async putMany(rows) {
      // Two at a time: a few megabytes under way, and half the waiting of one at a time.
      const batches = inPieces(rows, mostWritten)
      const lanes = [0, 1].map(async (lane) => {
        for (let i = lane; i < batches.length; i += 2) await putBatch(batches[i] ?? [])
      })
      await Promise.all(lanes)
    },
  }
}

const Key = z.object({ pk: z.string(), sk: z.string() })
const keyAttributes = (key: unknown): { pk: string; sk: string } => Key.parse(key)

export function inPieces<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const pieces: T[][] = []
  for (let start = 0; start < items.length; start += size) pieces.push(items.slice(start, start + size))
  return pieces
}

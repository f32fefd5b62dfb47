import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { expect, test } from 'vitest'
import { type Draws, drawsFrom } from '../sage/whole-cycle/dealt.ts'
import { runs } from '../runs.ts'
import { memoryDatabase, type Tables } from './memory-database.ts'
import { useLocalDatabase } from './use-local.ts'

// The contract of the table in memory: whatever is asked of it, the local database answers the same.

const local = useLocalDatabase()

/** A command for a table; the same for both. */
type Ask = (table: string) => { readonly input: object }

const keyOf = (draws: Draws) => ({
  pk: draws.one(['a', 'b']),
  sk: `${draws.one(['X#', 'Y#'])}${String(draws.whole(1, 4))}`,
})

const row = (draws: Draws) => ({
  ...keyOf(draws),
  n: draws.whole(1, 3),
  text: draws.one(['x', 'y']),
  bytes: Buffer.from([draws.whole(0, 9)]),
  list: [{ deep: null, gone: undefined }],
  ...(draws.whole(0, 1) === 1 && { due_pk: draws.one(['D1', 'D2']), due_at: String(draws.whole(1, 5)) }),
})

interface Asked {
  readonly ConditionExpression?: string
  readonly ExpressionAttributeNames?: Record<string, string>
  readonly ExpressionAttributeValues?: Record<string, unknown>
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE'
}

function condition(draws: Draws): Asked {
  const old = { ReturnValuesOnConditionCheckFailure: draws.one(['ALL_OLD', 'NONE'] as const) }
  return draws.one<Asked>([
    {},
    { ConditionExpression: 'attribute_not_exists(pk)', ...old },
    { ConditionExpression: 'attribute_exists(pk)', ...old },
    {
      ConditionExpression: 'attribute_not_exists(pk) OR #n <= :n',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':n': draws.whole(1, 3) },
      ...old,
    },
    {
      ConditionExpression: 'attribute_not_exists(pk) OR (#n = :n AND #text < :text)',
      ExpressionAttributeNames: { '#n': 'n', '#text': 'text' },
      ExpressionAttributeValues: { ':n': draws.whole(1, 3), ':text': draws.one(['x', 'y', 'z']) },
      ...old,
    },
  ])
}

function update(draws: Draws) {
  const given = condition(draws)
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = given
  return draws.one([
    { ...given, UpdateExpression: 'REMOVE #gone', ExpressionAttributeNames: { ...names, '#gone': 'text' } },
    {
      ...given,
      UpdateExpression: 'SET mark = :mark',
      ExpressionAttributeValues: { ...values, ':mark': { a: 1 } },
    },
    { ...given, UpdateExpression: 'ADD times :one', ExpressionAttributeValues: { ...values, ':one': 1 } },
  ])
}

const member = (draws: Draws, TableName: string) =>
  draws.one([
    { Put: { TableName, Item: row(draws), ...condition(draws) } },
    { Delete: { TableName, Key: keyOf(draws), ...condition(draws) } },
    { Update: { TableName, Key: keyOf(draws), ...update(draws) } },
    {
      ConditionCheck: {
        TableName,
        Key: keyOf(draws),
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValuesOnConditionCheckFailure: draws.one(['ALL_OLD', 'NONE'] as const),
      },
    },
  ])

const asks: readonly ((draws: Draws) => Ask)[] = [
  (draws) => {
    const put = { Item: row(draws), ...condition(draws) }
    return (TableName) => new PutCommand({ TableName, ...put })
  },
  (draws) => {
    const deletes = { Key: keyOf(draws), ...condition(draws) }
    return (TableName) => new DeleteCommand({ TableName, ...deletes })
  },
  (draws) => {
    const updates = { Key: keyOf(draws), ...update(draws), ReturnValues: 'ALL_NEW' as const }
    return (TableName) => new UpdateCommand({ TableName, ...updates })
  },
  (draws) => {
    const seed = draws.whole(1, 1_000_000)
    const count = draws.whole(1, 5)
    return (table) => {
      const same = drawsFrom(seed)
      return new TransactWriteCommand({
        TransactItems: Array.from({ length: count }, () => member(same, table)),
      })
    }
  },
  (draws) => {
    const Key = keyOf(draws)
    return (TableName) => new GetCommand({ TableName, Key, ConsistentRead: true })
  },
  (draws) => {
    const Keys = Array.from({ length: draws.whole(1, 4) }, () => keyOf(draws))
    const ConsistentRead = draws.whole(1, 2) === 1
    return (table) => new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead } } })
  },
  (draws) => {
    const rows = [row(draws), row(draws)].filter(
      (each, i, all) => i === 0 || each.pk + each.sk !== all[0]!.pk + all[0]!.sk,
    )
    return (table) =>
      new BatchWriteCommand({ RequestItems: { [table]: rows.map((Item) => ({ PutRequest: { Item } })) } })
  },
  (draws) => {
    const asked = draws.one([
      {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :b)',
        ExpressionAttributeValues: { ':pk': 'a', ':b': 'X#' },
      },
      {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': 'b', ':from': 'X#2', ':to': 'Y#2' },
      },
      {
        IndexName: 'by_due',
        KeyConditionExpression: 'due_pk = :pk AND due_at < :at',
        ExpressionAttributeValues: { ':pk': 'D1', ':at': String(draws.whole(1, 6)) },
      },
    ])
    const Limit = draws.whole(1, 9)
    const consistent = !('IndexName' in asked)
    return (TableName) => new QueryCommand({ TableName, ...asked, Limit, ConsistentRead: consistent })
  },
]

const inOrder = (rows: unknown): string[] =>
  (rows as object[]).map((each) => JSON.stringify(sorted(each))).toSorted()
const sorted = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? { bytes: [...value] }
    : Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, each]) => each !== undefined)
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, each]) => [name, sorted(each)]),
          )
        : value

/** What a caller sees: the answer without what only a server tells, or the error with its reasons. */
async function answerOf({ document }: Pick<Tables, 'document'>, command: object): Promise<unknown> {
  try {
    const answer = await document.send(command as never)
    const {
      $metadata: _,
      ConsumedCapacity: _c,
      Count: _n,
      ScannedCount: _s,
      UnprocessedKeys: _k,
      UnprocessedItems: _i,
      ItemCollectionMetrics: _m,
      Responses,
      ...rest
    } = answer as Record<string, unknown>
    // A batch is answered in any order.
    return sorted({
      ...rest,
      ...(Responses !== undefined && { Responses: inOrder(Object.values(Responses as object)[0]) }),
    })
  } catch (error) {
    const { name, CancellationReasons, Item } = error as {
      name: string
      CancellationReasons?: { Code?: string; Item?: object }[]
      Item?: object
    }
    return sorted({
      name,
      Item,
      reasons: CancellationReasons?.map((each) => ({ Code: each.Code, Item: each.Item })),
    })
  }
}

test('answers as the local database does, whatever is asked, in whatever order', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  console.log(`contract of the table in memory: SEED=${String(seed)}`)
  const draws = drawsFrom(seed)
  const memory = memoryDatabase()
  const [here, there] = [await memory.createTable(), await local().createTable()]
  for (let i = 0; i < runs(600, 20_000); i += 1) {
    const ask = draws.one(asks)(draws)
    const [mine, theirs] = [await answerOf(memory, ask(here)), await answerOf(local(), ask(there))]
    expect(mine, `ask ${String(i)}: ${JSON.stringify(ask('t').input)}`).toEqual(theirs)
  }
  expect(inOrder(await memory.rowsOf(here))).toEqual(inOrder(await local().rowsOf(there)))
  const indexed = async ({ document }: Pick<Tables, 'document'>, TableName: string) =>
    inOrder((await document.send(new ScanCommand({ TableName, IndexName: 'by_due' }))).Items)
  expect(await indexed(memory, here)).toEqual(await indexed(local(), there))
}, 600_000)

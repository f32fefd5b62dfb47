import {
  type AttributeValue,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Row } from '../../shared/store/row-body.ts'
import { byDue, byState } from '../../shared/store/table.ts'
import { attribute, type Given, holds, inBytesOrder, type Item } from './expressions.ts'
import { Partitions } from './partitions.ts'

// DynamoDB's table in memory, for histories by the thousand: conditions, transactions and their reasons, limits, pages,
// indexes that may lag. Its contract test holds for the local database too.

const mostOfItem = 400 * 1024
const mostOfTransaction = 4 * 1024 * 1024
const mostOfPage = 1024 * 1024

interface Wanted {
  readonly TableName?: string
  readonly Key?: Row
  readonly Item?: Row
  readonly ConditionExpression?: string
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>
  readonly ReturnValues?: string
  readonly ReturnValuesOnConditionCheckFailure?: string
}

interface Query extends Wanted {
  readonly IndexName?: string
  readonly KeyConditionExpression: string
  readonly Limit?: number
  readonly ExclusiveStartKey?: Row
  readonly ScanIndexForward?: boolean
}

const refused = (message: string): Error => Object.assign(new Error(message), { name: 'ValidationException' })
const inItsForm = (row: object): Item => marshall(row, { removeUndefinedValues: true })
const ignored = (): undefined => undefined
const keyOf = ({ pk, sk }: Item): string => JSON.stringify([pk?.S, sk?.S])

/** Bytes of an item as DynamoDB counts them, to a few. */
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0)

function sizeOfValue({ S, N, B, M, L }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S)
  if (B !== undefined) return B.byteLength
  if (N !== undefined) return Math.ceil(N.length / 2) + 1
  if (M !== undefined) return 3 + sizeOf(M) + Object.keys(M).length
  return L === undefined ? 1 : 3 + L.reduce((sum, each) => sum + sizeOfValue(each) + 1, 0)
}

const givenBy = (wanted: Wanted): Given => ({
  names: wanted.ExpressionAttributeNames,
  ...(wanted.ExpressionAttributeValues && { values: inItsForm(wanted.ExpressionAttributeValues) }),
})

interface Asked {
  readonly Keys: readonly Row[]
  readonly ConsistentRead?: boolean
}

const indexes = [byState, byDue]

function indexNamed(wanted: string): (typeof indexes)[number] {
  const index = indexes.find(({ name }) => name === wanted)
  if (!index) throw refused(`The table does not have the index ${wanted}`)
  return index
}

/** Stands in for the document client of one table. */
export class MemoryTable {
  readonly #items = new Partitions()
  readonly #onInsert: (item: Item) => void
  readonly #onChange: (before: Item | undefined, after: Item | undefined) => void
  /** How many writes there were. */
  writes = 0

  /**
   * @param watch `onInsert` is told of every item that was not there before, as the table's stream tells; `onChange` of
   *   every item that is written or deleted.
   */
  constructor(
    watch: {
      onInsert?: (item: Item) => void
      onChange?: (before: Item | undefined, after: Item | undefined) => void
    } = {},
  ) {
    this.#onChange = watch.onChange ?? ignored
    this.#onInsert = watch.onInsert ?? ignored
  }

  /** What the indexes and reads that need not be consistent show; the table itself, while nothing lags. */
  #shown: ReadonlyMap<string, Item> = this.#items

  readonly document = {
    send: async (command: { constructor: { name: string }; input: unknown }): Promise<unknown> => {
      const act = this.#acts[command.constructor.name]
      if (!act) throw refused(`${command.constructor.name} is not for this table`)
      await Promise.resolve()
      return act(command.input as never)
    },
  } as unknown as DynamoDBDocumentClient

  readonly #acts: Readonly<Record<string, (input: never) => unknown>> = {
    GetCommand: ({ Key }: Wanted) => answered(this.#get(Key)),
    BatchGetCommand: (input: { RequestItems: Record<string, Asked> }) => this.#batchGet(input.RequestItems),
    QueryCommand: (query: Query) => this.#query(query),
    ScanCommand: ({ IndexName }: Query) => ({
      Items: IndexName === undefined ? this.rows() : this.#indexed(IndexName),
    }),
    PutCommand: (wanted: Wanted) => this.#write({ Put: wanted }),
    DeleteCommand: (wanted: Wanted) => this.#write({ Delete: wanted }),
    UpdateCommand: (wanted: Wanted) => this.#write({ Update: wanted }),
    BatchWriteCommand: (input: { RequestItems: Record<string, readonly BatchMember[]> }) =>
      this.#batchWrite(input.RequestItems),
    TransactWriteCommand: ({ TransactItems }: { TransactItems: readonly Member[] }) =>
      this.#transact(TransactItems),
  }

  /** Every row. */
  rows(): Row[] {
    return [...this.#items.values()].map((item) => unmarshall(item) as Row)
  }

  #indexed(name: string): object[] {
    const index = indexNamed(name)
    const found = [...this.#shown.values()].filter((item) => item[index.pk] && item[index.sk])
    return found.map((item) => unmarshall(keysOf(item, index)))
  }

  /** What need not be consistent stays as it is now until it catches up. */
  lag(): void {
    this.#shown = new Map(this.#items)
  }

  catchUp(): void {
    this.#shown = this.#items
  }

  /** The table of a moment, for a restore. */
  kept(): ReadonlyMap<string, Item> {
    return new Map(this.#items)
  }

  restore(items: ReadonlyMap<string, Item>): void {
    this.#items.clear()
    for (const [key, item] of items) this.#items.set(key, item)
  }

  #get(key: Row | undefined, from: ReadonlyMap<string, Item> = this.#items): Item | undefined {
    return from.get(keyOf(inItsForm(key ?? {})))
  }

  #batchGet(asked: Record<string, Asked>): object {
    const [[table, { Keys, ConsistentRead = false }] = ['', { Keys: [] }]] = Object.entries(asked)
    const from = ConsistentRead ? this.#items : this.#shown
    if (Keys.length > 100) throw refused('Too many items requested for the BatchGetItem call')
    if (new Set(Keys.map((key) => keyOf(inItsForm(key)))).size < Keys.length)
      throw refused('Provided list of item keys contains duplicates')
    const found = Keys.map((key) => this.#get(key, from)).filter((item) => item !== undefined)
    return { Responses: { [table]: found.map((item) => unmarshall(item)) } }
  }

  #query(query: Query): object {
    const { IndexName, KeyConditionExpression, Limit = Number.POSITIVE_INFINITY, ExclusiveStartKey } = query
    const index = IndexName === undefined ? undefined : indexNamed(IndexName)
    const sort = index?.sk ?? 'sk'
    const given = givenBy(query)
    const partition = given.values?.[ofPartition.exec(KeyConditionExpression)?.[1] ?? '']?.S
    const found = [...(index ? this.#shown.values() : this.#items.of(partition))]
      .filter(
        (item) =>
          item[index?.pk ?? 'pk']?.S === partition &&
          item[sort] &&
          holds(KeyConditionExpression, item, given),
      )
      .toSorted((a, b) => inOrder(a, b, sort))
    const start = ExclusiveStartKey && inItsForm(ExclusiveStartKey)
    const page: Item[] = []
    let bytes = 0
    let more = false
    for (const item of found) {
      if (start && inOrder(item, start, sort) <= 0) continue
      more = page.length >= Limit || bytes > mostOfPage
      if (more) break
      bytes += sizeOf(item)
      page.push(index ? keysOf(item, index) : item)
    }
    const last = page.at(-1)
    return {
      Items: page.map((item) => unmarshall(item)),
      ...((more || page.length === Limit) &&
        last && { LastEvaluatedKey: unmarshall(index ? last : keysOf(last)) }),
    }
  }

  #write(member: Member): object {
    const { wanted, old, failed, next } = this.#judge(member)
    if (failed)
      throw new ConditionalCheckFailedException({
        $metadata: {},
        message: 'The conditional request failed',
        ...(wanted.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && old && { Item: { ...old } }),
      })
    this.#put(next)
    return wanted.ReturnValues === 'ALL_NEW' && next.item ? { Attributes: unmarshall(next.item) } : {}
  }

  #batchWrite(asked: Record<string, readonly BatchMember[]>): object {
    const members = Object.values(asked).flat()
    if (members.length > 25) throw refused('Too many items requested for the BatchWriteItem call')
    for (const { PutRequest, DeleteRequest } of members)
      this.#put(this.#judge(PutRequest ? { Put: PutRequest } : { Delete: DeleteRequest ?? {} }).next)
    return {}
  }

  #transact(members: readonly Member[]): object {
    if (members.length > 100) throw refused('Member must have length less than or equal to 100')
    const judged = members.map((member) => this.#judge(member))
    if (new Set(judged.map(({ next }) => next.key)).size < members.length)
      throw refused('Transaction request cannot include multiple operations on one item')
    const bytes = judged.reduce((sum, { next }) => sum + (next.item ? sizeOf(next.item) : 0), 0)
    if (bytes > mostOfTransaction) throw refused('Transaction request is too large')
    if (judged.some(({ failed }) => failed))
      throw new TransactionCanceledException({
        $metadata: {},
        message: 'Transaction cancelled',
        CancellationReasons: judged.map(({ failed, old, wanted }) =>
          failed
            ? {
                Code: 'ConditionalCheckFailed',
                Message: 'The conditional request failed',
                ...(wanted.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && old && { Item: { ...old } }),
              }
            : { Code: 'None' },
        ),
      })
    for (const { next } of judged) this.#put(next)
    return {}
  }

  /** What a write would make of its item, and whether its condition stands in the way. */
  #judge(member: Member): Judged {
    const { Put, Delete, Update, ConditionCheck } = member
    const wanted = Put ?? Delete ?? Update ?? ConditionCheck ?? {}
    const item = Put && inItsForm(Put.Item ?? {})
    const key = keyOf(item ?? inItsForm(wanted.Key ?? {}))
    const old = this.#items.get(key)
    const given = givenBy(wanted)
    const failed = wanted.ConditionExpression !== undefined && !holds(wanted.ConditionExpression, old, given)
    const made = Update
      ? updated(old ?? inItsForm(Update.Key ?? {}), Update.UpdateExpression ?? '', given)
      : ConditionCheck
        ? old
        : item
    if (made && !made['pk']?.S) throw refused('One or more parameter values were invalid: the key')
    if (made && sizeOf(made) > mostOfItem) throw refused('Item size has exceeded the maximum allowed size')
    return { wanted, old, failed, next: { key, item: made } }
  }

  #put({ key, item }: Next): void {
    this.writes += 1
    const before = this.#items.get(key)
    this.#onChange(before, item)
    const isNew = item !== undefined && !before
    if (item) this.#items.set(key, item)
    else this.#items.delete(key)
    if (isNew) this.#onInsert(item)
  }
}

interface Member {
  readonly Put?: Wanted
  readonly Delete?: Wanted
  readonly Update?: Wanted
  readonly ConditionCheck?: Wanted
}

interface BatchMember {
  readonly PutRequest?: Wanted
  readonly DeleteRequest?: Wanted
}

interface Next {
  readonly key: string
  readonly item: Item | undefined
}

interface Judged {
  readonly wanted: Wanted
  readonly old: Item | undefined
  readonly failed: boolean
  readonly next: Next
}

const ofPartition = /^\S+ = (:\w+)/

const answered = (item: Item | undefined): object => (item ? { Item: unmarshall(item) } : {})

const keysOf = (item: Item, index?: { readonly pk: string; readonly sk: string }): Item =>
  Object.fromEntries(
    ['pk', 'sk', ...(index ? [index.pk, index.sk] : [])].flatMap((name) => {
      const value = item[name]
      return value ? [[name, value]] : []
    }),
  )

const compared = (a: Item, b: Item, name: string): number => inBytesOrder(a[name]?.S ?? '', b[name]?.S ?? '')

const inOrder = (a: Item, b: Item, sort: string): number =>
  compared(a, b, sort) || compared(a, b, 'pk') || compared(a, b, 'sk')

const clause = /^(SET|REMOVE|ADD) ([#\w]+)(?: ?=? ?(:\w+))?$/

/** One clause on one attribute, which is all that the product writes. */
const updated = (item: Item, expression: string, given: Given): Item =>
  expression.split(/ (?=(?:ADD|SET|REMOVE) )/).reduce((made, each) => updatedBy(made, each, given), item)

function updatedBy(item: Item, expression: string, given: Given): Item {
  const [, act, name = '', value = ''] = clause.exec(expression) ?? []
  const path = attribute(name, given)
  const { [path]: before, ...rest } = item
  if (act === 'REMOVE') return rest
  const meant = given.values?.[value]
  if (act === undefined || !meant) throw refused(`Not understood: ${expression}`)
  return {
    ...rest,
    [path]: act === 'SET' ? meant : { N: String(Number(before?.N ?? 0) + Number(meant.N)) },
  }
}

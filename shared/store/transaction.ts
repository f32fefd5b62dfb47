import {
  type AttributeValue,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb'
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb'
import { type Condition, conditionOf } from './condition.ts'
import { Broken, Later, orLater } from './errors.ts'
import type { RowKey } from './keys.ts'
import type { Row } from './row-body.ts'
import type { Rows } from './rows.ts'

type Member = NonNullable<TransactWriteCommandInput['TransactItems']>[number]
/** One member of a transaction; `role` is what its failed condition means to the one who wrote it. */
export interface Write {
  readonly role: string
  readonly key: RowKey
  /** The row that a put writes. */
  readonly row?: Row
  readonly member: (table: string) => Member
}

export const putRow = (row: Row, condition?: Condition, role = 'row'): Write => ({
  role,
  key: row,
  row,
  member: (table) => ({
    Put: { TableName: table, Item: { ...row }, ...(condition && conditionOf(condition)) },
  }),
})

export const deleteRow = ({ pk, sk }: RowKey, condition: Condition, role = 'row'): Write => ({
  role,
  key: { pk, sk },
  member: (table) => ({ Delete: { TableName: table, Key: { pk, sk }, ...conditionOf(condition) } }),
})

export const checkRow = ({ pk, sk }: RowKey, condition: Condition, role: string): Write => ({
  role,
  key: { pk, sk },
  member: (table) => ({ ConditionCheck: { TableName: table, Key: { pk, sk }, ...conditionOf(condition) } }),
})

/** Takes one attribute from a row on a condition; a row without it stays as it is. */
export const clearAttribute = (
  { pk, sk }: RowKey,
  attribute: string,
  on: Condition,
  role: string,
): Write => ({
  role,
  key: { pk, sk },
  member: (table) => {
    const { ExpressionAttributeNames, ...condition } = conditionOf(on)
    return {
      Update: {
        TableName: table,
        Key: { pk, sk },
        UpdateExpression: 'REMOVE #cleared',
        ...condition,
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#cleared': attribute },
      },
    }
  },
})

/** Sets one attribute of a row whose old value is the one expected. */
export const markRow = ({ pk, sk }: RowKey, attribute: string, from: unknown, to: unknown): Write => ({
  role: 'row',
  key: { pk, sk },
  member: (table) => ({
    Update: {
      TableName: table,
      Key: { pk, sk },
      UpdateExpression: 'SET #attribute = :to',
      ...conditionOf({
        expression: '#attribute = :from',
        names: { '#attribute': attribute },
        values: { ':from': from, ':to': to },
      }),
    },
  }),
})

/** Members of one transaction (API_TransactWriteItems). */
export const mostWrites = 100

export interface FailedWrite {
  readonly role: string
  readonly key: RowKey
  /** The row that stood there, if any: its texts, numbers and bytes. */
  readonly found?: Row
}

/** What stopped a transaction: writes whose condition failed, and what was in the way. */
export interface Stopped {
  readonly failed: readonly FailedWrite[]
  /** Another transaction or write held one of the rows. */
  readonly conflict: boolean
  readonly throttled: boolean
}

/** Writes all or nothing; undefined when written. Anything but a failed condition, a conflict or throttling is thrown. */
export async function transact(rows: Rows, writes: readonly Write[]): Promise<Stopped | undefined> {
  const members = writes.map(({ member }) => member(rows.table))
  try {
    await orLater(rows.document.send(new TransactWriteCommand({ TransactItems: members })))
    return undefined
  } catch (error) {
    if (error instanceof TransactionInProgressException)
      return { failed: [], conflict: true, throttled: false }
    if (error instanceof TransactionCanceledException) return stoppedBy(error, writes)
    throw error
  }
}

// A reason carries the row in DynamoDB's own form, which the document client leaves as it is.
const plainRow = (key: RowKey, item: Readonly<Record<string, AttributeValue>>): Row => ({
  ...Object.fromEntries(
    Object.entries(item).map(([name, { S, N, B }]) => [name, S ?? (N === undefined ? B : Number(N))]),
  ),
  pk: key.pk,
  sk: key.sk,
})

const throttlings = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded'])

function stoppedBy(error: TransactionCanceledException, writes: readonly Write[]): Stopped {
  const failed: FailedWrite[] = []
  let conflict = false
  let throttled = false
  for (const [i, { Code = 'None', Item, Message = '' }] of (error.CancellationReasons ?? []).entries()) {
    const write = writes[i]
    if (Code === 'None' || !write) continue
    if (Code === 'ConditionalCheckFailed')
      failed.push({ role: write.role, key: write.key, ...(Item && { found: plainRow(write.key, Item) }) })
    else if (Code === 'TransactionConflict') conflict = true
    else if (throttlings.has(Code)) throttled = true
    else
      throw new Broken('Store', `${write.key.pk} ${write.key.sk} was not taken: ${Code} ${Message}`, {
        cause: error,
      })
  }
  return { failed, conflict, throttled }
}

/** For a stop that nobody expected: busy, or a row that is not as the head says. */
export function unexpected({ failed, throttled }: Stopped): Error {
  if (throttled) return new Later('The table is too busy for this transaction')
  const keys = failed.map(({ key }) => `${key.pk} ${key.sk}`)
  return new Broken('Store', `Rows are not as the head says: ${keys.join(', ')}`)
}

import { type DynamoDBDocumentClient, DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Instant } from '../domain/ids.ts'
import { addMilliseconds } from '../domain/clock.ts'
import { type Condition, conditionOf } from './condition.ts'
import { orLater } from './errors.ts'
import { duePks } from './keys.ts'
import { OutboxRow } from './outbox.ts'
import { createRows } from './rows.ts'
import { byDue } from './table.ts'
import { deleteRow, putRow, transact } from './transaction.ts'

/** The rows that the relay has to deliver, from the side of whoever delivers or looks after them. */
export interface Outbox {
  /**
   * A delivered row is deleted: what is left is undelivered. One in its place that was recorded at another time stays: the
   * stream still tells of rows that a restore forgot.
   */
  delivered(row: OutboxRow): Promise<void>
  /** Rows that should have been delivered before now. */
  overdue(now: Instant): Promise<readonly OutboxRow[]>
  /**
   * Writes an overdue row anew, which the stream shows to the relay again. `delivered`: it was delivered meanwhile;
   * `held`: another transaction had it, or the table was busy, and the next look finds it again.
   */
  again(row: OutboxRow, now: Instant): Promise<'again' | 'delivered' | 'held'>
}

const RowKey = z.object({ pk: z.string(), sk: z.string() })
const overdueAgainAfter = 5 * 60_000

const recordedAt = (at: string): Condition => ({
  expression: '#at = :at',
  names: { '#at': 'at' },
  values: { ':at': at },
})

export function createOutbox({
  document,
  table,
}: {
  document: DynamoDBDocumentClient
  table: string
}): Outbox {
  const rows = createRows({ document, table })
  return {
    async delivered({ pk, sk, at }) {
      const Delete = new DeleteCommand({ TableName: table, Key: { pk, sk }, ...conditionOf(recordedAt(at)) })
      try {
        await orLater(document.send(Delete))
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    },
    async overdue(now) {
      const answers = await Promise.all(
        duePks.map((due) =>
          orLater(
            document.send(
              new QueryCommand({
                TableName: table,
                IndexName: byDue.name,
                KeyConditionExpression: `${byDue.pk} = :due AND ${byDue.sk} < :now`,
                ExpressionAttributeValues: { ':due': due, ':now': now },
              }),
            ),
          ),
        ),
      )
      const keys = answers.flatMap((answer) => z.array(RowKey).parse(answer.Items ?? []))
      const found = await rows.getMany(keys)
      return found.filter((row) => row !== undefined).map((row) => OutboxRow.parse(row))
    },
    async again(row, now) {
      const [first = ''] = row.sk.split('#again', 1)
      const sk = `${first}#again-${now}`
      const stopped = await transact(rows, [
        deleteRow(row, recordedAt(row.at)),
        putRow({ ...row, sk, due_at: addMilliseconds(now, overdueAgainAfter) }),
      ])
      if (!stopped) return 'again'
      return stopped.failed.length > 0 ? 'delivered' : 'held'
    },
  }
}

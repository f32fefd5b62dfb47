import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { CompanyId, Instant, ProjectKey } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { orLater } from './errors.ts'
import { type RowKey, uploadsOfDay, workOfDay } from './keys.ts'
import type { Rows } from './rows.ts'
import type { Write } from './transaction.ts'

// People do a tenth of this in a day; a program that runs in circles is stopped before it costs anybody much. At 32 MB
// each, a company's uploads are 16 GB, kept for a day.
const mostUploads = 500
const mostOfBudget = 200

const keptSeconds = 2 * 24 * 60 * 60
const dayOf = (at: Instant): string => at.slice(0, 10)

/** One more in a row that counts for a day (UTC), where fewer than `most` are. */
const oneMore = (Key: RowKey, at: Instant, most: number) => ({
  Key,
  UpdateExpression: 'ADD #spent :one SET #expires = :expires',
  ConditionExpression: 'attribute_not_exists(#spent) OR #spent < :most',
  ExpressionAttributeNames: { '#spent': 'spent', '#expires': 'expires' },
  ExpressionAttributeValues: {
    ':one': 1,
    ':most': most,
    ':expires': Math.floor(Date.parse(at) / 1000) + keptSeconds,
  },
})

/** Counts what a commit to a budget costs, in its transaction. */
export function countWork(key: ProjectKey, at: Instant): Write {
  const row = workOfDay(key, dayOf(at))
  return {
    role: 'spent',
    key: row,
    member: (TableName) => ({ Update: { TableName, ...oneMore(row, at, mostOfBudget) } }),
  }
}

export const tooMuchWork = (at: Instant): Refusal =>
  tooMany(
    `This budget was sent, unlocked, imported, restored or saved ${String(mostOfBudget)} times today.`,
    at,
  )

/** Counts an upload of a company, in one call; TOO_MANY_TODAY where it is one too many, and nothing is counted then. */
export async function countUpload(
  { document, table: TableName }: Pick<Rows, 'document' | 'table'>,
  company: CompanyId,
  at: Instant,
): Promise<Refusal | undefined> {
  const counted = oneMore(uploadsOfDay(company, dayOf(at)), at, mostUploads)
  try {
    await orLater(document.send(new UpdateCommand({ TableName, ...counted })))
    return undefined
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return tooMany(`Your company was offered ${String(mostUploads)} uploads today.`, at)
  }
}

const day = 86_400 // seconds

const tooMany = (sentence: string, at: Instant): Refusal =>
  refusal(
    'TOO_MANY_TODAY',
    sentence,
    'Go on after midnight UTC. If a program did this, look why it does the same again and again.',
    { retry_after: day - (Math.floor(Date.parse(at) / 1000) % day) },
  )

import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Clock } from '../domain/clock.ts'
import { Instant, type ProjectKey } from '../domain/ids.ts'
import { type MailRequest, Undelivered } from './outbox.ts'
import { orLater } from './errors.ts'
import { projectPk, projectSk } from './keys.ts'
import { createRows } from './rows.ts'

/** A mail as it is remembered. Without `sent_at` its fate is unknown; `attempts` over 1 means it may have come twice. */
export const LoggedMail = z.object({
  id: z.string(),
  mail: z.string(),
  to: z.string(),
  attempts: z.int(),
  first_at: Instant,
  sent_at: Instant.optional(),
  /** Told by SES after it was sent. */
  undelivered: z.object({ why: Undelivered.shape.why, at: Instant }).optional(),
})
export type LoggedMail = z.infer<typeof LoggedMail>

export interface MailLog {
  /** Remembers that this mail is about to be sent; undefined when it was sent before. */
  begin(key: ProjectKey, request: MailRequest): Promise<LoggedMail | undefined>
  sent(key: ProjectKey, request: MailRequest): Promise<void>
  /** The mail of an id; undefined where none was ever begun. */
  mail(key: ProjectKey, id: string): Promise<LoggedMail | undefined>
  undelivered(key: ProjectKey, id: string, why: Undelivered['why']): Promise<void>
}

const rowKey = (key: ProjectKey, { id }: Pick<MailRequest, 'id'>): { pk: string; sk: string } => ({
  pk: projectPk(key),
  sk: projectSk.mail(id),
})

export function createMailLog(options: {
  document: DynamoDBDocumentClient
  table: string
  clock: Clock
}): MailLog {
  const { document, table, clock } = options
  const rows = createRows(options)

  async function tryAgain(key: ProjectKey, request: MailRequest): Promise<LoggedMail | undefined> {
    try {
      const { Attributes } = await orLater(
        document.send(
          new UpdateCommand({
            TableName: table,
            Key: rowKey(key, request),
            UpdateExpression: 'ADD attempts :one',
            ConditionExpression: 'attribute_not_exists(sent_at)',
            ExpressionAttributeValues: { ':one': 1 },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      )
      return LoggedMail.parse(Attributes)
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined
      throw error
    }
  }

  async function update(
    key: ProjectKey,
    id: string,
    UpdateExpression: string,
    ExpressionAttributeValues: Record<string, unknown>,
  ): Promise<void> {
    await orLater(
      document.send(
        new UpdateCommand({
          TableName: table,
          Key: rowKey(key, { id }),
          UpdateExpression,
          ExpressionAttributeValues,
        }),
      ),
    )
  }

  return {
    async begin(key, request) {
      const { id, mail, to } = request
      const logged: LoggedMail = { id, mail, to, attempts: 1, first_at: clock.now() }
      try {
        await orLater(
          document.send(
            new PutCommand({
              TableName: table,
              Item: { ...rowKey(key, request), ...logged },
              ConditionExpression: 'attribute_not_exists(pk)',
            }),
          ),
        )
        return logged
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return await tryAgain(key, request)
        throw error
      }
    },
    async sent(key, { id }) {
      await update(key, id, 'SET sent_at = :sent_at', { ':sent_at': clock.now() })
    },
    async mail(key, id) {
      const row = await rows.get(rowKey(key, { id }))
      return row && LoggedMail.parse(row)
    },
    async undelivered(key, id, why) {
      await update(key, id, 'SET undelivered = :undelivered', {
        ':undelivered': { why, at: clock.now() },
      })
    },
  }
}

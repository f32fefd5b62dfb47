import * as z from 'zod'
import type { Instant } from '../domain/ids.ts'
import { refusal } from '../domain/refusal.ts'
import type { Commit, Committed, IdempotencyKey } from './budget-store.ts'
import { isNew } from './condition.ts'
import { idempotencyKey } from './keys.ts'
import { readBody, type Row, rowBody } from './row-body.ts'
import type { Rows } from './rows.ts'
import { putRow, type Write } from './transaction.ts'

// Clients repeat within hours; the answer is kept for a day at least, and two cover a weekend's slow clean-up of others.
const keptSeconds = 2 * 24 * 60 * 60

const Answered = z.strictObject({ request: z.string(), status: z.int(), body: z.string(), at: z.string() })

/** Most commands are answered before the workflow carries them out, and so are their repeats. */
const commandStatus = 202

/** What a commit keeps of the request: the same key gives the same answer again. */
export const keptFor = (
  { idempotency }: { readonly idempotency?: IdempotencyKey | undefined },
  answer: object,
  status = commandStatus,
): Pick<Commit, 'idempotency'> =>
  idempotency === undefined
    ? {}
    : { idempotency: { ...idempotency, answer: { status, body: JSON.stringify(answer) } } }

/** Keeps the answer under the caller's key, with what the request did, unless the key was used before. */
export function keepAnswer(company: string, asked: NonNullable<Commit['idempotency']>, at: Instant): Write {
  const { request, answer } = asked
  const expires = Math.floor(Date.parse(at) / 1000) + keptSeconds
  const kept: z.infer<typeof Answered> = { request, status: answer.status, body: answer.body, at }
  return putRow({ ...idempotencyKey(company, asked), ...rowBody(kept), expires }, isNew, 'idempotency')
}

/** What a key that was used before comes to: the answer given then, or a refusal if it was another request. */
export const answerOfUsedKey = (asked: IdempotencyKey, found: Row): Committed =>
  repeated(asked, readBody(Answered, found))

/** Looks a key up; undefined when it was never answered. */
export async function findAnswer(
  rows: Rows,
  company: string,
  asked: IdempotencyKey,
): Promise<Committed | undefined> {
  const row = await rows.get(idempotencyKey(company, asked))
  return row && answerOfUsedKey(asked, row)
}

function repeated(
  asked: IdempotencyKey,
  { request, status, body }: { request: string; status: number; body: string },
): Committed {
  if (request === asked.request) return { outcome: 'repeat', answer: { status, body } }
  return {
    outcome: 'refused',
    refusal: refusal(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key was used for another request.',
      'Send each new request with a key of its own; repeat a request with exactly the same content.',
    ),
  }
}

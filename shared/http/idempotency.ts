import { createHash } from 'node:crypto'
import { refusal, Refused } from '../domain/refusal.ts'
import type { IdempotencyKey } from '../store/budget-store.ts'
import type { Caller } from './caller.ts'
import { type ApiEvent, bodyBytes, faulty, largestFile } from './request.ts'

// Printable ASCII, as a header may hold; long enough for any generator of unique keys.
const keyForm = /^[\x21-\x7e]{1,200}$/

function requestHash(event: ApiEvent): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([event.requestContext.http.method, event.rawPath, event.rawQueryString]))
  hash.update(bodyBytes(event, largestFile))
  return hash.digest('hex')
}

/** The caller's key for this request, with the hash of method, path and body; undefined where none was sent. */
export function keyGiven(event: ApiEvent, caller: Caller): IdempotencyKey | undefined {
  const key = event.headers['idempotency-key']
  if (key === undefined) return undefined
  if (!keyForm.test(key))
    throw faulty('/idempotency-key', 'MALFORMED', 'An Idempotency-Key is 1 to 200 printable characters.')
  return { caller: caller.subject, key, request: requestHash(event) }
}

/** Commands need a key, so that a repeat after a lost answer does nothing twice; IDEMPOTENCY_KEY_MISSING. */
export function keyRequired(event: ApiEvent, caller: Caller): IdempotencyKey {
  const key = keyGiven(event, caller)
  if (key) return key
  throw new Refused(
    refusal(
      'IDEMPOTENCY_KEY_MISSING',
      'A command must carry an Idempotency-Key.',
      'Send it again with a key of your own making, and with the same key whenever you repeat it.',
    ),
  )
}

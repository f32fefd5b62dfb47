import { createHash, randomInt } from 'node:crypto'
import { ApprovalStep } from '../domain/approval.ts'
import { addMilliseconds } from '../domain/clock.ts'
import { type Instant, type PersonId, type ProjectKey, Sha256 } from '../domain/ids.ts'
import { Secret } from '../domain/secret.ts'
import type { BudgetStore } from '../store/budget-store.ts'

// Crockford's base 32: no letter of it is read as a digit, or as another letter.
const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const half = 4
const validFor = 10 * 60_000

/** A code as it is read in a mail, and until when it confirms. */
export interface MailedCode {
  readonly code: Secret
  readonly until: Instant
}

/**
 * Makes the code that confirms an accept: forty random bits, which nobody guesses in ten minutes through the limit of
 * the open routes. As with a link only its hash is stored; a reader of the table who guessed it back would still have
 * no link to use it with.
 */
export async function makeCode(
  store: Pick<BudgetStore, 'putCode'>,
  key: ProjectKey,
  { version, send, step }: ApprovalStep,
  person: PersonId,
  at: Instant,
): Promise<MailedCode> {
  const drawn = Array.from({ length: 2 * half }, () => symbols[randomInt(symbols.length)]).join('')
  const until = addMilliseconds(at, validFor)
  await store.putCode(key, { version, send, step }, person, { sha256: codeHash(drawn), until })
  return { code: new Secret(`${drawn.slice(0, half)}-${drawn.slice(half)}`), until }
}

/** The hash under which a typed code is known: in any case, with or without its hyphen, O for 0, I or L for 1. */
export function codeHash(typed: string): Sha256 {
  const read = typed
    .toUpperCase()
    .replaceAll(/[^\dA-Z]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/gu, '1')
  return Sha256.parse(createHash('sha256').update(read).digest('hex'))
}

import { type FaultyPlace, type Refusal, refusal, type RefusalCode, Refused } from '../domain/refusal.ts'
import type { Finding } from '../domain/finding.ts'
import { showCode } from '../domain/budget-code.ts'
import { Altered } from '../store/errors.ts'
import type { Answer } from './answer.ts'

/** What a problem document can be about: every refusal of the rules, and what only HTTP can say. */
export type ProblemCode = RefusalCode | 'WRONG_CONTENT_TYPE' | 'STORED_DATA_ALTERED'

/** One status per code, exhaustive: a new refusal without a row does not compile. */
export const statusOf = {
  INVALID_INPUT: 400,
  FILE_NOT_READABLE: 422,
  TOO_LARGE: 413,
  TOO_MANY_TODAY: 429,
  WRONG_CONTENT_TYPE: 415,
  STORED_DATA_ALTERED: 500,
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  LINK_UNKNOWN: 404,
  IF_MATCH_MISSING: 428,
  CHANGED_MEANWHILE: 412,
  IDEMPOTENCY_KEY_MISSING: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  BUSY: 503,
  COMMAND_PENDING: 409,
  BUDGET_LOCKED: 409,
  BUDGET_NOT_LOCKED: 409,
  NO_LINES: 409,
  LINE_INVALID: 422,
  LINE_IN_USE: 409,
  WITH_ACCOUNTING: 409,
  NOT_SENT: 409,
  FINDINGS: 422,
  LEDGER_NOT_EMPTY: 409,
  JOB_NOT_LINKED: 409,
  TOTALS_NOT_READ: 409,
  NO_ESTIMATE_IN_SAGE: 409,
  PROJECT_EXISTS: 409,
  JOB_LINK_FIXED: 409,
  JOB_TAKEN: 409,
  SAGE_FOLDER_TAKEN: 409,
  CHANGE_HELD: 409,
  CHANGE_STATUS: 409,
  CHANGE_NOT_BALANCED: 422,
  CHANGE_LINE_MISSING: 422,
  APPROVAL_ENDED: 409,
  NOT_ELIGIBLE: 403,
  SHOWN_IS_NOT_STORED: 409,
  REASON_MISSING: 422,
  TICK_MISSING: 422,
  DATE_NOT_ALLOWED: 422,
  CODE_MISSING: 422,
  CODE_NOT_VALID: 422,
  TOO_MANY_MAILS: 429,
  NOT_EXPORTING: 409,
  OTHER_EXPORT: 409,
  CLAIMED: 409,
  MAY_BE_IN_SAGE: 409,
  LINE_NOT_SENT: 422,
  READ_BACK_CONTRADICTS: 409,
  NOTHING_TO_CONFIRM: 409,
  FILE_POSTED_OR_NOT: 422,
  NO_CYCLE_OPEN: 409,
  NOTHING_TO_TELL: 409,
  EXECUTION_ENDED: 409,
  ENTRY_OPEN: 422,
} as const satisfies Record<ProblemCode, number>

const anyOf = (names: readonly string[]): string => {
  const [last = '', ...before] = names.toReversed()
  return before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`
}

/** The body came as something other than the operation reads. */
export class WrongContentType extends Error {
  override readonly name = 'WrongContentType'
  readonly types: readonly [string, ...string[]]
  constructor(types: readonly [string, ...string[]], sentence = `The body must be sent as ${anyOf(types)}.`) {
    super(sentence)
    this.types = types
  }
}

export const problemType = (code: ProblemCode): string => `urn:sage-budget-export:problem:${code}`

const titleOf = (code: ProblemCode): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ')

// A document that names every line of a large budget helps nobody and passes the gateway's limit.
const mostPlaces = 1000

/** A finding with its budget code in parts and in one. */
export const findingShown = ({ budget_code, ...finding }: Finding) => ({
  ...finding,
  ...(budget_code && { ...budget_code, budget_code: showCode(budget_code) }),
})

interface Said {
  readonly code: ProblemCode
  readonly sentence: string
  readonly what_to_do: string
  readonly places?: readonly FaultyPlace[]
  readonly places_in_all?: number
  readonly findings?: readonly Finding[]
  readonly retry_after?: number
}

function answerTo(said: Said, request: string): Answer {
  const { code, sentence, what_to_do, places, places_in_all, findings } = said
  const status = statusOf[code]
  const { retry_after = status === 503 ? 1 : undefined } = said
  return {
    status,
    type: 'application/problem+json',
    headers: retry_after === undefined ? {} : { 'retry-after': String(retry_after) },
    body: {
      type: problemType(code),
      title: titleOf(code),
      status,
      detail: sentence,
      what_to_do,
      instance: `urn:request:${request}`,
      ...(places && { errors: places.slice(0, mostPlaces), errors_in_all: places_in_all ?? places.length }),
      ...(findings && {
        findings: findings.slice(0, mostPlaces).map(findingShown),
        findings_in_all: findings.length,
      }),
    },
  }
}

function ourWords(error: unknown): Said | undefined {
  if (error instanceof Refused) return error.refusal
  if (error instanceof WrongContentType)
    return {
      code: 'WRONG_CONTENT_TYPE',
      sentence: error.message,
      what_to_do: `Send it again with Content-Type: ${anyOf(error.types)}.`,
    }
  if (error instanceof Altered) return storedDataAltered
  return undefined
}

/** Which row it is stands in the log, beside the request's id. */
const storedDataAltered: Said = {
  code: 'STORED_DATA_ALTERED',
  sentence: 'What lies in the store is not what was put there: its hash does not fit, so it is not shown.',
  what_to_do: 'Give the id of this request to the operators; all else can be read as before.',
}

/** What `Later` is answered as. */
export const busy: Refusal = refusal(
  'BUSY',
  'Too much was asked of this budget at once.',
  'Send it again in a moment; nothing was changed.',
)

/** The refusal an error carries, if it is one of ours. */
export const refusalOf = (error: unknown): Refusal | undefined =>
  error instanceof Refused ? error.refusal : undefined

/**
 * The RFC 9457 document for whatever was thrown. Only our own refusals are shown, and that something stored was altered;
 * anything else answers 500 and tells nothing, since a client library's message may hold what the caller must not see.
 */
export function problemFor(error: unknown, request: string): Answer {
  const known = ourWords(error)
  if (known) return answerTo(known, request)
  return {
    status: 500,
    type: 'application/problem+json',
    headers: {},
    body: {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      instance: `urn:request:${request}`,
    },
  }
}

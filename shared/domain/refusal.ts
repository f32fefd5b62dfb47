import type { Finding } from './finding.ts'

/** Every code a rule can refuse with. The table from code to HTTP status is exhaustive over this list. */
export const refusalCodes = [
  // what was asked is not well formed
  'INVALID_INPUT',
  'FILE_NOT_READABLE',
  'TOO_LARGE',
  'TOO_MANY_TODAY',
  // who asks
  'NOT_SIGNED_IN',
  'NOT_ALLOWED',
  'NOT_FOUND',
  'LINK_UNKNOWN',
  // how it is asked
  'IF_MATCH_MISSING',
  'CHANGED_MEANWHILE',
  'IDEMPOTENCY_KEY_MISSING',
  'IDEMPOTENCY_KEY_REUSED',
  'BUSY',
  // state of the budget
  'COMMAND_PENDING',
  'BUDGET_LOCKED',
  'BUDGET_NOT_LOCKED',
  'NO_LINES',
  'LINE_INVALID',
  'LINE_IN_USE',
  'WITH_ACCOUNTING',
  'NOT_SENT',
  'FINDINGS',
  'LEDGER_NOT_EMPTY',
  // import from Sage
  'JOB_NOT_LINKED',
  'TOTALS_NOT_READ',
  'NO_ESTIMATE_IN_SAGE',
  // project
  'PROJECT_EXISTS',
  'JOB_LINK_FIXED',
  'JOB_TAKEN',
  'SAGE_FOLDER_TAKEN',
  // budget changes
  'CHANGE_HELD',
  'CHANGE_STATUS',
  'CHANGE_NOT_BALANCED',
  'CHANGE_LINE_MISSING',
  // approval
  'APPROVAL_ENDED',
  'NOT_ELIGIBLE',
  'SHOWN_IS_NOT_STORED',
  'REASON_MISSING',
  'TICK_MISSING',
  'DATE_NOT_ALLOWED',
  'CODE_MISSING',
  'CODE_NOT_VALID',
  'TOO_MANY_MAILS',
  // export
  'NOT_EXPORTING',
  'OTHER_EXPORT',
  'CLAIMED',
  'MAY_BE_IN_SAGE',
  'LINE_NOT_SENT',
  'READ_BACK_CONTRADICTS',
  'NOTHING_TO_CONFIRM',
  'FILE_POSTED_OR_NOT',
  'ENTRY_OPEN',
  // repair
  'NO_CYCLE_OPEN',
  'NOTHING_TO_TELL',
  'EXECUTION_ENDED',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/** One faulty place of the input: a JSON pointer, or line and column of a file. */
export interface FaultyPlace {
  readonly pointer?: string
  readonly line?: number
  readonly column?: string
  readonly code: string
  readonly sentence: string
}

/**
 * What a rule answers when it says no: a code from the closed list, a sentence, and what to do next.
 * Domain functions return it; the edges turn it into a problem document, a page, or a failed step.
 */
export interface Refusal {
  readonly refused: true
  readonly code: RefusalCode
  readonly sentence: string
  readonly what_to_do: string
  readonly places?: readonly FaultyPlace[]
  /** How many there are, where only the first are listed. */
  readonly places_in_all?: number
  /** Seconds after which it may be asked again. */
  readonly retry_after?: number
  /** The findings of the pre-check, where those are the reason. */
  readonly findings?: readonly Finding[]
}

export const refusal = (
  code: RefusalCode,
  sentence: string,
  what_to_do: string,
  more: Pick<Refusal, 'places' | 'places_in_all' | 'findings' | 'retry_after'> = {},
): Refusal => ({ refused: true, code, sentence, what_to_do, ...more })

export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'refused' in answer && answer.refused === true

/** A refusal on its way up to the edge that answers it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  constructor(refused: Refusal) {
    super(refused.sentence)
    this.refusal = refused
  }
}

/** Passes an answer on, or throws its refusal for the edge to answer. */
export function orRefuse<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Refused(answer)
  return answer
}

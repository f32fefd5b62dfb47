import { type Refusal, refusal } from '../domain/refusal.ts'

const longestReason = 2000

/** A reason as it is kept, trimmed; REASON_MISSING where nothing is left of it, TOO_LARGE past 2,000 characters. */
export function reasonOf(text: string): string | Refusal {
  const reason = text.trim()
  if (reason === '')
    return refusal(
      'REASON_MISSING',
      'A reason is missing.',
      'Say in a sentence why; the project side reads it.',
    )
  return reason.length > longestReason
    ? refusal(
        'TOO_LARGE',
        `The reason is longer than ${String(longestReason)} characters.`,
        'Say it in fewer words.',
      )
    : reason
}

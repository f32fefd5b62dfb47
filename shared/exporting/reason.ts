import { type Refusal, refusal } from '../domain/refusal.ts'

const longestReason = 2000

const toWrite = {
  reason: 'Say in a sentence why; the project side reads it.',
  note: 'Say in a sentence why it was made in Sage.',
  message: "Copy what Sage's Estimate Import Report says.",
}

/**
 * A reason, or what is asked for in its place, as it is kept: trimmed. REASON_MISSING where nothing is left of it,
 * TOO_LARGE past 2,000 characters.
 */
export function reasonOf(text: string, called: keyof typeof toWrite = 'reason'): string | Refusal {
  const reason = text.trim()
  if (reason === '') return refusal('REASON_MISSING', `The ${called} is missing.`, toWrite[called])
  return reason.length > longestReason
    ? refusal(
        'TOO_LARGE',
        `The ${called} is longer than ${String(longestReason)} characters.`,
        'Say it in fewer words.',
      )
    : reason
}

import type { Retrier } from './definition-schema.ts'

/**
 * Whether a rule's ErrorEquals takes an error.
 *
 * `States.TaskFailed` takes all but `States.Timeout`; neither it nor `States.ALL` takes `States.DataLimitExceeded`,
 * and nothing takes `States.Runtime` (docs.aws.amazon.com/step-functions, concepts-error-handling).
 */
export function takesError(errorEquals: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false
  if (errorEquals.includes(error)) return true
  if (error === 'States.DataLimitExceeded') return false
  return (
    errorEquals.includes('States.ALL') ||
    (errorEquals.includes('States.TaskFailed') && error !== 'States.Timeout')
  )
}

/** The retry that follows an error: which retrier pays for it and after how many milliseconds. */
export type Retry = { readonly retrier: number; readonly delayMs: number }

/**
 * Chooses the retry after an error, or undefined when none is left.
 *
 * Only the first retrier that takes the error counts; each has its own count of attempts, `spent`, for one visit
 * of the state. The delay grows by BackoffRate up to MaxDelaySeconds; FULL jitter draws between zero and that.
 */
export function retryAfter(
  retriers: readonly Retrier[],
  spent: readonly number[],
  error: string,
  random: () => number,
): Retry | undefined {
  const at = retriers.findIndex((retrier) => takesError(retrier.ErrorEquals, error))
  const retrier = retriers[at]
  const attempts = spent[at] ?? 0
  if (retrier === undefined || attempts >= retrier.MaxAttempts) return undefined
  const grown = retrier.IntervalSeconds * retrier.BackoffRate ** attempts
  const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? longestDelay)
  const share = retrier.JitterStrategy === 'FULL' ? random() : 1
  return { retrier: at, delayMs: Math.round(seconds * share * 1_000) }
}

const longestDelay = 31_622_400 // seconds; a rate given without a limit must not overflow the clock

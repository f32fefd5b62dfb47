import { addDays } from '../domain/clock.ts'
import type { Instant } from '../domain/ids.ts'
import { type SageCompany, staleAfterDays } from '../domain/sage-company.ts'

type Patience = Pick<SageCompany, 'stale_after_days'> | undefined

/** Days after which a file that waits for posting is stale. */
export const daysToStale = (sage: Patience): number => sage?.stale_after_days ?? staleAfterDays

/** A file that waits for posting is first mentioned when it is stale, then daily (domain: mails). */
export const firstReminder = (from: Instant, sage: Patience): Instant => addDays(from, daysToStale(sage))

/** Days without a word from the connector before the operators hear of it. */
const receiptDueAfter = 1

export const receiptDue = (from: Instant): Instant => addDays(from, receiptDueAfter)

export const nextReminder = (at: Instant): Instant => addDays(at, 1)

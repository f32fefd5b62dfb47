import { addDays } from '../domain/clock.ts'
import type { Instant } from '../domain/ids.ts'

/** A file that waits for posting is first mentioned on day 3, then daily (domain: mails). */
const firstReminderAfter = 3

export const firstReminder = (from: Instant): Instant => addDays(from, firstReminderAfter)

/** Days without a word from the connector before the operators hear of it. */
const receiptDueAfter = 1

export const receiptDue = (from: Instant): Instant => addDays(from, receiptDueAfter)

export const nextReminder = (at: Instant): Instant => addDays(at, 1)

import { addMilliseconds, millisecondsADay } from './clock.ts'
import type { Instant } from './ids.ts'

const millisecondsAnHour = 3_600_000

// Weeks, days and hours only: they have one length whatever the date, so a deadline never depends on a calendar.
const duration = /^P(?:(\d{1,3})W|(\d{1,4})D(?:T(\d{1,4})H)?|T(\d{1,4})H)$/

/** Length of `P6W`, `P30D`, `PT36H` or `P1DT12H` in milliseconds; undefined for anything else, and for no time at all. */
export function durationInMilliseconds(isoDuration: string): number | undefined {
  const match = duration.exec(isoDuration)
  if (!match) return undefined
  const [, weeks = '0', days = '0', hoursBesideDays = '0', hours = '0'] = match
  const length =
    (Number(weeks) * 7 + Number(days)) * millisecondsADay +
    (Number(hoursBesideDays) + Number(hours)) * millisecondsAnHour
  return length === 0 ? undefined : length
}

export const isDuration = (text: string): boolean => durationInMilliseconds(text) !== undefined

/**
 * Length of a stored duration in milliseconds.
 * @throws RangeError for a duration that `isDuration` refuses: a policy is checked when it is stored.
 */
export function lengthOf(isoDuration: string): number {
  const length = durationInMilliseconds(isoDuration)
  if (length === undefined) throw new RangeError(`not a duration in weeks, days or hours: ${isoDuration}`)
  return length
}

/**
 * The instant that lies an ISO 8601 duration after another; days of 24 hours.
 * @throws RangeError as `lengthOf`.
 */
export const deadline = (from: Instant, isoDuration: string): Instant =>
  addMilliseconds(from, lengthOf(isoDuration))

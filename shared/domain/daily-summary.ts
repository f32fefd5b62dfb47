import { dayIn } from './entry-date.ts'
import type { Day, Instant } from './ids.ts'

/** The hour of the company's own time from which the day's summary is sent, whatever its clocks did overnight. */
export const summaryHour = 7

const hourIn = (timeZone: string, at: Instant): number =>
  Number(
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(Date.parse(at)),
  )

/** The day of what is done once a day from an hour on; undefined before that hour. */
export const dayDue = (hour: number, timeZone: string, at: Instant): Day | undefined =>
  hourIn(timeZone, at) < hour ? undefined : dayIn(timeZone, at)

/** The day whose summary is due at an instant; undefined before its hour. */
export const summaryDue = (timeZone: string, at: Instant): Day | undefined =>
  dayDue(summaryHour, timeZone, at)

/**
 * Whether a step that opened then belongs in the summary of a day. What opened after its hour was mailed that day
 * already, so that a summary that goes out late holds what one in time would have held.
 */
export const inSummaryOf = (timeZone: string, day: Day, opened: Instant): boolean =>
  dayIn(timeZone, opened) < day || (dayIn(timeZone, opened) === day && hourIn(timeZone, opened) < summaryHour)

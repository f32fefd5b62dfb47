import { millisecondsADay } from './clock.ts'
import { Day, type Instant } from './ids.ts'
import type { SageCompany } from './sage-company.ts'

/**
 * The calendar day of an instant in a time zone of the IANA database.
 * @throws RangeError for a time zone that does not exist.
 */
export function dayIn(timeZone: string, at: Instant): Day {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const part = (type: 'year' | 'month' | 'day'): string =>
    format.formatToParts(Date.parse(at)).find((found) => found.type === type)?.value ?? ''
  return Day.parse(`${part('year')}-${part('month')}-${part('day')}`)
}

const shifted = (day: Day, days: number): Day =>
  Day.parse(new Date(Date.parse(`${day}T00:00:00Z`) + days * millisecondsADay).toISOString().slice(0, 10))

/** First and last day that an entry may carry, counted from today in the company's time zone. */
export function entryDateWindow(
  sage: Pick<SageCompany, 'time_zone' | 'entry_date_window'>,
  now: Instant,
): { readonly from: Day; readonly until: Day } {
  const today = dayIn(sage.time_zone, now)
  return {
    from: shifted(today, -sage.entry_date_window.before),
    until: shifted(today, sage.entry_date_window.after),
  }
}

/** Whether an entry date lies in the company's open window; both ends count. */
export function entryDateAllowed(
  sage: Pick<SageCompany, 'time_zone' | 'entry_date_window'>,
  date: Day,
  now: Instant,
): boolean {
  const { from, until } = entryDateWindow(sage, now)
  return from <= date && date <= until // ISO days sort as text
}

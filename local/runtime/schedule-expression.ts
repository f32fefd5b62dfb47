import { Refused } from './refused.ts'

/** Instant of the first run after a given one; both are epoch milliseconds. */
export type NextRun = (after: number) => number

const minute = 60_000
const units: Readonly<Record<string, number>> = {
  minute,
  minutes: minute,
  hour: 60 * minute,
  hours: 60 * minute,
  day: 1440 * minute,
  days: 1440 * minute,
}

/**
 * Reads `rate(5 minutes)` or `cron(0 6 * * ? *)` (EventBridge, "Schedule expressions"): minutes, hours, day of month,
 * month, day of week with Sunday as 1, year; lists, ranges and steps, not L, W and #.
 *
 * @param timezone IANA name in which a cron expression is read.
 * @throws {Refused} for anything else.
 */
export function scheduleExpression(expression: string, timezone: string, where: string): NextRun {
  const rate = /^rate\((\d+) (\w+)\)$/.exec(expression)
  const length = units[rate?.[2] ?? '']
  if (length !== undefined) return (after) => after + Number(rate?.[1]) * length
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression)
  if (cron === null) throw new Refused(`${where}: ${expression} is not read on one machine`)
  const [, minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = cron
  const at = `${where}: ${expression}`
  return nextOf(
    {
      minute: field(minutes, 0, 59, at),
      hour: field(hours, 0, 23, at),
      day: field(days, 1, 31, at),
      month: field(months, 1, 12, at, monthNames),
      weekday: field(weekdays, 1, 7, at, weekdayNames),
      year: field(years, 1970, 2199, at),
    },
    localTime(timezone),
    at,
  )
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

interface LocalTime {
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly month: number
  readonly weekday: number
  readonly year: number
}
type Cron = { readonly [Field in keyof LocalTime]: ReadonlySet<number> }

function field(
  text: string,
  from: number,
  to: number,
  where: string,
  names: readonly string[] = [],
): ReadonlySet<number> {
  const number = (value: string): number => {
    const named = names.indexOf(value.toUpperCase())
    const found = named < 0 ? Number(value) : named + 1
    if (!Number.isInteger(found) || found < from || found > to)
      throw new Refused(`${where}: ${value} is not read on one machine`)
    return found
  }
  const chosen = text.split(',').flatMap((item) => {
    const [range = '', step = '1'] = item.split('/')
    const [first, last] =
      range === '*' || range === '?' ? [from, to] : bounds(range, item.includes('/') ? to : undefined, number)
    const width = Number(step)
    if (!Number.isInteger(width) || width < 1)
      throw new Refused(`${where}: ${item} is not read on one machine`)
    return Array.from({ length: Math.floor((last - first) / width) + 1 }, (_none, at) => first + at * width)
  })
  return new Set(chosen)
}

function bounds(range: string, open: number | undefined, number: (text: string) => number): [number, number] {
  const [first = '', last] = range.split('-')
  return [number(first), last === undefined ? (open ?? number(first)) : number(last)]
}

function localTime(timezone: string): (instant: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
  })
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
    return {
      minute: number('minute'),
      hour: number('hour'),
      day: number('day'),
      month: number('month'),
      weekday: weekdayNames.indexOf((parts.get('weekday') ?? '').toUpperCase()) + 1,
      year: number('year'),
    }
  }
}

const farthest = 5 * 366 * 24 // hours looked at; a leap day comes within

function nextOf(cron: Cron, local: (instant: number) => LocalTime, where: string): NextRun {
  return (after) => {
    let instant = (Math.floor(after / minute) + 1) * minute
    for (let steps = 0; steps < farthest;) {
      const time = local(instant)
      const dayMatches =
        cron.year.has(time.year) &&
        cron.month.has(time.month) &&
        cron.day.has(time.day) &&
        cron.weekday.has(time.weekday)
      if (dayMatches && cron.hour.has(time.hour)) {
        if (cron.minute.has(time.minute)) return instant
        instant += minute
      } else {
        instant += (60 - time.minute) * minute
        steps += 1
      }
    }
    throw new Refused(`${where} never comes`)
  }
}

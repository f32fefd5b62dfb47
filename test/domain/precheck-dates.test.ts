import { describe, expect, it } from 'vitest'
import { dayIn, entryDateAllowed, entryDateWindow } from '../../shared/domain/entry-date.ts'
import { Day, Instant } from '../../shared/domain/ids.ts'

const evening = Instant.parse('2026-03-01T06:30:00.000Z') // still February in the west of America
const west = { time_zone: 'America/Los_Angeles', entry_date_window: { before: 28, after: 3 } }

describe('today', () => {
  it.each([
    ['America/Los_Angeles', '2026-02-28'],
    ['Europe/Berlin', '2026-03-01'],
    ['Pacific/Kiritimati', '2026-03-01'],
    ['UTC', '2026-03-01'],
  ])('in %s is %s', (zone, day) => {
    expect(dayIn(zone, evening)).toBe(day)
  })

  it('in a zone that does not exist is an error', () => {
    expect(() => dayIn('Mars/Olympus', evening)).toThrow(RangeError)
  })
})

describe('the window of entry dates', () => {
  it('is counted from today in the company time zone', () => {
    expect(entryDateWindow(west, evening)).toEqual({ from: '2026-01-31', until: '2026-03-03' })
  })

  it.each([
    ['2026-01-30', false],
    ['2026-01-31', true],
    ['2026-03-03', true],
    ['2026-03-04', false],
  ])('answers for %s: %s', (day, allowed) => {
    expect(entryDateAllowed(west, Day.parse(day), evening)).toBe(allowed)
  })
})

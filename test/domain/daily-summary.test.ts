import { expect, test } from 'vitest'
import { inSummaryOf, summaryDue } from '../../shared/domain/daily-summary.ts'
import { Day, Instant } from '../../shared/domain/ids.ts'

const zone = 'America/Los_Angeles' // seven hours behind UTC in March, after the clocks went forward

test.each([
  ['2026-03-16T13:59:59.999Z', undefined],
  ['2026-03-16T14:00:00.000Z', '2026-03-16'],
  ['2026-03-17T06:59:59.999Z', '2026-03-16'],
  ['2026-03-17T07:00:00.000Z', undefined],
])('at %s the summary of %s is due', (at, day) => {
  expect(summaryDue(zone, Instant.parse(at))).toBe(day)
})

test.each([
  ['2026-03-15T20:00:00.000Z', true],
  ['2026-03-16T13:59:59.999Z', true],
  ['2026-03-16T14:00:00.000Z', false],
  ['2026-03-17T08:00:00.000Z', false],
])('a step that opened at %s is in the summary of the 16th: %s', (at, expected) => {
  expect(inSummaryOf(zone, Day.parse('2026-03-16'), Instant.parse(at))).toBe(expected)
})

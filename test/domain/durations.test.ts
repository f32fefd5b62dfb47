import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { deadline, isDuration, lengthOf } from '../../shared/domain/durations.ts'
import { Instant } from '../../shared/domain/ids.ts'
import { tried } from '../arbitraries.ts'

const from = Instant.parse('2026-03-07T18:30:00.000Z')

test.each([
  ['P30D', '2026-04-06T18:30:00.000Z'],
  ['P1D', '2026-03-08T18:30:00.000Z'], // clocks go forward in America that night: a day stays 24 hours
  ['P2W', '2026-03-21T18:30:00.000Z'],
  ['PT36H', '2026-03-09T06:30:00.000Z'],
  ['P1DT12H', '2026-03-09T06:30:00.000Z'],
  ['P300D', '2027-01-01T18:30:00.000Z'],
])('%s later is %s', (duration, expected) => {
  expect(deadline(from, duration)).toBe(expected)
})

test.each([
  '',
  'P',
  'PT',
  '30D',
  'P0D',
  'P0W',
  'PT0H',
  'P1M',
  'P1Y',
  'P-1D',
  'P1.5D',
  'P1W2D',
  'PT5M',
  'p1d',
  'P99999D',
  'xP1D',
  'P1Dx',
])('%o is not a duration that a policy may have', (duration) => {
  expect(isDuration(duration)).toBe(false)
})

test.each([
  ['P2W', 336],
  ['P3D', 72],
  ['PT5H', 5],
  ['P1DT2H', 26],
])('%s has %i hours', (duration, hours) => {
  expect([isDuration(duration), lengthOf(duration)]).toEqual([true, hours * 3_600_000])
})

test('a deadline of something that is no duration is never made up', () => {
  expect(() => deadline(from, 'P1M')).toThrow(new RangeError('not a duration in weeks, days or hours: P1M'))
})

test('a deadline lies after its beginning', () => {
  const lengths = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('PnD', 'PnW', 'PTnH'))
  fc.assert(
    fc.property(lengths, ([n, form]) => {
      expect(Date.parse(deadline(from, form.replace('n', String(n))))).toBeGreaterThan(Date.parse(from))
    }),
    tried(50, 1_000),
  )
})

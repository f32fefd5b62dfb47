import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cents } from '../../shared/domain/cents.ts'
import { automaticAmount, LineItem, revisedEstimate, totalsOf } from '../../shared/domain/line-item.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { anyLines, tried } from '../arbitraries.ts'
import { givenLine } from '../given.ts'

test.each(['automatic', 'manual'] as const)('a line that is %s is read as it was stored', (strategy) => {
  const line = givenLine(undefined, { calculation_strategy: strategy })
  expect(LineItem.parse(structuredClone(line))).toEqual(line)
})

test('the revised estimate is original budget and budget changes', () => {
  const line = givenLine(undefined, { original: cents(32_500_000), changes: cents(1_500_000) })
  expect(revisedEstimate(line)).toBe(34_000_000)
})

test('the totals of a budget are those of its lines, in any order', () => {
  fc.assert(
    fc.property(anyLines(), (lines) => {
      const totals = totalsOf(lines)
      expect(totals).toEqual(totalsOf(lines.toReversed()))
      expect(BigInt(totals.original)).toBe(lines.reduce((total, line) => total + BigInt(line.original), 0n))
      expect(BigInt(totals.changes)).toBe(lines.reduce((total, line) => total + BigInt(line.changes), 0n))
      expect(totals.lines).toBe(lines.length)
    }),
    tried(50, 2_000),
  )
})

test('without one of its factors a line has no automatic amount', () => {
  expect(automaticAmount({ quantity: Scaled4.parse(10_000), unit_cost: null })).toBeUndefined()
  expect(automaticAmount({ quantity: null, unit_cost: Scaled4.parse(10_000) })).toBeUndefined()
})

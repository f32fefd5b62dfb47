import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatScaled4, parseScaled4, Scaled4, timesUnitCost } from '../../shared/domain/quantity.ts'
import { tried } from '../arbitraries.ts'

const largest = 9_999_999_999_999
const anyScaled4 = fc.integer({ min: -largest, max: largest }).map((scaled) => Scaled4.parse(scaled))
const scaled = (text: string): Scaled4 => parseScaled4(text)!

test('a quantity that is formatted and read again is the same quantity', () => {
  fc.assert(
    fc.property(anyScaled4, (quantity) => {
      expect(parseScaled4(formatScaled4(quantity))).toBe(quantity)
    }),
    tried(200, 20_000),
  )
})

test('a quantity is written without needless zeros', () => {
  fc.assert(
    fc.property(anyScaled4, (quantity) => {
      expect(formatScaled4(quantity)).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,3}[1-9])?$/)
    }),
    tried(100, 5_000),
  )
})

test.each([
  ['0', 0],
  ['-0.0000', 0],
  ['12', 120_000],
  ['-3.5', -35_000],
  ['0.1234', 1_234],
  ['999999999.9999', largest],
])('%s is %i ten-thousandths', (text, expected) => {
  expect(parseScaled4(text)).toBe(expected)
})

test.each(['', '1.', '.5', '1.23456', '1e2', '1,5', '+1', '1234567890', ' 1'])(
  '%o is no quantity',
  (text) => {
    expect(parseScaled4(text)).toBeUndefined()
  },
)

/** Half away from zero over exact decimals: the fraction that is cut off decides, whatever the sign. */
function roundedOracle(quantity: bigint, unitCost: bigint): bigint {
  const product = quantity * unitCost
  const whole = product / 1_000_000n
  const rest = product % 1_000_000n
  if (rest >= 500_000n) return whole + 1n
  if (rest <= -500_000n) return whole - 1n
  return whole
}

test('quantity x unit cost is rounded half away from zero, once, from the exact product', () => {
  const factor = fc.integer({ min: -90_000_000, max: 90_000_000 }).map((value) => Scaled4.parse(value))
  fc.assert(
    fc.property(factor, factor, (quantity, unitCost) => {
      expect(timesUnitCost(quantity, unitCost)).toBe(
        Number(roundedOracle(BigInt(quantity), BigInt(unitCost))),
      )
    }),
    tried(300, 50_000),
  )
})

test.each([
  ['1', '0.005', 1],
  ['-1', '0.005', -1],
  ['1', '0.0049', 0],
  ['-1', '0.0049', 0],
  ['3', '0.335', 101],
  ['0.3333', '3', 100],
  ['1.005', '1', 101],
  ['-1.005', '1', -101],
  ['97.25', '125.5', 1_220_488],
])('%s x %s is %i cents', (quantity, unitCost, expected) => {
  expect(timesUnitCost(scaled(quantity), scaled(unitCost))).toBe(expected)
})

test('nothing is written without a sign', () => {
  expect(formatScaled4(scaled('0'))).toBe('0')
})

test('a product never is a negative zero', () => {
  expect(Object.is(timesUnitCost(scaled('-0.0001'), scaled('1')), -0)).toBe(false)
})

test('a product that cents cannot hold exactly is none', () => {
  expect(timesUnitCost(scaled('999999999'), scaled('999999999'))).toBeUndefined()
})

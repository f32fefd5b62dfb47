import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Cents,
  cents,
  formatCents,
  minus,
  parseCents,
  plus,
  showCents,
  sum,
} from '../../shared/domain/cents.ts'
import { anyAmount, textOver, tried } from '../arbitraries.ts'

const exact = fc.maxSafeInteger().map(cents)

test('an amount that is formatted and read again is the same amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map(cents), (amount) => {
      expect(parseCents(formatCents(amount))).toBe(amount)
    }),
    tried(200, 20_000),
  )
})

test('whatever text is read comes from digits, a point and a minus alone', () => {
  const texts = textOver('0123456789.-+eE, _x\u0660', 12)
  fc.assert(
    fc.property(texts, (text) => {
      const plain = /^-?[0-9]+([.][0-9]{1,2})?$/.test(text)
      expect(parseCents(text) !== undefined).toBe(plain)
    }),
    tried(500, 50_000),
  )
})

test.each([
  ['0', 0],
  ['-0', 0],
  ['-0.00', 0],
  ['12', 1_200],
  ['12.5', 1_250],
  ['-12.05', -1_205],
  ['007.10', 710],
  ['9999999999999.99', 999_999_999_999_999],
])('%s is %i cents', (text, amount) => {
  expect(parseCents(text)).toBe(amount)
})

test.each([
  '',
  ' 1',
  '1 ',
  '1.',
  '.5',
  '1.005',
  '+1',
  '--1',
  '1e3',
  '1,000.00',
  '$5',
  '(5.00)',
  '١٢',
  'NaN',
  '99999999999999',
])('%o is no amount', (text) => {
  expect(parseCents(text)).toBeUndefined()
})

test('no negative zero comes out of reading', () => {
  expect(Object.is(parseCents('-0.00'), -0)).toBe(false)
})

test('every amount has exactly two decimals when written', () => {
  fc.assert(
    fc.property(exact, (amount) => {
      expect(formatCents(amount)).toMatch(/^-?\d+\.\d\d$/)
    }),
    tried(100, 5_000),
  )
})

test('nothing is written without a sign', () => {
  expect(formatCents(cents(0))).toBe('0.00')
})

test('amounts for people are grouped by thousands as a number formatter groups them', () => {
  const oracle = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  fc.assert(
    fc.property(exact, (amount) => {
      expect(showCents(amount)).toBe(oracle.format(formatCents(amount) as `${number}`))
    }),
    tried(200, 20_000),
  )
})

test('adding and taking away agree with exact integers', () => {
  fc.assert(
    fc.property(anyAmount, anyAmount, (a, b) => {
      expect(BigInt(plus(a, b))).toBe(BigInt(a) + BigInt(b))
      expect(minus(plus(a, b), b)).toBe(a)
    }),
    tried(100, 5_000),
  )
})

test('a sum is that of exact integers, in any order', () => {
  fc.assert(
    fc.property(fc.array(anyAmount), (amounts) => {
      const oracle = amounts.reduce((total, amount) => total + BigInt(amount), 0n)
      expect(BigInt(sum(amounts))).toBe(oracle)
      expect(sum(amounts.toReversed())).toBe(sum(amounts))
    }),
    tried(100, 5_000),
  )
})

test.each([0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY])(
  '%d is refused as cents',
  (amount) => {
    expect((): Cents => cents(amount)).toThrow('expected')
  },
)

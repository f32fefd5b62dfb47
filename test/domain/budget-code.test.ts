import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BudgetCode,
  budgetCode,
  codeOfKey,
  compareKeys,
  divisionOf,
  keyOf,
  showCode,
} from '../../shared/domain/budget-code.ts'
import { anyBudgetCode, tried } from '../arbitraries.ts'

test('a key gives its budget code back', () => {
  fc.assert(
    fc.property(anyBudgetCode, (code) => {
      expect(codeOfKey(keyOf(code))).toEqual(code)
    }),
    tried(100, 5_000),
  )
})

test('two budget codes have one key only if all three parts are equal', () => {
  fc.assert(
    fc.property(anyBudgetCode, anyBudgetCode, (a, b) => {
      const same = a.sub_job === b.sub_job && a.cost_code === b.cost_code && a.cost_type === b.cost_type
      expect(keyOf(a) === keyOf(b)).toBe(same)
    }),
    tried(300, 20_000),
  )
})

test('codes that are joined to the same text are different lines', () => {
  const withSubJob = budgetCode('B', '2.03', 'L')
  const without = budgetCode('', 'B.2.03', 'L')
  expect(showCode(withSubJob)).toBe(showCode(without))
  expect(keyOf(withSubJob)).not.toBe(keyOf(without))
})

test('blanks around a part make no other code', () => {
  expect(keyOf(budgetCode(' SITE ', '03-3000 ', ' L'))).toBe(keyOf(budgetCode('SITE', '03-3000', 'L')))
})

test('upper and lower case are different codes, as in Sage', () => {
  expect(keyOf(budgetCode('', '03-3000', 'l'))).not.toBe(keyOf(budgetCode('', '03-3000', 'L')))
})

test('a budget code is read as it was stored', () => {
  const code = budgetCode('SITE', '03-3000', 'L')
  expect(BudgetCode.parse({ ...code })).toEqual(code)
})

test.each([
  ['a', 'b', -1],
  ['b', 'a', 1],
  ['a', 'a', 0],
])('%s compared with %s is %i', (a, b, expected) => {
  expect(compareKeys(a, b)).toBe(expected)
})

test('keys sort in one way only', () => {
  fc.assert(
    fc.property(fc.array(anyBudgetCode), (codes) => {
      const keys = codes.map(keyOf)
      expect(keys.toReversed().toSorted(compareKeys)).toEqual(keys.toSorted(compareKeys))
    }),
    tried(100, 5_000),
  )
})

test.each([
  ['03-3000', '03'],
  ['31.2000', '31'],
  ['1/10/20', '1'],
  ['03', '03'],
])('%s belongs to division %s', (costCode, division) => {
  expect(divisionOf(costCode)).toBe(division)
})

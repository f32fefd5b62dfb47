import { expect, test } from 'vitest'
import { eventPattern } from '../../../local/runtime/event-pattern.ts'

const record = (sk: string, eventName = 'INSERT') => ({ eventName, dynamodb: { Keys: { sk: { S: sk } } } })

const outbox = { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'OUTBOX#' }] } } } }

test.each([
  ['a new outbox row', record('OUTBOX#1'), true],
  ['another row', record('BUDGET'), false],
  ['a changed outbox row', record('OUTBOX#1', 'MODIFY'), false],
  ['a row without the key', { eventName: 'INSERT', dynamodb: {} }, false],
])('a pattern by kind of change and beginning of the key decides about %s', (_what, event, expected) => {
  expect(eventPattern(outbox, 'Main/Mapping')(event)).toBe(expected)
})

test.each([
  ['a value', [3], 3, true],
  ['a value of another type', [3], '3', false],
  ['null', [null], null, true],
  ['one of several', ['a', 'b'], 'b', true],
  ['a list that holds one', ['a'], ['x', 'a'], true],
  ['an ending', [{ suffix: '.csv' }], 'a.csv', true],
  ['something there', [{ exists: true }], 0, true],
  ['nothing there', [{ exists: false }], undefined, true],
  ['anything else', [{ 'anything-but': ['a', 'b'] }], 'c', true],
  ['not what is left out', [{ 'anything-but': 'a' }], 'a', false],
])('a pattern matches %s', (_what, wanted, value, expected) => {
  expect(eventPattern({ field: wanted }, 'here')({ field: value })).toBe(expected)
})

test('an operator that is not read here is refused with its path', () => {
  expect(() => eventPattern({ a: { b: [{ numeric: ['>', 1] }] } }, 'Main/Rule')).toThrow(
    'Main/Rule: a: b: the operator numeric is not read on one machine',
  )
})

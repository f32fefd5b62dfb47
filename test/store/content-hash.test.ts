import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson, referenceHash } from '../../shared/store/content-hash.ts'

test.each<[string, unknown, string]>([
  [
    'members stand in the order of their names',
    { b: 1, a: { d: 2, c: null } },
    '{"a":{"c":null,"d":2},"b":1}',
  ],
  ['lists keep theirs, with members inside in order', [3, [{ b: 1, a: 2 }], 1], '[3,[{"a":2,"b":1}],1]'],
  ['an undefined member is none', { a: undefined, b: [] }, '{"b":[]}'],
  ['a text is a text', 'b, a', '"b, a"'],
  ['null is null', null, 'null'],
])('in what is hashed %s', (_, value, text) => {
  expect(canonicalJson(value)).toBe(text)
})

test('of a mailed reference its SHA-256 is kept', () => {
  expect(referenceHash('reference')).toBe(createHash('sha256').update('reference').digest('hex'))
})

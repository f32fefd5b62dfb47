import { expect, test } from 'vitest'
import { isRefusal, orRefuse, refusal, Refused } from '../../shared/domain/refusal.ts'

const no = refusal('INVALID_INPUT', 'No.', 'Ask again.')

test.each([
  [no, true],
  [{ refused: true }, true],
  [{ refused: false }, false],
  [{ other: true }, false],
  [{}, false],
  [null, false],
  [undefined, false],
  ['refused', false],
  [Object.assign(() => 0, { refused: true }), false],
])('%o is a refusal: %s', (answer, expected) => {
  expect(isRefusal(answer)).toBe(expected)
})

test('what is refused is thrown with its refusal, and anything else is the answer', () => {
  expect(orRefuse<number>(7)).toBe(7)
  const thrown = (): unknown => orRefuse<number>(no)
  expect(thrown).toThrow(Refused)
  expect(thrown).toThrow(expect.objectContaining({ name: 'Refused', refusal: no }))
})

import { expect, test } from 'vitest'
import { checkLock } from '../../shared/domain/check-lock.ts'
import { concrete, givenLine } from '../given.ts'

test('valid lines may be locked', () => {
  expect(checkLock([givenLine()])).toBeUndefined()
})

test('a line that is not valid is named, and at most a hundred of them', () => {
  const faulty = Array.from({ length: 101 }, () => givenLine(concrete, { uom: ' cy' }))
  const refused = checkLock([givenLine(), ...faulty])
  expect(refused).toMatchObject({ code: 'LINE_INVALID' })
  expect(refused?.places).toHaveLength(100)
  expect(refused?.places?.[0]).toEqual({
    code: 'BLANKS_AROUND',
    sentence: '03-3000.S: The unit of measure begins or ends with a blank.',
  })
})

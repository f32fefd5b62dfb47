import { expect, test } from 'vitest'
import {
  Actor,
  CompanyId,
  isPerson,
  PersonId,
  ProjectId,
  SageCompanyId,
  Sha256,
} from '../../shared/domain/ids.ts'

const ids = { CompanyId, ProjectId, PersonId, SageCompanyId }

test.each(Object.entries(ids))('%s holds letters, digits, - and _, and no separator of keys', (_, schema) => {
  const taken = ['a', '7', 'Acme_East-2', 'x'.repeat(40)]
  const refused = ['', '-a', '_a', 'x'.repeat(41), 'a#b', '#a', 'a ', ' a', 'a/b', 'é', 'a\n', 'x\ny']
  expect(taken.filter((text) => !schema.safeParse(text).success)).toEqual([])
  expect(refused.filter((text) => schema.safeParse(text).success)).toEqual([])
})

test('an id that is none is told what it holds', () => {
  expect(CompanyId.safeParse('a#b').error?.issues[0]?.message).toContain('1 to 40 letters')
})

test('a hash is 64 small hexadecimal digits and nothing around them', () => {
  const hash = '0123456789abcdef'.repeat(4)
  expect(Sha256.parse(hash)).toBe(hash)
  const others = [hash.toUpperCase(), hash.slice(1), `${hash}0`, `#${hash}`, `${hash}#`, `g${hash.slice(1)}`]
  expect(others.filter((text) => Sha256.safeParse(text).success)).toEqual([])
  expect(Sha256.safeParse('').error?.issues[0]?.message).toContain('64 digits')
})

test.each([
  ['ann', true],
  ['system', false],
  ['connector', false],
  ['clock', false],
  ['operator', false],
])('%s who acted is a person: %s', (actor, person) => {
  expect(isPerson(Actor.parse(actor))).toBe(person)
})

import { expect, test } from 'vitest'
import { Instant, PersonId } from '../../shared/domain/ids.ts'
import { type Grant, Person, type Role, withGrants } from '../../shared/domain/person.ts'

const person = (roles: readonly Role[], active = true): Person => ({
  id: PersonId.parse('rosa'),
  name: 'Rosa',
  email: 'rosa@acme.example',
  subjects: [],
  roles: [...roles],
  active,
})
const monday: Grant = { at: Instant.parse('2026-11-23T09:00:00.000Z'), by: PersonId.parse('ada') }
const friday: Grant = { at: Instant.parse('2026-11-27T09:00:00.000Z'), by: PersonId.parse('otto') }

test('a person is read as stored', () => {
  const delegate = { person: PersonId.parse('ada'), from: '2026-11-01', until: '2026-11-30' }
  const stored = { ...withGrants(person(['viewer']), undefined, monday), limit: 5, delegate }
  expect(Person.parse(structuredClone(stored))).toEqual(stored)
})

test('a role is granted when it is given, and stays granted then', () => {
  const first = withGrants(person(['viewer']), undefined, monday)
  const second = withGrants(person(['viewer', 'accounting_approver']), first, friday)
  expect(second.granted).toEqual({ viewer: monday, accounting_approver: friday })
})

test('a role that was taken away and given again is granted anew', () => {
  const had = withGrants(person(['viewer', 'auditor']), undefined, monday)
  const without = withGrants(person(['viewer']), had, monday)
  expect(without.granted).toEqual({ viewer: monday })
  expect(withGrants(person(['viewer', 'auditor']), without, friday).granted).toEqual({
    viewer: monday,
    auditor: friday,
  })
})

test('when a role of an earlier release was granted is not known', () => {
  expect(withGrants(person(['viewer']), person(['viewer']), friday)).not.toHaveProperty('granted')
})

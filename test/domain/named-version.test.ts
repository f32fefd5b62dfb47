import { expect, test } from 'vitest'
import { namedVersion } from '../../shared/domain/named-version.ts'
import { codeOf, givenHead, granted, id, noon, refused } from '../given.ts'

test('a version saved by name is the working copy under the next number', () => {
  const head = givenHead({ version: 3 })
  expect(granted(namedVersion(head, 'Bid set', id('ed'), noon))).toEqual({
    number: 4,
    hash: head.manifest,
    lines: head.lines,
    original: head.original,
    changes: head.changes,
    by: 'ed',
    at: noon,
    why: 'named',
    name: 'Bid set',
  })
})

test('none is saved while a command is under way', () => {
  const pending = { command: 'send' as const, by: id('pam'), at: noon }
  expect(codeOf(refused(namedVersion(givenHead({ pending }), 'Bid set', id('ed'), noon)))).toBe(
    'COMMAND_PENDING',
  )
})

test('numbers are left for lock and send', () => {
  const saved = namedVersion(givenHead({ version: 90_000 }), 'One too many', id('ed'), noon)
  expect(codeOf(refused(saved))).toBe('TOO_LARGE')
})

import { expect, test } from 'vitest'
import { Editor, editorsAfter, peopleOf, withEditors } from '../../shared/domain/editor.ts'
import { id } from '../given.ts'

const [pam, ed] = [id('pam'), id('ed')]
const editors: readonly Editor[] = [
  { person: pam, send: 0 },
  { person: ed, send: 1 },
]

test('an editor is read as stored', () => {
  expect(Editor.parse({ person: 'pam', send: 2 })).toEqual({ person: pam, send: 2 })
})

test('who edits again is an editor since then', () => {
  expect(withEditors(editors, [pam], 1)).toEqual([
    { person: pam, send: 1 },
    { person: ed, send: 1 },
  ])
  expect(withEditors(editors, [pam, ed, id('eve')], 1)).toEqual([
    { person: pam, send: 1 },
    { person: ed, send: 1 },
    { person: id('eve'), send: 1 },
  ])
})

test('nothing is stored where all of them edited since that send already', () => {
  expect([withEditors(editors, [ed], 1), withEditors(editors, [], 1)]).toEqual([undefined, undefined])
})

test('an editor stays one of what was changed after the send that is settled', () => {
  expect([0, 1, 2].map((send) => peopleOf(editorsAfter(editors, send)))).toEqual([[pam, ed], [ed], []])
})

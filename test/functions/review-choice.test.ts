import { expect, test } from 'vitest'
import { choiceOf, nothingTyped, typedIn } from '../../functions/review/choice.ts'
import { Day } from '../../shared/domain/ids.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { codeHash } from '../../shared/mail/confirmation-code.ts'

type Fields = Readonly<Record<string, string>>

const shown: Fields = { version_hash: 'v', export_hash: 'e', part_1: '1000.00', part_2: '-5.00' }
const accepting: Fields = { ...shown, choice: 'accept', entry_date: '2026-12-01' }

const chosen = (fields: Fields) => choiceOf(new URLSearchParams(fields))

test('a form that nobody has filled in chooses nothing, and has the day it is', () => {
  const today = Day.parse('2026-11-30')
  const empty = { choice: '', ticks: [], reason: '', code: '', comments: [] }
  expect(nothingTyped(today)).toEqual({ ...empty, entry_date: today })
})

test('an accept repeats what was shown, the total of every file among it', () => {
  expect(chosen({ ...accepting, tick: 'create_job' })).toEqual({
    choice: 'accept',
    shown: {
      version_hash: 'v',
      export_hash: 'e',
      parts: [
        { part: 1, total: 100_000 },
        { part: 2, total: -500 },
      ],
    },
    ticks: ['create_job'],
    entry_date: '2026-12-01',
    code: undefined,
    by: 'link',
  })
})

test('a total has the name of a part, of at most two digits, and no other', () => {
  const others = { xpart_1: '1.00', part_1x: '1.00', part_123: '1.00', part_: '1.00' }
  const form = { ...others, part_12: '7.00', choice: 'accept', entry_date: '2026-12-01' }
  expect(chosen(form)).toMatchObject({ shown: { parts: [{ part: 12, total: 700 }] } })
})

test('an accept of a form that showed nothing is of nothing', () => {
  const nothing = { version_hash: '', export_hash: '', parts: [] }
  expect(chosen({ choice: 'accept', entry_date: '2026-12-01' })).toMatchObject({ shown: nothing })
})

test('what comes back with a form holds no comment where one names no line', () => {
  const form = new URLSearchParams({ 'comment/': 'x', 'comment/03-3000/L/': 'y' })
  expect(typedIn(form).comments).toEqual([])
})

test.each([
  [' AB12-CD34 ', codeHash('AB12CD34')],
  ['  ', undefined],
  ['', undefined],
])('the code %j is taken without its blanks, and none is no code', (code, hash) => {
  expect(chosen({ ...accepting, code })).toMatchObject({ code: hash })
})

test.each<[string, Fields, RegExp, string?]>([
  ['chooses nothing', shown, /No choice was made/],
  ['chooses what nobody knows', { ...shown, choice: 'approve' }, /choice is not known/],
  ['has a total that is no amount', { ...accepting, part_1: 'all' }, /No choice was made/],
  ['ticks what nobody knows', { ...accepting, tick: 'all' }, /tick is not understood/, '/ticks'],
  ['has a date that is none', { ...accepting, entry_date: '30.11.' }, /is not understood/, '/entry_date'],
  ['has an empty date', { ...accepting, entry_date: '' }, /is missing/, '/entry_date'],
  ['has no date', { ...shown, choice: 'accept' }, /is missing/, '/entry_date'],
  [
    'comments on no line',
    { ...shown, choice: 'reject', reason: 'No', 'comment/': 'x' },
    /comment names no line/,
  ],
])('a form that %s decides nothing, and says what is wrong and where', (_, fields, words, pointer) => {
  const refused = chosen(fields)
  if (!isRefusal(refused)) throw new Error('It decided')
  expect(refused.code).toBe('INVALID_INPUT')
  expect(refused.sentence).toMatch(words)
  expect((refused.places ?? []).map((place) => [place.pointer, place.code])).toEqual(
    pointer === undefined ? [] : [[pointer, 'INVALID_INPUT']],
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Instant } from '../../shared/domain/ids.ts'
import type { HistoryRow } from '../../shared/store/budget-store.ts'
import { chain, emptyHistory, HistoryBody, verifyHistory } from '../../shared/store/history.ts'
import { person } from './budgets.ts'
import { whyNotDescribed } from './events-fit.ts'

const at = Instant.parse('2026-11-22T19:38:31.000Z')
const event = (n: number) => ({
  event: 'edited',
  by: person,
  detail: { n, code: { a: [1, null, 'x'] } },
})
const { rows, end } = chain(
  emptyHistory,
  at,
  Array.from({ length: 10 }, (_, i) => event(i)),
)

/** The same history with row `sequence` replaced. */
const withRow = (sequence: number, row: HistoryRow): HistoryRow[] => rows.with(sequence - 1, row)
const rowAt = (sequence: number): HistoryRow => rows[sequence - 1]!

describe('history', () => {
  test('an untouched history holds', () => {
    expect(verifyHistory(rows, end)).toBeUndefined()
  })

  test('it begins with sixty-four zeros in the place of a row before', () => {
    expect(rows[0]?.previous).toBe('0'.repeat(64))
  })

  test('a row has the request that led to it, where there is one', () => {
    const made = chain(emptyHistory, at, [{ ...event(1), request: 'r1' }, event(2)])
    expect(made.rows.map(({ request }) => request)).toEqual(['r1', undefined])
    expect(made.rows[1]).not.toHaveProperty('request')
    expect(verifyHistory(made.rows, made.end)).toBeUndefined()
  })

  test('a row without one of its fields is none', () => {
    const { request: _, ...whole } = { ...rowAt(1), request: undefined }
    expect(HistoryBody.parse(whole)).toEqual(whole)
    for (const name of Object.keys(whole))
      expect(HistoryBody.safeParse({ ...whole, [name]: undefined }).success).toBe(false)
  })

  test('a page from the middle holds by itself', () => {
    expect(verifyHistory(rows.slice(3, 7))).toBeUndefined()
  })

  test('it goes on where it stopped, dense', () => {
    const more = chain(end, at, [event(11), event(12)])
    expect(verifyHistory([...rows, ...more.rows], more.end)).toBeUndefined()
    expect(more.end.sequence).toBe(12)
  })

  test.each<[string, (row: HistoryRow) => HistoryRow]>([
    ['what happened', (row) => ({ ...row, event: 'locked' })],
    ['who did it', (row) => ({ ...row, by: 'system' })],
    ['when', (row) => ({ ...row, at: Instant.parse('2026-11-22T19:38:32.000Z') })],
    ['a detail', (row) => ({ ...row, detail: { ...row.detail, n: 1 } })],
    ['the request', (row) => ({ ...row, request: 'r1' })],
    ['its hash', (row) => ({ ...row, hash: 'f'.repeat(64) })],
    ['the hash before', (row) => ({ ...row, previous: 'f'.repeat(64) })],
  ])('a row is named when somebody altered %s', (_, alter) => {
    expect(verifyHistory(withRow(5, alter(rowAt(5))), end)).toEqual({ sequence: 5, fault: 'altered' })
  })

  test('a row altered together with its hash is still named', () => {
    const before = { sequence: 4, history_hash: rowAt(4).hash }
    const forged = chain(before, at, [{ ...event(4), event: 'locked' }]).rows[0]!
    expect(verifyHistory(withRow(5, forged), end)).toEqual({ sequence: 5, fault: 'altered' })
  })

  test('the last row altered together with its hash is named by the head', () => {
    const before = { sequence: 9, history_hash: rowAt(9).hash }
    const forged = chain(before, at, [event(77)]).rows[0]!
    expect(verifyHistory(withRow(10, forged), end)).toEqual({ sequence: 10, fault: 'altered' })
  })

  test('a row taken out is named as missing', () => {
    expect(verifyHistory(rows.toSpliced(4, 1), end)).toEqual({ sequence: 5, fault: 'missing' })
  })

  test('a tail cut off is found with the head', () => {
    expect(verifyHistory(rows.slice(0, 8), end)).toEqual({ sequence: 9, fault: 'missing' })
  })

  test('a head that counts one row more is found', () => {
    expect(verifyHistory(rows, { ...end, sequence: 11 })).toEqual({ sequence: 11, fault: 'missing' })
  })

  test('a first row that does not begin the chain is altered', () => {
    const forged = chain({ sequence: 0, history_hash: 'f'.repeat(64) }, at, [event(1)]).rows
    expect(verifyHistory(forged)).toEqual({ sequence: 1, fault: 'altered' })
  })

  test('any detail at all hashes to what is read back from JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (detail) => {
        const drawn = JSON.parse(JSON.stringify(detail)) as HistoryRow['detail']
        const made = chain(emptyHistory, at, [{ event: 'edited', by: person, detail: drawn }])
        const read = JSON.parse(JSON.stringify(made.rows)) as HistoryRow[]
        expect(verifyHistory(read, made.end)).toBeUndefined()
      }),
    )
  })

  test('half a surrogate pair is replaced before it is hashed', () => {
    const made = chain(emptyHistory, at, [{ event: 'rejected', by: person, detail: { reason: 'x\ud800' } }])
    expect(made.rows[0]?.detail).toEqual({ reason: 'x\ufffd' })
  })
})

test('history that nobody has described fails the test that writes it', () => {
  expect(whyNotDescribed({ event: 'x', detail: {} })).toMatch('no event is named x')
  expect(whyNotDescribed({ event: 'claimed', detail: { export: 1 } })).toMatch(/^claimed: /)
  expect(whyNotDescribed({ event: 'waited', detail: { secret: 'x' } })).toMatch('waited tells more')
  expect(whyNotDescribed({ event: 'waited', detail: { export: 1 } })).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import { closedParts } from '../../shared/exporting/closed-parts.ts'
import type { ExportToClose } from '../../shared/exporting/close-export.ts'
import { readBackContradicts } from '../../shared/exporting/read-back-contradicts.ts'
import { type BudgetCode, budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import type { EntryException, ExportPart, Observation } from '../../shared/domain/export.ts'
import { concrete, givenPart, noon, refused } from '../given.ts'

const codes = (count: number): BudgetCode[] =>
  Array.from({ length: count }, (_, n) => budgetCode('', `03-${String(1_000 + n)}`, 'S'))

/** The parts as a close leaves them, where each sent these codes. */
const closed = async (
  parts: readonly ExportPart[],
  sent: readonly BudgetCode[],
  wanted: Pick<ExportToClose, 'entries' | 'others'>,
) =>
  await closedParts(
    parts,
    wanted,
    async () => await Promise.resolve(sent.map((code) => ({ code, cents: cents(100) }))),
  )

const key = (code: BudgetCode, original = 0, changes = 0): Observation['keys'][number] => ({
  code,
  expected: cents(100),
  original_moved: cents(original),
  changes_moved: cents(changes),
})

const said = (code: BudgetCode, end: Omit<EntryException, 'code'>) => ({ end: { code, ...end } })

const shown = (kind: Observation['kind'], ...keys: Observation['keys']): Observation => ({
  kind,
  at: noon,
  sentence: '',
  what_to_do: '',
  keys,
})

describe('how the entries of a file ended', () => {
  const queued = givenPart({ attempt: 1 })

  test('an entry taken in the mode of its file is an entry taken', async () => {
    const entries = [{ part: 1, code: concrete, outcome: 'taken', mode: 'original_estimate' } as const]
    expect(await closed([queued], [concrete], { entries })).toEqual([
      { ...queued, outcome: 'taken', exceptions: [] },
    ])
  })

  test('an entry that was not taken is in no mode', async () => {
    const entries = [
      { part: 1, code: concrete, outcome: 'withdrawn', mode: 'approved_estimate_change' } as const,
    ]
    expect(await closed([queued], [concrete], { entries })).toEqual([
      { ...queued, outcome: 'withdrawn', exceptions: [] },
    ])
  })

  test('entries of which nothing is said are named, the first hundred of them', async () => {
    const answer = refused(await closed([queued], codes(101), { entries: [] }))
    expect([answer.code, answer.sentence]).toEqual([
      'ENTRY_OPEN',
      '101 entries of file 1 have no outcome yet.',
    ])
    expect(answer.places).toHaveLength(100)
    expect(answer.places?.[0]).toEqual({
      code: 'ENTRY_OPEN',
      sentence: '03-1000.S of file 1 has no outcome.',
    })
  })

  test('entries that a correction carries again are named, the first hundred of them', async () => {
    const sent = codes(101)
    const exceptions = sent.map((code) => ({ code, outcome: 'rejected' }) as const)
    const parts = [{ ...queued, exceptions }, givenPart({ part: 2, corrects: 1, attempt: 2 })]
    const entries = sent.map((code) => ({ part: 1, code, outcome: 'taken' }) as const)
    const answer = refused(await closed(parts, sent, { entries }))
    expect([answer.code, answer.places?.length]).toEqual(['LINE_NOT_SENT', 100])
  })
})

describe("what a person says of an entry against Sage's totals", () => {
  const otherBox = 'stands in Sage in the other mode; say taken, in that mode'
  const inOther = { outcome: 'taken', mode: 'approved_estimate_change' } as const
  test.each<[string, [original: number, changes: number], Omit<EntryException, 'code'>, string[]]>([
    [
      'has not moved, taken',
      [0, 0],
      { outcome: 'taken' },
      ['did not move in Sage, so Sage has not taken it'],
    ],
    ['has not moved, withdrawn', [0, 0], { outcome: 'withdrawn' }, []],
    ['stands in the other box, taken there', [0, 100], inOther, []],
    ['stands in the other box, taken', [0, 100], { outcome: 'taken' }, [otherBox]],
    ['stands in the other box, withdrawn', [0, 100], { outcome: 'withdrawn' }, [otherBox]],
    ['stands in the other box, rejected there', [0, 100], { ...inOther, outcome: 'rejected' }, [otherBox]],
    ['moved in both boxes, withdrawn', [50, 100], { outcome: 'withdrawn' }, []],
    ['moved by less in the other box, withdrawn', [0, 70], { outcome: 'withdrawn' }, []],
    ['moved by more in its own box, withdrawn', [170, 0], { outcome: 'withdrawn' }, []],
  ])('an entry that %s', (_, [original, changes], end, denied) => {
    const observation = shown('drift', key(concrete, original, changes))
    const answer = readBackContradicts(givenPart(), observation, [said(concrete, end)])
    const sentences = denied.map((words) => `03-3000.S ${words}.`)
    expect(answer?.places ?? []).toEqual(
      sentences.map((sentence) => ({ code: 'READ_BACK_CONTRADICTS', sentence })),
    )
    expect(answer?.sentence).toBe(
      sentences.map((sentence) => `Sage's totals say otherwise of 1 entry. ${sentence}`)[0],
    )
  })

  test.each<[Observation['kind'], number]>([
    ['partly', 1],
    ['posted_as_original', 1],
    ['posted_as_change', 1],
    ['drift', 1],
    ['awaiting_posting', 0],
    ['stale', 0],
  ])('an entry that a reading does not list as otherwise, under %s, is denied: %i', (kind, denied) => {
    const ends = [said(concrete, { outcome: 'withdrawn' })]
    const answer = readBackContradicts(givenPart(), shown(kind), ends)
    expect(answer?.places ?? []).toHaveLength(denied)
  })

  test.each([
    [199, 1],
    [200, 0],
  ])('where a reading lists %i codes, so many of those not listed are denied: %i', (listed, denied) => {
    const observation = shown('partly', ...codes(listed).map((code) => key(code)))
    const answer = readBackContradicts(givenPart(), observation, [said(concrete, { outcome: 'withdrawn' })])
    expect(answer?.places ?? []).toHaveLength(denied)
  })

  test('what a correction carries again is looked at in the correction, and nothing else', () => {
    const observation = shown('drift', key(concrete))
    const denied = (outcome: 'rejected' | 'withdrawn') =>
      readBackContradicts(givenPart({ exceptions: [{ code: concrete, outcome }] }), observation, [
        said(concrete, { outcome: 'taken' }),
      ])
    expect(denied('rejected')).toBeUndefined()
    expect(denied('withdrawn')?.code).toBe('READ_BACK_CONTRADICTS')
  })

  test('of many, the sentence tells how many, and the first hundred are named', () => {
    const ends = codes(101).map((code) => said(code, { outcome: 'withdrawn' }))
    const answer = readBackContradicts(givenPart(), shown('partly'), ends)
    expect(answer?.sentence).toMatch(/^Sage's totals say otherwise of 101 entries\. 03-1000\.S is posted/)
    expect(answer?.places).toHaveLength(100)
  })
})

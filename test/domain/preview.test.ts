import { describe, expect, test } from 'vitest'
import { keyOf } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { type Preview, type PreviewRow, summed } from '../../shared/domain/preview.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { concrete, earthwork, givenLine, painting } from '../given.ts'

const of = (code: typeof concrete, original: number) => givenLine(code, { original: cents(original) })
const told = { sentence: 'It stays.', what_to_do: 'Look.' }
const standing = { original: cents(1_000) }

function preview(...rows: readonly PreviewRow[]): Preview {
  const made = summed(rows, standing)
  if (isRefusal(made)) throw new Error(made.code)
  return made
}

describe('a preview', () => {
  test.each<[string, PreviewRow, number, ReturnType<typeof of> | null | undefined]>([
    ['add', { kind: 'add', code: concrete, after: of(concrete, 5) }, 1_005, of(concrete, 5)],
    [
      'change',
      { kind: 'change', code: concrete, before: of(concrete, 5), after: of(concrete, 7) },
      1_002,
      of(concrete, 7),
    ],
    ['unchanged', { kind: 'unchanged', code: concrete, before: of(concrete, 5) }, 1_000, undefined],
    ['remove', { kind: 'remove', code: concrete, before: of(concrete, 5) }, 995, null],
    ['keep', { kind: 'keep', code: concrete, before: of(concrete, 5), ...told }, 1_000, undefined],
    [
      'keep',
      { kind: 'keep', code: concrete, before: of(concrete, 5), after: of(concrete, 0), ...told },
      995,
      of(concrete, 0),
    ],
  ])('%s: counts it, and stores what differs', (kind, row, after, stored) => {
    const { counts, original, edits } = preview(row)
    expect(counts).toEqual({ add: 0, change: 0, unchanged: 0, remove: 0, keep: 0, [kind]: 1 })
    expect(original).toEqual({ before: 1_000, after })
    expect([...edits]).toEqual(stored === undefined ? [] : [[keyOf(concrete), stored]])
  })

  test('adds all rows up, in key order', () => {
    const rows = [concrete, earthwork, painting].map((code, i) => ({
      kind: 'add' as const,
      code,
      after: of(code, 10 ** i),
    }))
    const made = preview(...rows.toReversed())
    expect([made.rows, made.counts.add, made.original.after]).toEqual([
      rows.toSorted((a, b) => (keyOf(a.code) < keyOf(b.code) ? -1 : 1)),
      3,
      1_111,
    ])
  })

  test('over the exact range is refused', () => {
    const row = { kind: 'add' as const, code: concrete, after: of(concrete, Number.MAX_SAFE_INTEGER) }
    expect(summed([row], standing)).toMatchObject({ code: 'LINE_INVALID' })
    expect(isRefusal(summed([row], { original: cents(0) }))).toBe(false)
  })
})

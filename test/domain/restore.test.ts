import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cents, noCents } from '../../shared/domain/cents.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { checkLine, sameLine } from '../../shared/domain/lines.ts'
import { previewRestore, restoreEdits } from '../../shared/domain/restore.ts'
import { orRefuse } from '../../shared/domain/refusal.ts'
import { anyLines, tried } from '../arbitraries.ts'
import { concrete, earthwork, givenLine, painting } from '../given.ts'

const previewed = (...of: Parameters<typeof previewRestore>) => orRefuse(previewRestore(...of))

const untouched = (): boolean => false

test('the lines and originals of the version come back', () => {
  const then = givenLine(concrete, { original: cents(30_000_000) })
  expect(restoreEdits([givenLine(concrete)], [then], untouched)).toEqual(new Map([[lineKey(then), then]]))
})

test('budget changes stay as they are', () => {
  const now = givenLine(concrete, { changes: cents(1_500_000) })
  const then = givenLine(concrete, { original: noCents, changes: cents(700) })
  expect(restoreEdits([now], [then], untouched).get(lineKey(now))?.changes).toBe(1_500_000)
})

test('a line that the version lacks goes', () => {
  const line = givenLine(painting)
  expect(restoreEdits([line], [], untouched)).toEqual(new Map([[lineKey(line), null]]))
})

test('a line that the version lacks stays with original zero where a budget change touches it', () => {
  const line = givenLine(earthwork, { changes: cents(1_500_000) })
  const kept = restoreEdits([line], [], () => true).get(lineKey(line))
  expect(kept).toMatchObject({ original: 0, changes: 1_500_000, calculation_strategy: 'manual' })
})

test('a touched line that the version lacks stays as it is where it is at zero, and manual if it was automatic', () => {
  const manual = givenLine(earthwork, { original: noCents })
  const automatic = givenLine(painting, { original: noCents, calculation_strategy: 'automatic' })
  expect(restoreEdits([manual, automatic], [], () => true)).toEqual(
    new Map([[lineKey(automatic), { ...automatic, calculation_strategy: 'manual' }]]),
  )
})

test('a restore that would make the sum of the budget inexact is refused', () => {
  const standing = { lines: 0, original: cents(Number.MAX_SAFE_INTEGER) }
  expect(previewRestore(standing, [], [givenLine(concrete)], untouched)).toMatchObject({ refused: true })
})

test('restoring gives the lines of the version, each with the changes it has now', () => {
  fc.assert(
    fc.property(anyLines(), anyLines(), (now, version) => {
      const stored = new Map<string, LineItem>(now.map((line) => [lineKey(line), line]))
      for (const [key, line] of restoreEdits(now, version, untouched)) {
        if (line) stored.set(key, line)
        else stored.delete(key)
      }
      const changesNow = new Map<string, number>(now.map((line) => [lineKey(line), line.changes]))
      const expected = new Map(
        version.map((line) => [lineKey(line), { ...line, changes: changesNow.get(lineKey(line)) ?? 0 }]),
      )
      expect(stored).toEqual(expected)
    }),
    tried(100, 2_000),
  )
})

test('whatever is restored, every line stays valid', () => {
  fc.assert(
    fc.property(anyLines(), anyLines(), (now, version) => {
      const edited = [...restoreEdits(now, version, () => true).values()]
      expect(edited.flatMap((line) => (line ? checkLine(line) : []))).toEqual([])
    }),
    tried(50, 2_000),
  )
})

const preview = (now: LineItem[], then: LineItem[], touched = untouched) =>
  previewed(totalsOf(now), now, then, touched)

const plain = (lines: Iterable<LineItem>) =>
  new Map([...lines].map((line) => [lineKey(line), { ...line, changes: noCents }]))

describe('the preview of a restore', () => {
  test('tells what is added, changed and removed, and counts what stays', () => {
    const now = [givenLine(concrete), givenLine(painting), givenLine({ ...painting, cost_type: 'L' })]
    const then = [givenLine(concrete), givenLine(painting, { uom: 'SF' }), givenLine(earthwork)]
    const { rows, counts } = preview(now, then)
    expect(rows.map(({ kind, code }) => [kind, code.cost_type, code.cost_code])).toEqual([
      ['remove', 'L', '09-9000'],
      ['change', 'S', '09-9000'],
      ['add', 'S', '31-2000'],
    ])
    expect(counts).toEqual({ add: 1, change: 1, unchanged: 1, remove: 1, keep: 0 })
  })

  test('keeps a line that a budget change touches with original zero, and says why', () => {
    const line = givenLine(earthwork, { changes: cents(1_500_000) })
    expect(preview([line], [], () => true).rows).toMatchObject([
      {
        kind: 'keep',
        before: line,
        after: { original: 0, changes: 1_500_000 },
        sentence:
          '001.31-2000.S is not in the version and stays with original 0.00, because a budget change touches it.',
      },
    ])
  })

  test('tells of a kept line that is empty already, though there is nothing to do', () => {
    const { rows, counts, edits } = preview([givenLine(earthwork, { original: noCents })], [], () => true)
    expect([rows.map(({ kind }) => kind), counts.keep, edits.size]).toEqual([['keep'], 1, 0])
  })

  test('is of a line with other budget changes that it stays', () => {
    const now = [givenLine(concrete, { changes: cents(5) })]
    expect(preview(now, [givenLine(concrete)]).counts).toEqual({
      add: 0,
      change: 0,
      unchanged: 1,
      remove: 0,
      keep: 0,
    })
  })

  test('counts every line once, and sums the original budget up as it will stand', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), fc.boolean(), (now, then, touched) => {
        const { counts, original, edits } = preview(now, then, () => touched)
        const after = new Map<string, LineItem>(now.map((line) => [lineKey(line), line]))
        for (const [key, line] of edits) {
          if (line) after.set(key, line)
          else after.delete(key)
        }
        expect(counts.change + counts.unchanged + counts.remove + counts.keep).toBe(now.length)
        expect(counts.add + counts.change + counts.unchanged + counts.keep).toBe(after.size)
        expect(original.after).toBe(totalsOf(after.values()).original)
      }),
      tried(50, 2_000),
    )
  })

  test('is the same from the lines that differ alone', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), fc.boolean(), (now, then, touched) => {
        const shared = new Set(
          now.filter((line) => then.some((other) => sameLine(line, other))).map((line) => lineKey(line)),
        )
        const differing = (lines: LineItem[]) => lines.filter((line) => !shared.has(lineKey(line)))
        const changesTouching = () => touched
        expect(previewed(totalsOf(now), differing(now), differing(then), changesTouching)).toEqual(
          previewed(totalsOf(now), now, then, changesTouching),
        )
      }),
      tried(50, 2_000),
    )
  })

  test('restored, the lines differ from the version in budget changes alone', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), (now, then) => {
        const after = new Map<string, LineItem>(now.map((line) => [lineKey(line), line]))
        for (const [key, line] of preview(now, then).edits) {
          if (line) after.set(key, line)
          else after.delete(key)
        }
        expect(plain(after.values())).toEqual(plain(then))
      }),
      tried(50, 2_000),
    )
  })
})

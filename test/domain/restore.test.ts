import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cents, noCents } from '../../shared/domain/cents.ts'
import { type LineItem, lineKey } from '../../shared/domain/line-item.ts'
import { checkLine } from '../../shared/domain/lines.ts'
import { restoreEdits } from '../../shared/domain/restore.ts'
import { anyLines, tried } from '../arbitraries.ts'
import { concrete, earthwork, givenLine, painting } from '../given.ts'

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

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BudgetFile } from '../../shared/budget-files/budget-rows.ts'
import { mergeFile, type MergeMode } from '../../shared/budget-files/merge.ts'
import { template } from '../../shared/budget-files/template.ts'
import { compareKeys, keyOf } from '../../shared/domain/budget-code.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import { type LineItem, lineKey } from '../../shared/domain/line-item.ts'
import { checkLine } from '../../shared/domain/lines.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { anyLines, tried } from '../arbitraries.ts'
import { concrete, earthwork, givenLine, granted, painting, refused } from '../given.ts'

const everyColumn = new Set(template.map(({ column }) => column))
const fileOf = (lines: readonly LineItem[], columns: BudgetFile['columns'] = everyColumn): BudgetFile => ({
  lines: lines.map((line) => ({ ...line, changes: noCents })),
  columns,
  standsOn: new Map(lines.map((line, index) => [lineKey(line), index + 2])),
})
const untouched = (): boolean => false
const merged = (
  current: readonly LineItem[],
  file: BudgetFile,
  mode: MergeMode = 'merge',
  changesTouching: Parameters<typeof mergeFile>[0]['changesTouching'] = untouched,
) => granted(mergeFile({ current, file, mode, changesTouching }))
const kindsOf = ({ rows }: ReturnType<typeof merged>) => rows.map(({ kind, code }) => [kind, code.cost_code])

const slab = givenLine(concrete, { changes: cents(1_500_000) })
const dearerSlab = { ...slab, original: cents(40_000_000) }
const paint = givenLine(painting)
const digging = givenLine(earthwork)

test('a file adds, changes and leaves lines, in the order of the keys', () => {
  const result = merged([slab, paint], fileOf([dearerSlab, digging, paint]))
  expect(kindsOf(result)).toEqual([
    ['change', '03-3000'],
    ['unchanged', '09-9000'],
    ['add', '31-2000'],
  ])
})

test('a changed line keeps its budget changes', () => {
  expect(merged([slab], fileOf([dearerSlab])).edits.get(lineKey(slab))).toEqual(dearerSlab)
})

test('in a merge a line that the file does not name stays', () => {
  const result = merged([slab, paint], fileOf([slab]))
  expect([result.edits.size, kindsOf(result)]).toEqual([0, [['unchanged', '03-3000']]])
})

describe('in a replace', () => {
  test('a line that the file does not name goes', () => {
    const result = merged([slab, paint], fileOf([slab]), 'replace')
    expect([kindsOf(result), result.edits]).toEqual([
      [
        ['unchanged', '03-3000'],
        ['remove', '09-9000'],
      ],
      new Map([[lineKey(paint), null]]),
    ])
  })

  test('a line that a budget change touches is kept as it is, and told', () => {
    const result = merged([slab, paint], fileOf([paint]), 'replace', (key) => key === keyOf(concrete))
    expect([kindsOf(result)[0], result.edits.size, result.counts.keep]).toEqual([['keep', '03-3000'], 0, 1])
  })

  test('the lines are those of the file and those kept', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), (current, lines) => {
        const touched = new Set(current.slice(0, 3).map(lineKey))
        const { edits } = merged(current, fileOf(lines), 'replace', (key) => touched.has(key))
        const named = new Set(lines.map(lineKey))
        const kept = current.filter((line) => touched.has(lineKey(line)) && !named.has(lineKey(line)))
        const expected = [...lines, ...kept].map(lineKey).toSorted(compareKeys)
        expect([...applied(current, edits).keys()].toSorted(compareKeys)).toEqual(expected)
      }),
      tried(100, 3_000),
    )
  })
})

function applied(
  current: readonly LineItem[],
  edits: ReturnType<typeof merged>['edits'],
): Map<string, LineItem> {
  const stored = new Map<string, LineItem>(current.map((line) => [lineKey(line), line]))
  for (const [key, line] of edits) {
    if (line) stored.set(key, line)
    else stored.delete(key)
  }
  return stored
}

const originalOf = (all: Iterable<LineItem>): number =>
  [...all].reduce((total, line) => total + line.original, 0)

describe('whatever is merged', () => {
  const anyMode = fc.constantFrom<MergeMode>('merge', 'replace')
  const anyColumns = fc
    .subarray(template.filter(({ required }) => !required).map(({ column }) => column))
    .map(
      (some): BudgetFile['columns'] => new Set([...some, 'cost_code', 'cost_type', 'original_budget_amount']),
    )

  test('a second import of the same file changes nothing', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), anyMode, (current, lines, mode) => {
        const after = [...applied(current, merged(current, fileOf(lines), mode).edits).values()]
        expect(merged(after, fileOf(lines), mode).edits.size).toBe(0)
      }),
      tried(100, 3_000),
    )
  })

  test('the sum that the preview shows is that of the lines afterwards', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), anyMode, (current, lines, mode) => {
        const { edits, original } = merged(current, fileOf(lines), mode)
        expect(original).toEqual({
          before: originalOf(current),
          after: originalOf(applied(current, edits).values()),
        })
      }),
      tried(100, 3_000),
    )
  })

  test('budget changes are never altered', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), anyMode, (current, lines, mode) => {
        const before = new Map(current.map((line) => [lineKey(line), line.changes]))
        const altered = [...merged(current, fileOf(lines), mode).edits].filter(
          ([key, line]) => line && line.changes !== (before.get(key) ?? 0),
        )
        expect(altered).toEqual([])
      }),
      tried(100, 3_000),
    )
  })

  test('every line stays valid, whichever columns the file has', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), anyColumns, (current, lines, columns) => {
        const manual = lines.map((line): LineItem => ({ ...line, calculation_strategy: 'manual' }))
        const { edits } = merged(current, fileOf(manual, columns))
        expect([...edits.values()].flatMap((line) => (line ? checkLine(line) : []))).toEqual([])
      }),
      tried(100, 3_000),
    )
  })
})

describe('what a file has no column for', () => {
  const amountsOnly: BudgetFile['columns'] = new Set(['cost_code', 'cost_type', 'original_budget_amount'])
  const automatic = givenLine(concrete, {
    calculation_strategy: 'automatic',
    quantity: Scaled4.parse(20_000),
    uom: 'ea',
    unit_cost: Scaled4.parse(30_000),
    original: cents(600),
  })
  const typed = (original: number) =>
    fileOf([givenLine(concrete, { description: '', original: cents(original) })], amountsOnly)

  test('stays as it is', () => {
    expect(kindsOf(merged([automatic], typed(600)))).toEqual([['unchanged', '03-3000']])
  })

  test('makes a line manual whose amount is no longer the product', () => {
    expect(merged([automatic], typed(700)).edits.get(lineKey(automatic))).toEqual({
      ...automatic,
      calculation_strategy: 'manual',
      original: 700,
    })
  })
})

test('a file that takes the sum past exact cents is refused', () => {
  const full = givenLine(painting, { original: cents(Number.MAX_SAFE_INTEGER) })
  const answer = mergeFile({
    current: [full],
    file: fileOf([digging]),
    mode: 'merge',
    changesTouching: untouched,
  })
  expect(refused(answer).code).toBe('LINE_INVALID')
})

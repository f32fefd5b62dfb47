import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CodeKey, compareKeys, keyOf } from '../../shared/domain/budget-code.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import {
  countKinds,
  deltaOf,
  deltasBy,
  fieldChanges,
  kindOf,
  type Sides,
  sageDifferences,
  sageTotals,
  sageTotalsBy,
} from '../../shared/domain/difference.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import { LineGroup } from '../../shared/domain/line-filter.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { sameLine } from '../../shared/domain/lines.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { anyLine, anyLines, tried } from '../arbitraries.ts'
import { concrete, earthwork, givenLine, painting } from '../given.ts'

/** What the store gives for two sets of lines. */
function sidesOf(before: readonly LineItem[], after: readonly LineItem[]): Sides[] {
  const is = new Map<CodeKey, LineItem>(after.map((line) => [lineKey(line), line]))
  const was = new Map<CodeKey, LineItem>(before.map((line) => [lineKey(line), line]))
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((key) => ({ before: was.get(key), after: is.get(key) }))
    .filter((sides) => !sides.before || !sides.after || !sameLine(sides.before, sides.after))
}

const turned = ({ before, after }: Sides): Sides => ({ before: after, after: before })

test('differences are counted by their kind', () => {
  const [a, b] = [givenLine(), givenLine(concrete, { description: 'Slab' })]
  expect(countKinds([{ before: a, after: b }, { before: a }, { before: b }, { after: a }])).toEqual({
    added: 1,
    removed: 2,
    changed: 1,
  })
})

describe('a line that differs', () => {
  const line = givenLine()

  test.each([
    ['added', { after: line }],
    ['removed', { before: line }],
    ['changed', { before: line, after: givenLine(concrete, { uom: 'CY' }) }],
  ] as const)('is %s', (kind, sides) => {
    expect(kindOf(sides)).toBe(kind)
  })

  test('tells old and new of every field that differs, and of no other', () => {
    const after = givenLine(concrete, {
      description: 'Concrete',
      calculation_strategy: 'automatic',
      quantity: Scaled4.parse(1_000_000),
      uom: 'CY',
      unit_cost: Scaled4.parse(33_000_000),
      original: cents(33_000_000),
    })
    expect(fieldChanges({ before: line, after })).toEqual([
      { field: 'description', old_value: 'Cast-in-place concrete', new_value: 'Concrete' },
      { field: 'calculation_strategy', old_value: 'manual', new_value: 'automatic' },
      { field: 'quantity', old_value: null, new_value: '100' },
      { field: 'uom', old_value: '', new_value: 'CY' },
      { field: 'unit_cost', old_value: null, new_value: '3300' },
      { field: 'original_budget_amount', old_value: '325000.00', new_value: '330000.00' },
    ])
  })

  test('that was added tells nothing of fields that say nothing', () => {
    expect(fieldChanges({ after: line }).map(({ field }) => field)).toEqual([
      'description',
      'calculation_strategy',
      'original_budget_amount',
      'budget_changes',
    ])
  })

  test('tells a field exactly when the two lines are not the same', () => {
    fc.assert(
      fc.property(anyLine, anyLine, (before, drawn) => {
        const after = { ...drawn, code: before.code }
        expect(fieldChanges({ before, after }).length === 0).toBe(sameLine(before, after))
      }),
      tried(200, 5_000),
    )
  })
})

test('a difference read backwards is the difference turned round', () => {
  fc.assert(
    fc.property(anyLines(), anyLines(), (a, b) => {
      const there = sidesOf(a, b)
      const back = sidesOf(b, a)
      const { added, removed, changed } = countKinds(there)
      expect(countKinds(back)).toEqual({ added: removed, removed: added, changed })
      for (const sides of there) {
        const { original, changes } = deltaOf(sides)
        const other = deltaOf(turned(sides))
        expect([cents(original + other.original), cents(changes + other.changes)]).toEqual([0, 0])
        expect(
          fieldChanges(turned(sides)).map(({ field, old_value, new_value }) => [field, new_value, old_value]),
        ).toEqual(fieldChanges(sides).map(({ field, old_value, new_value }) => [field, old_value, new_value]))
      }
    }),
    tried(50, 2_000),
  )
})

test('what differs line by line sums up to what differs in total', () => {
  fc.assert(
    fc.property(anyLines(), anyLines(), (a, b) => {
      const deltas = sidesOf(a, b).map(deltaOf)
      const total = deltaOf({ before: totalsOf(a), after: totalsOf(b) })
      expect(deltas.reduce((sum, { original }) => sum + original, 0)).toBe(total.original)
      expect(deltas.reduce((sum, { changes }) => sum + changes, 0)).toBe(total.changes)
    }),
    tried(50, 2_000),
  )
})

const groups = fc.constantFrom(...LineGroup.options)

/** The part of a code that lines are added up by, told apart from the grouping that is tested. */
const nameIn = (group: LineGroup, { sub_job, cost_code, cost_type }: LineItem['code']): string =>
  ({ sub_job, cost_type, division: /^[^-./]*/.exec(cost_code)?.[0] ?? '' })[group]

/** The names of all groups, each once and in their order. */
const namesIn = (group: LineGroup, coded: readonly Pick<LineItem, 'code'>[]): string[] =>
  [...new Set(coded.map(({ code }) => nameIn(group, code)))].toSorted(compareKeys)

test('what differs by division, sub job or cost type is, group by group, what differs in its lines', () => {
  fc.assert(
    fc.property(groups, anyLines(), anyLines(), (group, a, b) => {
      const differences = sidesOf(a, b).map((sides) => ({
        ...sides,
        code: (sides.after ?? sides.before)!.code,
      }))
      const subtotals = deltasBy(group, differences)
      expect(subtotals.map(({ name }) => name)).toEqual(namesIn(group, differences))
      for (const { name, counts, ...delta } of subtotals) {
        const ofGroup = ({ code }: LineItem) => nameIn(group, code) === name
        const [before, after] = [a.filter(ofGroup), b.filter(ofGroup)]
        expect(delta).toEqual(deltaOf({ before: totalsOf(before), after: totalsOf(after) }))
        expect(counts).toEqual(countKinds(sidesOf(before, after)))
      }
    }),
    tried(50, 2_000),
  )
})

const row = (code: LineItem['code'], original: number, changes = 0) => ({
  code,
  original: cents(original),
  changes: cents(changes),
})

describe('against what Sage holds', () => {
  test('a line that agrees is not told', () => {
    const line = givenLine(concrete, { changes: cents(1_500_000) })
    expect(sageDifferences([line], [row(concrete, 32_500_000, 1_500_000)])).toEqual([])
  })

  test('the mode in which Sage took it does not matter', () => {
    expect(sageDifferences([givenLine()], [row(concrete, 0, 32_500_000)])).toEqual([])
  })

  test('a new line, a line that went and a corrected original are told, in key order', () => {
    const corrected = givenLine(concrete, { original: cents(33_000_000) })
    const added = givenLine(painting)
    const position = [row(concrete, 32_500_000), row(earthwork, 10_000, 500)]
    expect(sageDifferences([added, corrected], position)).toEqual([
      { code: concrete, line: corrected, held: row(concrete, 32_500_000), due: 500_000 },
      { code: painting, line: added, held: { original: 0, changes: 0 }, due: 32_500_000 },
      { code: earthwork, line: undefined, held: row(earthwork, 10_000, 500), due: -10_500 },
    ])
  })

  test('the totals count what agrees too', () => {
    const lines = [givenLine(concrete, { changes: cents(1_500_000) }), givenLine(painting)]
    expect(sageTotals(lines, [row(concrete, 32_500_000, 1_500_000)])).toEqual({
      held: { original: 32_500_000, changes: 1_500_000 },
      revised: 66_500_000,
    })
  })

  test('the totals by division, sub job or cost type are, group by group, those of its lines', () => {
    fc.assert(
      fc.property(groups, anyLines(), anyLines(), (group, lines, taken) => {
        const position = taken.map(({ code, original, changes }) => ({ code, original, changes }))
        const names = namesIn(group, [...lines, ...position])
        const ofGroup =
          (name: string) =>
          ({ code }: Pick<LineItem, 'code'>) =>
            nameIn(group, code) === name
        expect(sageTotalsBy(group, lines, position)).toEqual(
          names.map((name) => ({
            name,
            ...sageTotals(lines.filter(ofGroup(name)), position.filter(ofGroup(name))),
          })),
        )
      }),
      tried(50, 2_000),
    )
  })

  test('what differs is what a later export would hold, key by key and cent by cent', () => {
    fc.assert(
      fc.property(anyLines(), anyLines(), (lines, taken) => {
        const position = [
          row(concrete, 100),
          ...taken.map(({ code, original, changes }) => ({ code, original, changes })),
        ]
        const [part] = entriesToExport(lines, position)
        expect(sageDifferences(lines, position).map(({ code, due }) => [keyOf(code), due])).toEqual(
          (part?.entries ?? []).map(({ code, cents: due }) => [keyOf(code), due]),
        )
      }),
      tried(50, 2_000),
    )
  })

  test('nothing in Sage yet: every line with an amount differs by its revised estimate', () => {
    const empty = givenLine(painting, { original: noCents })
    expect(sageDifferences([givenLine(), empty], []).map(({ code, due }) => [code, due])).toEqual([
      [concrete, 32_500_000],
    ])
  })
})

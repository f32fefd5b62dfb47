import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { filtered, LineFilter, LineGroup, subtotalsBy } from '../../shared/domain/line-filter.ts'
import { lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { tried } from '../arbitraries.ts'
import { concrete, givenLine } from '../given.ts'
import { drawnLines } from './budget-draws.ts'

test.each(LineGroup.options)('subtotals by %s add up to the totals of all lines', (group) => {
  fc.assert(
    fc.property(drawnLines, (lines) => {
      const subtotals = subtotalsBy(group, lines)
      const add = (figure: 'lines' | 'original' | 'changes'): number =>
        subtotals.reduce((sum, each) => sum + each[figure], 0)
      expect({ lines: add('lines'), original: add('original'), changes: add('changes') }).toEqual(
        totalsOf(lines),
      )
    }),
    tried(50, 2_000),
  )
})

test.each(LineGroup.options)('the lines of one %s are those of its subtotal', (group) => {
  fc.assert(
    fc.property(drawnLines, (lines) => {
      for (const { name, ...totals } of subtotalsBy(group, lines))
        expect(totalsOf(filtered(lines, { [group]: name }))).toEqual(totals)
    }),
    tried(50, 2_000),
  )
})

test('lines agree with every part that is named, blanks around it apart', () => {
  const lines = ['L', 'M'].map((cost_type) => givenLine({ ...concrete, cost_type }))
  const named = { cost_code: ` ${concrete.cost_code} `, cost_type: 'M ' }
  expect(filtered(lines, named).map((line) => lineKey(line))).toEqual([lineKey(lines[1]!)])
})

test.each(LineFilter.keyof().options)('%s is named in a hundred characters at most', (part) => {
  const named = (length: number) => LineFilter.safeParse({ [part]: 'x'.repeat(length) }).success
  expect([named(100), named(101)]).toEqual([true, false])
})

test('lines are added up by three parts of their code', () => {
  expect(LineGroup.options).toEqual(['division', 'sub_job', 'cost_type'])
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { filtered, LineGroup, subtotalsBy } from '../../shared/domain/line-filter.ts'
import { totalsOf } from '../../shared/domain/line-item.ts'
import { tried } from '../arbitraries.ts'
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

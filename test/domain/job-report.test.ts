import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import type { LedgerRow } from '../../shared/domain/export.ts'
import { jobReport, type ReportFigures, sumsOf } from '../../shared/domain/job-report.ts'
import { anyBudgetCode, tried } from '../arbitraries.ts'

const labor = budgetCode('', '03-3000', 'L')
const row = (original: number, changes = 0, code = labor): LedgerRow => ({
  code,
  original: cents(original),
  changes: cents(changes),
})

const shown = ({ made, difference }: ReportFigures) => ({
  acknowledged: made?.acknowledged,
  not_acknowledged: made?.not_acknowledged,
  difference,
})
const amounts = (original: number, changes = 0) => ({ original: cents(original), changes: cents(changes) })

/** One key on which an export of 100 original was sent, over a baseline of 7 that was made in Sage. */
const sent = (state: { taken: boolean; sage: LedgerRow }): ReportFigures => {
  const taken = state.taken ? [row(100)] : []
  const before = { baseline: [row(7)], asRead: [row(7)], sent: [row(100)], taken }
  const open = state.taken ? [] : [row(100)]
  const [found] = jobReport({ taken, open, sage: [state.sage], before })
  return found!
}

it.each([
  ['waits for posting', false, row(7), amounts(0), amounts(0)],
  ['is posted and not confirmed yet', false, row(107), amounts(0), amounts(100)],
  ['is posted and confirmed', true, row(107), amounts(0), amounts(0)],
  ['was said to be posted, and Sage does not show it', true, row(7), amounts(0), amounts(-100)],
  ['is posted, and somebody entered more by hand', true, row(110), amounts(3), amounts(0)],
  ['is half in Sage: by hand, for all that is known', false, row(57), amounts(50), amounts(0)],
  ['is posted twice', true, row(207), amounts(100), amounts(0)],
  ['stands in the other box', true, row(7, 100), amounts(0, 100), amounts(-100)],
])('a file that %s', (_, taken, sage, not_acknowledged, difference) => {
  expect(shown(sent({ taken, sage }))).toEqual({ acknowledged: amounts(7), not_acknowledged, difference })
})

it('what a reading does not show yet of a file before is a difference, and nothing made in Sage', () => {
  const [found] = jobReport({
    taken: [row(100)],
    open: [row(0, 5)],
    sage: [],
    before: { baseline: [row(100)], asRead: [], sent: [row(0, 5)], taken: [] },
  })
  expect(shown(found!)).toEqual({
    acknowledged: amounts(0),
    not_acknowledged: amounts(0),
    difference: amounts(-100),
  })
})

it('a job that was never read shows the ledger alone', () => {
  const rows = jobReport({ taken: [row(100)], open: [] })
  expect(rows).toEqual([
    {
      code: labor,
      taken: amounts(100),
      open: amounts(0),
      sage: undefined,
      made: undefined,
      difference: undefined,
    },
  ])
})

it('without a reading before the file nothing tells what was made in Sage', () => {
  const rows = jobReport({ taken: [row(100)], open: [], sage: [row(130)] })
  expect(rows.map(shown)).toEqual([
    { acknowledged: undefined, not_acknowledged: undefined, difference: amounts(30) },
  ])
})

it('a key without any amount is left out', () => {
  expect(jobReport({ taken: [row(0)], open: [], sage: [row(0)] })).toEqual([])
})

const largest = 9_999_999_999
const drawnRows = fc.array(
  fc.record({
    code: anyBudgetCode,
    original: fc.integer({ min: -largest, max: largest }).map(cents),
    changes: fc.integer({ min: -largest, max: largest }).map(cents),
  }),
  { maxLength: 12 },
)

it('adds up to the cent, row by row and in total: Sage is what was taken, what was made there, and the difference', () => {
  const drawn = fc.record({
    taken: drawnRows,
    open: drawnRows,
    sage: drawnRows,
    before: fc.record({ baseline: drawnRows, asRead: drawnRows, sent: drawnRows, taken: drawnRows }),
  })
  fc.assert(
    fc.property(drawn, (figures) => {
      const rows = jobReport(figures)
      const sums = sumsOf(rows, { sage: true, made: true })
      for (const mode of ['original', 'changes'] as const) {
        const total = (list: readonly LedgerRow[]) => list.reduce((to, each) => to + each[mode], 0)
        expect([sums.taken[mode], sums.open[mode], sums.sage?.[mode]]).toEqual(
          [figures.taken, figures.open, figures.sage].map(total),
        )
        for (const { taken, sage, made, difference } of [...rows, sums])
          expect(
            taken[mode] + made!.acknowledged[mode] + made!.not_acknowledged[mode] + difference![mode],
          ).toBe(sage![mode])
      }
    }),
    tried(300, 20_000),
  )
})

it('a row of which it is not known what was made in Sage adds nothing to what was', () => {
  const rows = jobReport({ taken: [row(100)], open: [] })
  const { made } = sumsOf(rows, { sage: true, made: true })
  expect(made).toEqual({ acknowledged: amounts(0), not_acknowledged: amounts(0) })
})

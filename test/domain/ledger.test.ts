import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetCode, keyOf } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { EntryException, LedgerRow } from '../../shared/domain/export.ts'
import {
  applyTaken,
  firstExport,
  inSage,
  leftOut,
  negative,
  openingPosition,
  type PartOutcome,
  settlementDiffers,
} from '../../shared/domain/ledger.ts'
import { runs } from '../runs.ts'
import { drawnEntries, line } from './budget-draws.ts'

const labor = budgetCode('', '03-3000', 'L')
const sub = budgetCode('', '03-3000', 'S')
const extra = budgetCode('001', '31-2000', 'S')
const taken: PartOutcome = { mode: 'original_estimate', outcome: 'taken', exceptions: [] }
const row = (code: LedgerRow['code'], original: number, changes: number): LedgerRow => ({
  code,
  original: cents(original),
  changes: cents(changes),
})

describe('what Sage holds of ours', () => {
  it('is the sum over both modes', () => {
    expect(inSage([row(labor, 100, 50), row(sub, 7, -7)])).toEqual(
      new Map([
        [keyOf(labor), 150],
        [keyOf(sub), 0],
      ]),
    )
  })

  it('grows by the entries of a part, in the mode of the part', () => {
    const entries = [
      { code: sub, cents: cents(500) },
      { code: extra, cents: cents(-20) },
    ]
    expect(applyTaken([row(sub, 1, 2)], { ...taken, mode: 'approved_estimate_change' }, entries)).toEqual([
      row(sub, 1, 502),
      row(extra, 0, -20),
    ])
  })

  it.each(['rejected', 'withdrawn', 'open'] as const)('gains nothing from an entry that is %s', (outcome) => {
    const entries = [
      { code: labor, cents: cents(1) },
      { code: sub, cents: cents(2) },
    ]
    const exceptions: EntryException[] = [{ code: sub, outcome }]
    expect(applyTaken([], { ...taken, exceptions }, entries)).toEqual([row(labor, 1, 0)])
  })

  it.each(['rejected', 'withdrawn', 'open'] as const)('gains nothing from a part that is %s', (outcome) => {
    const entries = [{ code: labor, cents: cents(1) }]
    expect(applyTaken([], { ...taken, outcome }, entries)).toEqual([])
  })

  it('gains the one entry that was taken of a withdrawn part', () => {
    const entries = [
      { code: labor, cents: cents(1) },
      { code: sub, cents: cents(2) },
    ]
    const exceptions: EntryException[] = [{ code: sub, outcome: 'taken' }]
    expect(applyTaken([], { ...taken, outcome: 'withdrawn', exceptions }, entries)).toEqual([row(sub, 2, 0)])
  })

  it('counts an entry taken in the wrong box where it stands, with the same sum', () => {
    const exceptions: EntryException[] = [{ code: sub, outcome: 'taken', mode: 'approved_estimate_change' }]
    const rows = applyTaken([], { ...taken, exceptions }, [{ code: sub, cents: cents(900) }])
    expect(rows).toEqual([row(sub, 0, 900)])
  })

  it('is taken away again by what takes it back', () => {
    expect(negative(row(sub, 500, -20))).toEqual(row(sub, -500, 20))
  })

  it('does not take an exception for a key that was not sent', () => {
    const exceptions: EntryException[] = [{ code: extra, outcome: 'rejected' }]
    expect(() => applyTaken([], { ...taken, exceptions }, [])).toThrow('001.31-2000.S')
  })

  it('is told in key order, one row per key, whatever the order of the entries', () => {
    fc.assert(
      fc.property(drawnEntries, (entries) => {
        const rows = applyTaken([], taken, entries)
        const keys = rows.map(({ code }) => keyOf(code))
        expect(keys).toEqual([...new Set(keys)].toSorted())
        expect(applyTaken([], taken, entries.toReversed())).toEqual(rows)
      }),
      { numRuns: runs(100, 2_000) },
    )
  })
})

describe('the first export', () => {
  it('is one with nothing in the ledger', () => {
    expect([firstExport(undefined), firstExport([])]).toEqual([true, true])
  })

  it('is over once anything was taken', () => {
    expect(firstExport([row(labor, 1, 0)])).toBe(false)
  })

  it('does not come back when what was taken has come down to zero', () => {
    const once = applyTaken([], taken, [{ code: labor, cents: cents(100) }])
    const zero = applyTaken(once, taken, [{ code: labor, cents: cents(-100) }])
    expect(firstExport(zero)).toBe(false)
  })

  it('stays ahead when everything was withdrawn', () => {
    const entries = [{ code: labor, cents: cents(100) }]
    expect(firstExport(applyTaken([], { ...taken, outcome: 'withdrawn' }, entries))).toBe(true)
  })
})

describe('an import from Sage', () => {
  it('enters both figures of every key that has one, and no key without', () => {
    const total = { extra: '', cost_code: '03-3000', original: cents(500), changes: cents(-20) }
    const totals = [
      { ...total, category: 'S' },
      { ...total, category: 'L', original: cents(0) },
      { ...total, category: 'E', changes: cents(0) },
      { ...total, category: 'M', original: cents(0), changes: cents(0) },
    ]
    expect(openingPosition(totals)).toEqual([
      row(budgetCode('', '03-3000', 'E'), 500, 0),
      row(labor, 0, -20),
      row(sub, 500, -20),
    ])
  })

  it('makes the next export send differences only', () => {
    const position = openingPosition([
      { extra: '', cost_code: '03-3000', category: 'S', original: cents(500), changes: cents(-20) },
    ])
    expect(entriesToExport([line(sub, cents(500), cents(30))], position)).toEqual([
      { mode: 'approved_estimate_change', entries: [{ code: sub, cents: 50 }] },
    ])
  })
})

describe('a settlement', () => {
  const lines = [line(labor, cents(100), cents(5)), line(sub, cents(0))]

  it('differs nowhere when Sage holds the revised estimates', () => {
    expect(settlementDiffers(lines, [row(labor, 100, 5)])).toEqual([])
  })

  it('differs on a line that Sage holds another sum of', () => {
    expect(settlementDiffers(lines, [row(labor, 100, 4)])).toEqual([keyOf(labor)])
  })

  it('differs on a key that the budget has no more', () => {
    expect(settlementDiffers(lines, [row(labor, 100, 5), row(extra, 1, 0)])).toEqual([keyOf(extra)])
  })

  const carried = { ...taken, part: 1, entries: [{ code: labor, cents: cents(105) }] }
  const rejectedHere: EntryException[] = [{ code: labor, outcome: 'rejected' }]

  it('differs nowhere when what Sage does not hold was closed as withdrawn', () => {
    expect(settlementDiffers(lines, [], [{ ...carried, outcome: 'withdrawn' }])).toEqual([])
  })

  it('differs on a line that was closed as withdrawn and stands in Sage', () => {
    const parts = [{ ...carried, outcome: 'withdrawn' as const }]
    expect(settlementDiffers(lines, [row(labor, 105, 0)], parts)).toEqual([keyOf(labor)])
  })

  it('differs nowhere when a correction carried again what was rejected', () => {
    const parts = [
      { ...carried, exceptions: rejectedHere },
      { ...carried, part: 2, corrects: 1 },
    ]
    expect(settlementDiffers(lines, [row(labor, 105, 0)], parts)).toEqual([])
    expect(settlementDiffers(lines, [row(labor, 210, 0)], parts)).toEqual([keyOf(labor)])
  })

  it('differs nowhere when a rejected line was closed so and not sent again', () => {
    expect(settlementDiffers(lines, [], [{ ...carried, exceptions: rejectedHere }])).toEqual([])
  })

  it('leaves out what was withdrawn, whatever a correction carries', () => {
    const withdrawn = { ...carried, outcome: 'withdrawn' as const }
    expect(leftOut([withdrawn, { ...carried, part: 2, corrects: 1 }])).toEqual(new Map([[keyOf(labor), 105]]))
  })

  it('differs on a line that Sage does not have', () => {
    expect(settlementDiffers(lines, [])).toEqual([keyOf(labor)])
  })
})

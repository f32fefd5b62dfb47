import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetCode, type CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { EntryException, ExportMode, LedgerRow, PartEntries } from '../../shared/domain/export.ts'
import { applyTaken, inSage, settlementDiffers } from '../../shared/domain/ledger.ts'
import { type LineItem, revisedEstimate } from '../../shared/domain/line-item.ts'
import { runs } from '../runs.ts'
import { drawnLines, line } from './budget-draws.ts'

const modes: readonly ExportMode[] = ['original_estimate', 'approved_estimate_change']

/** What a poster reported of one entry: drawn by position, so that any number of entries finds its fate. */
type Fate = 'taken' | 'wrong box' | 'rejected' | 'withdrawn'
const drawnFates = fc.array(
  fc.constantFrom<Fate>('taken', 'taken', 'taken', 'wrong box', 'rejected', 'withdrawn'),
  { minLength: 1, maxLength: 12 },
)

const exceptionsOf = ({ mode, entries }: PartEntries, fates: readonly Fate[]): EntryException[] =>
  entries.flatMap(({ code }, index): EntryException[] => {
    const fate = fates[index % fates.length]!
    if (fate === 'taken') return []
    if (fate === 'wrong box')
      return [{ code, outcome: 'taken', mode: modes.find((other) => other !== mode)! }]
    return [{ code, outcome: fate }]
  })

/** Settles an export: every part as the fates say. Returns the position and, per key, what Sage did not take. */
function settle(
  lines: readonly LineItem[],
  before: readonly LedgerRow[],
  fates: readonly Fate[],
): { position: LedgerRow[]; untaken: Map<CodeKey, number> } {
  let position = [...before]
  const untaken = new Map<CodeKey, number>()
  for (const part of entriesToExport(lines, before)) {
    const exceptions = exceptionsOf(part, fates)
    position = applyTaken(position, { mode: part.mode, outcome: 'taken', exceptions }, part.entries)
    const lost = new Set(
      exceptions.filter(({ outcome }) => outcome !== 'taken').map(({ code }) => keyOf(code)),
    )
    for (const { code, cents: amount } of part.entries)
      if (lost.has(keyOf(code))) untaken.set(keyOf(code), (untaken.get(keyOf(code)) ?? 0) + amount)
  }
  return { position, untaken }
}

const drawnCycles = fc.array(fc.record({ lines: drawnLines, fates: drawnFates }), { maxLength: 6 })

describe('after every settled export', () => {
  it('Sage holds the revised estimate of the exported version, less what was rejected or withdrawn', () => {
    fc.assert(
      fc.property(drawnCycles, (cycles) => {
        let position: LedgerRow[] = []
        for (const { lines, fates } of cycles) {
          const settled = settle(lines, position, fates)
          const keys = new Set([...inSage(position).keys(), ...lines.map(({ code }) => keyOf(code))])
          position = settled.position
          const revised = new Map(lines.map((item) => [keyOf(item.code), revisedEstimate(item)]))
          for (const key of keys) {
            const due = (revised.get(key) ?? 0) - (settled.untaken.get(key) ?? 0)
            expect(inSage(position).get(key) ?? 0).toBe(due)
          }
        }
      }),
      { numRuns: runs(150, 3_000) },
    )
  })

  it('the next export of the same lines holds exactly what was rejected or withdrawn', () => {
    fc.assert(
      fc.property(drawnLines, drawnLines, drawnFates, (before, lines, fates) => {
        const { position } = settle(before, [], ['taken'])
        fc.pre(position.length > 0)
        const { position: after, untaken } = settle(lines, position, fates)
        const next = entriesToExport(lines, after).flatMap(({ entries }) => entries)
        expect(new Map(next.map(({ code, cents: amount }) => [keyOf(code), amount]))).toEqual(untaken)
      }),
      { numRuns: runs(100, 3_000) },
    )
  })

  it('nothing differs and nothing is left to export when all was taken', () => {
    fc.assert(
      fc.property(drawnLines, drawnLines, (before, lines) => {
        const { position } = settle(lines, settle(before, [], ['taken']).position, ['taken'])
        expect(settlementDiffers(lines, position)).toEqual([])
        fc.pre(position.length > 0)
        expect(entriesToExport(lines, position)).toEqual([])
      }),
      { numRuns: runs(100, 3_000) },
    )
  })

  it('a wrong box alters no sum', () => {
    fc.assert(
      fc.property(drawnLines, (lines) => {
        const right = settle(lines, [], ['taken']).position
        const wrong = settle(lines, [], ['wrong box']).position
        expect(inSage(wrong)).toEqual(inSage(right))
      }),
      { numRuns: runs(50, 1_000) },
    )
  })
})

describe('two exports in a row', () => {
  it('send together, per key, what one export of the last version would have sent', () => {
    fc.assert(
      fc.property(drawnLines, drawnLines, drawnLines, (first, second, third) => {
        const { position } = settle(first, [], ['taken'])
        fc.pre(position.length > 0)
        const sum = new Map<CodeKey, number>()
        const add = (parts: readonly PartEntries[]): void => {
          for (const { code, cents: amount } of parts.flatMap(({ entries }) => entries))
            sum.set(keyOf(code), (sum.get(keyOf(code)) ?? 0) + amount)
        }
        add(entriesToExport(second, position))
        add(entriesToExport(third, settle(second, position, ['taken']).position))
        const straight = entriesToExport(third, position).flatMap(({ entries }) => entries)
        const moved = new Map([...sum].filter(([, amount]) => amount !== 0))
        expect(moved).toEqual(new Map(straight.map(({ code, cents: amount }) => [keyOf(code), amount])))
      }),
      { numRuns: runs(100, 3_000) },
    )
  })
})

describe('the worked example, 03-3000.S', () => {
  const code = budgetCode('', '03-3000', 'S')
  const first = [line(code, cents(325_000_00))]
  const second = [line(code, cents(325_000_00), cents(15_000_00))]
  const afterFirst = settle(first, [], ['taken']).position
  const [part] = entriesToExport(second, afterFirst)

  it('sends 325,000 as original estimate', () => {
    expect(entriesToExport(first, [])).toEqual([
      { mode: 'original_estimate', entries: [{ code, cents: 325_000_00 }] },
    ])
  })

  it('sends the change of 15,000 alone', () => {
    expect(part).toEqual({ mode: 'approved_estimate_change', entries: [{ code, cents: 15_000_00 }] })
  })

  it('holds 340,000 once the correction of the rejected line is taken', () => {
    const exceptions: EntryException[] = [{ code, outcome: 'rejected' }]
    const mode = part!.mode
    const rejected = applyTaken(afterFirst, { mode, outcome: 'taken', exceptions }, part!.entries)
    const corrected = applyTaken(rejected, { mode, outcome: 'taken', exceptions: [] }, part!.entries)
    expect(corrected).toEqual([{ code, original: 325_000_00, changes: 15_000_00 }])
    expect(entriesToExport(second, corrected)).toEqual([])
  })
})

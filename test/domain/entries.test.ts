import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetCode, keyOf } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import {
  entriesBytes,
  entriesToExport,
  entriesTogether,
  exportHash,
  increasesOf,
  movedAmount,
  oneEntryPerKey,
  partTotals,
} from '../../shared/domain/entries.ts'
import type { ExportEntry, LedgerRow, PartEntries } from '../../shared/domain/export.ts'
import { canonicalJson, sha256 } from '../../shared/store/content-hash.ts'
import { runs } from '../runs.ts'
import { drawnEntries, drawnLines, line } from './budget-draws.ts'

const labor = budgetCode('', '03-3000', 'L')
const sub = budgetCode('', '03-3000', 'S')
const extra = budgetCode('001', '31-2000', 'S')
const entry = (code: ExportEntry['code'], amount: number): ExportEntry => ({ code, cents: cents(amount) })
const held = (code: LedgerRow['code'], original: number, changes = 0): LedgerRow => ({
  code,
  original: cents(original),
  changes: cents(changes),
})
const original = (...entries: ExportEntry[]): PartEntries => ({ mode: 'original_estimate', entries })
const first = ({ entries: [found] }: PartEntries): ExportEntry => found!
const change = (...entries: ExportEntry[]): PartEntries => ({ mode: 'approved_estimate_change', entries })

describe('entries', () => {
  it('of nothing are none', () => {
    expect(oneEntryPerKey([entry(labor, 0), entry(sub, 5)])).toEqual([entry(sub, 5)])
  })

  it('that take away do not count as increases', () => {
    expect(increasesOf([entry(labor, 5), entry(sub, -3), entry(extra, 2)])).toBe(7)
  })
})

describe('a first export', () => {
  it('sends originals, then the approved changes', () => {
    const lines = [line(sub, cents(325_000_00), cents(15_000_00)), line(labor, cents(185_000_00))]
    expect(entriesToExport(lines, [])).toEqual([
      original(entry(labor, 185_000_00), entry(sub, 325_000_00)),
      change(entry(sub, 15_000_00)),
    ])
  })

  it('has no second part without changes', () => {
    expect(entriesToExport([line(sub, cents(5))], [])).toEqual([original(entry(sub, 5))])
  })

  it('has only changes where all originals are zero', () => {
    expect(entriesToExport([line(sub, cents(0), cents(5))], [])).toEqual([change(entry(sub, 5))])
  })

  it('of zero lines holds nothing', () => {
    expect(entriesToExport([line(sub, cents(0)), line(labor, cents(0))], [])).toEqual([])
  })
})

describe('a later export', () => {
  it('sends a corrected original as a change, never as a second original', () => {
    expect(entriesToExport([line(sub, cents(90))], [held(sub, 100)])).toEqual([change(entry(sub, -10))])
  })

  it('sends a new line as a change', () => {
    expect(entriesToExport([line(sub, cents(100)), line(extra, cents(7))], [held(sub, 100)])).toEqual([
      change(entry(extra, 7)),
    ])
  })

  it('takes a line that is gone down to zero', () => {
    expect(entriesToExport([], [held(sub, 100, 5)])).toEqual([change(entry(sub, -105))])
  })

  it('holds nothing where Sage holds the revised estimate, in whatever mode it was taken', () => {
    expect(entriesToExport([line(sub, cents(100), cents(5))], [held(sub, 0, 105)])).toEqual([])
  })

  it('sends a line again that came down to zero in Sage and has come back', () => {
    expect(entriesToExport([line(sub, cents(8))], [held(sub, 100, -100)])).toEqual([change(entry(sub, 8))])
  })
})

describe('entries', () => {
  it('are the same whatever the order of lines and ledger', () => {
    const drawn = fc.record({ lines: drawnLines, before: drawnLines })
    fc.assert(
      fc.property(drawn, ({ lines, before }) => {
        const position = before.map(({ code, original: taken, changes }) => ({
          code,
          original: taken,
          changes,
        }))
        expect(entriesToExport(lines.toReversed(), position.toReversed())).toEqual(
          entriesToExport(lines, position),
        )
      }),
      { numRuns: runs(100, 2_000) },
    )
  })

  it('come one per key and part, sorted, none zero', () => {
    fc.assert(
      fc.property(drawnLines, (lines) => {
        for (const { entries } of entriesToExport(lines, [])) {
          const keys = entries.map(({ code }) => keyOf(code))
          expect(keys).toEqual([...new Set(keys)].toSorted())
          expect(entries.some((some) => some.cents === 0)).toBe(false)
        }
      }),
      { numRuns: runs(100, 2_000) },
    )
  })

  it('with equal keys become one with their sum', () => {
    expect(oneEntryPerKey([entry(sub, 5), entry(labor, 1), entry(sub, 6)])).toEqual([
      entry(labor, 1),
      entry(sub, 11),
    ])
  })

  it('that cancel each other fall away', () => {
    expect(oneEntryPerKey([entry(sub, 5), entry(sub, -5)])).toEqual([])
  })

  it('of a part and its correction come to the part again', () => {
    const sent = [entry(labor, 1), entry(sub, 2)]
    expect(entriesTogether(sent, [sub], [entry(sub, 2)])).toEqual(sent)
  })

  it('that were rejected and not sent again are left out', () => {
    expect(entriesTogether([entry(labor, 1), entry(sub, 2)], [sub], [])).toEqual([entry(labor, 1)])
  })
})

describe('what is accepted', () => {
  const parts = [original(entry(labor, 300), entry(sub, -100)), change(entry(extra, -7))]

  it('is each part with its number, mode, count and total', () => {
    const plain = partTotals(parts).map(({ part, mode, entries, total }) => ({ part, mode, entries, total }))
    expect(plain).toEqual([
      { part: 1, mode: 'original_estimate', entries: 2, total: 200 },
      { part: 2, mode: 'approved_estimate_change', entries: 1, total: -7 },
    ])
  })

  it('moves the sum of the absolute values', () => {
    expect(movedAmount(parts)).toBe(407)
  })

  it('has documented bytes', () => {
    const bytes = new TextDecoder().decode(entriesBytes(change(entry(extra, -7))))
    expect(bytes).toBe('[{"cents":-7,"code":{"cost_code":"31-2000","cost_type":"S","sub_job":"001"}}]')
  })

  it('is hashed under the address at which its entries are stored', () => {
    fc.assert(
      fc.property(drawnEntries, (entries) => {
        const part = change(...oneEntryPerKey(entries))
        expect(partTotals([part])[0]?.sha256).toBe(sha256(canonicalJson(part.entries)))
      }),
      { numRuns: runs(50, 1_000) },
    )
  })
})

describe('the export hash', () => {
  const drawnPart = fc
    .record({
      mode: fc.constantFrom('original_estimate' as const, 'approved_estimate_change' as const),
      entries: drawnEntries,
    })
    .filter(({ entries }) => entries.length > 0)

  const changesWhen = (alter: (part: PartEntries) => PartEntries): void => {
    fc.assert(
      fc.property(drawnPart, (part) => {
        expect(exportHash([alter(part)])).not.toBe(exportHash([part]))
      }),
      { numRuns: runs(50, 1_000) },
    )
  }

  it('stays when the entries come in another order', () => {
    fc.assert(
      fc.property(drawnPart, (part) => {
        const turned = { ...part, entries: part.entries.toReversed() }
        expect(exportHash([turned])).toBe(exportHash([part]))
      }),
      { numRuns: runs(50, 1_000) },
    )
  })

  it('changes with a cent', () => {
    changesWhen((part) => {
      const { code, cents: amount } = first(part)
      const other = amount === -1 ? 1 : amount + 1
      return { ...part, entries: [{ code, cents: cents(other) }, ...part.entries.slice(1)] }
    })
  })

  it.each(['sub_job', 'cost_code', 'cost_type'] as const)('changes with the %s of a key', (section) => {
    changesWhen((part) => {
      const { code, cents: amount } = first(part)
      const other = { code: { ...code, [section]: `${code[section]}9` }, cents: amount }
      return { ...part, entries: [other, ...part.entries.slice(1)] }
    })
  })

  it('changes when a character moves from one section of the key to the next', () => {
    const a = change({ code: { sub_job: '1', cost_code: '03-3000', cost_type: 'S' }, cents: cents(5) })
    const b = change({ code: { sub_job: '', cost_code: '103-3000', cost_type: 'S' }, cents: cents(5) })
    expect(exportHash([a])).not.toBe(exportHash([b]))
  })

  it('changes with the mode', () => {
    changesWhen(({ mode, entries }) => ({
      mode: mode === 'original_estimate' ? 'approved_estimate_change' : 'original_estimate',
      entries,
    }))
  })

  it('changes when an entry is left out', () => {
    changesWhen(({ mode, entries }) => ({ mode, entries: entries.slice(1) }))
  })

  it('changes when the same entries stand in another part', () => {
    const [a, b] = [change(entry(sub, 5)), change(entry(labor, 6))]
    expect(exportHash([a, b])).not.toBe(exportHash([b, a]))
  })

  it('changes when one part becomes two', () => {
    const [a, b] = [entry(labor, 6), entry(sub, 5)]
    expect(exportHash([change(a), change(b)])).not.toBe(exportHash([change(a, b)]))
  })
})

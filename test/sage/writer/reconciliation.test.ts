import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { entriesTogether } from '../../../shared/domain/entries.ts'
import type { ExportMode, ObservationKind } from '../../../shared/domain/export.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import type { SageTotal } from '../../../shared/domain/sage-company.ts'
import {
  importStopped,
  joinBaseline,
  madeInSage,
  notShownYet,
  observe,
  postedOrNot,
  sameObservation,
  staleSince,
} from '../../../shared/sage/reconciliation.ts'
import { runs } from '../../runs.ts'
import { drawnEntries } from '../../domain/budget-draws.ts'
import { changes, entry, originals } from './clinic.ts'

const at = Instant.parse('2026-11-22T12:00:00.000Z')
const total = (
  extra: string,
  cost_code: string,
  category: string,
  original: number,
  change: number,
): SageTotal => ({
  extra,
  cost_code,
  category,
  original: cents(original),
  changes: cents(change),
})

const baseline = [total('', '03-3000', 'S', 325_000_00, 0), total('001', '31-2000', 'S', 500_000_00, 0)]

/** Sage's totals after movements: [entry, original, changes] in cents. */
function after(
  ...moved: readonly [extra: string, costCode: string, original: number, change: number][]
): SageTotal[] {
  const rows = baseline.map((row) => ({ ...row }))
  for (const [extra, cost_code, original, change] of moved) {
    const row = rows.find((known) => known.extra === extra && known.cost_code === cost_code)
    if (row) {
      row.original = cents(row.original + original)
      row.changes = cents(row.changes + change)
    } else rows.push(total(extra, cost_code, 'S', original, change))
  }
  return rows
}

const seen = (
  totals: SageTotal[],
  mode: ExportMode = 'approved_estimate_change',
  entries = changes.entries,
) => observe({ mode, entries, baseline, totals: { job: '24-1007', as_of: at, totals }, at })

// The three changes of the worked example: 15,000.00, 42,000.00 and -15,000.00.
const cases: readonly [ObservationKind, string, SageTotal[]][] = [
  ['awaiting_posting', 'nothing moved', after()],
  [
    'posted',
    'every key moved as sent',
    after(['', '03-3000', 0, 15_000_00], ['', '09-9000', 0, 42_000_00], ['001', '31-2000', 0, -15_000_00]),
  ],
  ['partly', 'one key did not move', after(['', '03-3000', 0, 15_000_00], ['001', '31-2000', 0, -15_000_00])],
  [
    'twice',
    'every key moved twice',
    after(['', '03-3000', 0, 30_000_00], ['', '09-9000', 0, 84_000_00], ['001', '31-2000', 0, -30_000_00]),
  ],
  [
    'twice',
    'the second import was posted in part',
    after(['', '03-3000', 0, 30_000_00], ['', '09-9000', 0, 42_000_00], ['001', '31-2000', 0, -15_000_00]),
  ],
  [
    'twice',
    'the file was imported once with each box',
    after(
      ['', '03-3000', 15_000_00, 15_000_00],
      ['', '09-9000', 42_000_00, 42_000_00],
      ['001', '31-2000', -15_000_00, -15_000_00],
    ),
  ],
  [
    'twice',
    'the file was imported twice with the wrong box',
    after(['', '03-3000', 30_000_00, 0], ['', '09-9000', 84_000_00, 0], ['001', '31-2000', -30_000_00, 0]),
  ],
  [
    'posted_as_original',
    'every key moved in the originals',
    after(['', '03-3000', 15_000_00, 0], ['', '09-9000', 42_000_00, 0], ['001', '31-2000', -15_000_00, 0]),
  ],
  ['posted_as_original', 'the wrong box was posted in part', after(['', '03-3000', 15_000_00, 0])],
  ['drift', 'a key moved by another amount', after(['', '03-3000', 0, 15_000_01])],
  ['drift', 'a key moved the other way', after(['', '03-3000', 0, -15_000_00])],
  [
    'drift',
    'a key that was not sent moved',
    after(
      ['', '03-3000', 0, 15_000_00],
      ['', '09-9000', 0, 42_000_00],
      ['001', '31-2000', 0, -15_000_00],
      ['', '99-0000', 0, 1],
    ),
  ],
  ['drift', 'a key moved in both modes', after(['', '03-3000', 5_000_00, 10_000_00])],
  ['drift', 'a key moved three times', after(['', '03-3000', 0, 45_000_00])],
]

describe('a reading of Sage', () => {
  it.each(cases)('is %s when %s', (kind, _, totals) => {
    expect(seen(totals)?.kind).toBe(kind)
  })

  it('is posted as change when originals went in with the box ticked', () => {
    const { entries } = originals
    const totals = entries.map(({ code, cents: amount }) =>
      total(code.sub_job, code.cost_code, code.cost_type, 0, amount),
    )
    const read = { job: '24-1007', as_of: at, totals }
    expect(observe({ mode: 'original_estimate', entries, baseline: [], totals: read, at })?.kind).toBe(
      'posted_as_change',
    )
  })

  it('is posted when originals went in with the box empty', () => {
    const { entries } = originals
    const totals = entries.map(({ code, cents: amount }) =>
      total(code.sub_job, code.cost_code, code.cost_type, amount, 0),
    )
    const read = { job: '24-1007', as_of: at, totals }
    expect(observe({ mode: 'original_estimate', entries, baseline: [], totals: read, at })?.kind).toBe(
      'posted',
    )
  })

  it('verifies nothing without a baseline', () => {
    const totals = { job: '24-1007', as_of: at, totals: after() }
    expect(
      observe({ mode: 'original_estimate', entries: originals.entries, baseline: undefined, totals, at }),
    ).toBeUndefined()
  })

  it('compares codes without the blanks that Sage pads them with', () => {
    const padded = after(
      ['', '03-3000', 0, 15_000_00],
      ['', '09-9000', 0, 42_000_00],
      ['001', '31-2000', 0, -15_000_00],
    ).map((row) => ({
      ...row,
      extra: row.extra.padEnd(10),
      cost_code: row.cost_code.padStart(15),
      category: row.category.padEnd(3),
    }))
    expect(seen(padded)?.kind).toBe('posted')
  })

  it('takes a key that is gone from Sage as fallen to zero', () => {
    expect(seen(after().slice(1))?.kind).toBe('drift')
  })

  it('agrees when nothing was sent and nothing moved', () => {
    expect(seen(after(), 'approved_estimate_change', [])?.kind).toBe('posted')
  })

  it('is drift when nothing was sent and something moved', () => {
    expect(seen(after(['', '03-3000', 1, 0]), 'approved_estimate_change', [])?.kind).toBe('drift')
  })

  it('finds any posting of any entries, on top of anything', () => {
    const drawn = fc.record({ entries: drawnEntries.filter((list) => list.length > 0), before: drawnEntries })
    fc.assert(
      fc.property(drawn, ({ entries, before }) => {
        const from = before.map(({ code, cents: held }) =>
          total(code.sub_job, code.cost_code, code.cost_type, held, 0 - held),
        )
        const to = joinBaseline(
          from,
          entries.map(({ code, cents: amount }) => ({ code, original: cents(0), changes: amount })),
        )
        const totals = { job: 'j', as_of: at, totals: to }
        const reading = { mode: 'approved_estimate_change' as const, entries, totals, at }
        expect(observe({ ...reading, baseline: from })?.kind).toBe('posted')
        expect(observe({ ...reading, baseline: to })?.kind).toBe('awaiting_posting')
      }),
      { numRuns: runs(100, 3_000) },
    )
  })
})

describe('a part and its correction', () => {
  const rejected = budgetCode('', '09-9000', 'S')
  const [first, , third] = changes.entries
  const corrected = entriesTogether(changes.entries, [rejected], [entry('', '09-9000', 'S', 42_000_00)])

  it('are partly posted before the correction is', () => {
    const totals = after(['', '03-3000', 0, first!.cents], ['001', '31-2000', 0, third!.cents])
    expect(seen(totals, 'approved_estimate_change', corrected)?.kind).toBe('partly')
  })

  it('are posted together', () => {
    const totals = after(
      ['', '03-3000', 0, first!.cents],
      ['001', '31-2000', 0, third!.cents],
      ['', '09-9000', 0, 42_000_00],
    )
    expect(seen(totals, 'approved_estimate_change', corrected)?.kind).toBe('posted')
  })
})

describe('an observation', () => {
  it('lists the keys that did not move as sent, with what was expected and what moved', () => {
    expect(seen(after(['', '03-3000', 0, 15_000_00], ['001', '31-2000', 0, -15_000_00]))?.keys).toEqual([
      { code: budgetCode('', '09-9000', 'S'), expected: 42_000_00, original_moved: 0, changes_moved: 0 },
    ])
  })

  it('lists what moved otherwise in front', () => {
    const codes = seen(after(['', '99-0000', 0, 1]))?.keys.map(({ code }) => code.cost_code)
    expect(codes).toEqual(['99-0000', '03-3000', '09-9000', '31-2000'])
  })

  it.each(['awaiting_posting', 'posted'])('lists no key where all are alike: %s', (wanted) => {
    const found = cases.find(([kind]) => kind === wanted)!
    expect(seen(found[2])?.keys).toEqual([])
  })

  it.each<[ExportMode, ObservationKind, SageTotal[], string[]]>([
    [
      'approved_estimate_change',
      'drift',
      after(
        ['', '99-0000', 0, 1],
        ['', '03-3000', 15_000_00, 0],
        ['', '09-9000', 0, 84_000_00],
        ['', '88-0000', 0, 1],
      ),
      ['88-0000', '99-0000', '09-9000', '03-3000', '31-2000'],
    ],
    [
      'approved_estimate_change',
      'twice',
      after(['', '03-3000', 15_000_00, 0], ['001', '31-2000', 0, -30_000_00]),
      ['31-2000', '09-9000', '03-3000'],
    ],
    [
      'approved_estimate_change',
      'posted_as_original',
      after(['', '09-9000', 42_000_00, 0]),
      ['09-9000', '03-3000', '31-2000'],
    ],
    [
      'original_estimate',
      'posted_as_change',
      after(['', '09-9000', 0, 42_000_00]),
      ['09-9000', '03-3000', '31-2000'],
    ],
  ])('of %s lists, where it is %s, the keys to look at first in front', (mode, kind, totals, codes) => {
    const found = seen(totals, mode)
    expect([found?.kind, found?.keys.map(({ code }) => code.cost_code)]).toEqual([kind, codes])
  })

  it('counts what moved otherwise', () => {
    expect(seen(after(['', '99-0000', 0, 1], ['', '88-0000', 0, 1], ['', '03-3000', 0, 7]))?.sentence).toBe(
      '3 budget codes moved in Sage otherwise than was sent. 2 did not move.',
    )
  })

  it('shows what the one before did where kind and keys are the same', () => {
    const [none, drift] = [seen(after())!, seen(after(['', '99-0000', 0, 1]))!]
    const later = { ...drift, at: Instant.parse('2026-11-23T12:00:00.000Z') }
    expect([
      sameObservation(drift, later),
      sameObservation(undefined, drift),
      sameObservation(none, drift),
      sameObservation({ ...drift, keys: none.keys }, drift),
      sameObservation({ ...none, keys: drift.keys }, drift),
    ]).toEqual([true, false, false, false, false])
  })

  it('of a file that nobody posts goes on being stale since it was', () => {
    const later = Instant.parse('2026-11-29T12:00:00.000Z')
    const part = { mode: 'approved_estimate_change' as const, entries: 3 }
    const stale = staleSince(at, part, 7)
    expect(stale).toMatchObject({
      kind: 'stale',
      at,
      sentence: 'Not posted 7 days after the file was delivered: 3 entries.',
      keys: [],
    })
    expect(stale.what_to_do).toMatch(/^Post the entries/)
    expect(staleSince(later, { ...part, observation: stale }, 7).at).toBe(at)
    expect(staleSince(later, { ...part, observation: seen(after())! }, 7).at).toBe(later)
  })

  it('lists 200 keys at most, and counts them all', () => {
    const entries = Array.from({ length: 500 }, (_, index) =>
      entry('', `44-${String(1_000 + index)}`, 'S', 5),
    )
    const found = seen(after(['', '44-1000', 0, 5]), 'approved_estimate_change', entries)
    expect([found?.keys.length, found?.sentence]).toEqual([
      200,
      "1 of 500 entries stand in Sage's totals. 499 did not move.",
    ])
  })

  it.each(cases)('says what to do: %s when %s', (_, __, totals) => {
    const found = seen(totals)
    expect([found?.sentence, found?.what_to_do].join(' ')).toMatch(/^[^{}]{20,}\.$/)
  })

  it.each([
    ['awaiting_posting', 'close the export as withdrawn'],
    ['partly', 'outcome per entry'],
    ['twice', 'Reverse the second entries'],
    ['posted_as_original', 'as taken where they stand'],
    ['drift', 'nothing is sent to cancel it'],
  ] as const)('of %s names its way out', (wanted, words) => {
    expect(seen(cases.find(([kind]) => kind === wanted)![2])?.what_to_do).toContain(words)
  })

  it('of a stopped import sends people to the unposted entries first', () => {
    expect(importStopped(at, 'connector', 'original_estimate', 'Category Q is not set up.')).toMatchObject({
      kind: 'import_stopped',
      keys: [],
      sentence: expect.stringMatching(/Sage says: Category Q is not set up\.$/) as string,
      what_to_do: expect.stringMatching(/^Look at the unposted entries/) as string,
    })
  })
})

const made = (totals: SageTotal[], filePosted = false) =>
  madeInSage('approved_estimate_change', seen(totals)!, filePosted)

describe('what was made in Sage', () => {
  const code = budgetCode('', '03-3000', 'S')

  it('is all that moved on a key that was not sent', () => {
    const other = budgetCode('', '99-0000', 'S')
    expect(made(after(['', '99-0000', 7, -8]))).toEqual([{ code: other, original: 7, changes: -8 }])
  })

  it('is what is over on a key whose entry was posted', () => {
    const more = after(['', '03-3000', 0, 15_500_00])
    expect(made(more, true)).toEqual([{ code, original: 0, changes: 500_00 }])
  })

  it('is all that moved on a key whose entry was not posted, however much that is', () => {
    const more = after(['', '03-3000', 0, 15_500_00])
    expect(made(more)).toEqual([{ code, original: 0, changes: 15_500_00 }])
  })

  it('is what others took away on a key whose entry was posted', () => {
    const less = after(['', '03-3000', 0, 14_900_00])
    expect(made(less, true)).toEqual([{ code, original: 0, changes: -100_00 }])
  })

  it('is the move to the other box on a key whose entry was posted', () => {
    const moved = after(['', '03-3000', 15_000_00, 0], ['', '99-0000', 0, 1])
    expect(made(moved, true)).toContainEqual({ code, original: 15_000_00, changes: -15_000_00 })
  })

  // Left where the file was posted; where it was not, all of it is.
  it.each([
    ['approved_estimate_change', 'more than was sent', 100, 5, 130, 'asked', [5, 30]],
    ['approved_estimate_change', 'what was sent, and the other box', 100, -100, 100, 'asked', [-100, 0]],
    ['approved_estimate_change', 'more than was taken away', -100, 0, -130, 'asked', [0, -30]],
    ['approved_estimate_change', 'the other box alone', 100, 130, 0, 'asked', [130, -100]],
    ['original_estimate', 'more than was sent', 100, 130, 5, 'asked', [30, 5]],
    ['original_estimate', 'twice what was sent', 100, 200, 0, 'asked', [100, 0]],
    ['original_estimate', 'less than was sent', 100, 50, 0, 'asked', [-50, 0]],
    ['original_estimate', 'the contrary of what was sent', 100, -100, 0, 'asked', [-200, 0]],
    ['original_estimate', 'what was sent, in the other box', 100, 0, 100, 'asked', [-100, 100]],
    ['original_estimate', 'what was not sent', 0, 7, 0, 'clear', [7, 0]],
  ] as const)('with entries of %s: %s', (mode, _, expected, original, change, whether, [own, other]) => {
    const moved = { original_moved: cents(original), changes_moved: cents(change) }
    const observed = { keys: [{ code, expected: cents(expected), ...moved }] }
    expect([
      postedOrNot(observed).length > 0 ? 'asked' : 'clear',
      madeInSage(mode, observed, true),
      madeInSage(mode, observed, false),
    ]).toEqual([whether, [{ code, original: own, changes: other }], [{ code, original, changes: change }]])
  })

  it('is nothing on a key that did not move, whatever is said of the file', () => {
    const observed = {
      keys: [{ code, expected: cents(100), original_moved: cents(0), changes_moved: cents(0) }],
    }
    expect([postedOrNot(observed), madeInSage('original_estimate', observed, true)]).toEqual([[], []])
  })

  it('stands in the baseline in the order of its codes', () => {
    const first = budgetCode('', '01-0000', 'S')
    const joined = joinBaseline(baseline, [{ code: first, original: cents(1), changes: cents(2) }])
    expect(joined).toEqual([total('', '01-0000', 'S', 1, 2), ...baseline])
  })

  it('once it joined the baseline, leaves what was sent to be posted', () => {
    const totals = after(['', '03-3000', 20, 15_500_00], ['', '99-0000', 0, 5])
    const joined = joinBaseline(baseline, made(totals))
    const reading = { job: '24-1007', as_of: at, totals }
    const { entries, mode } = changes
    expect(observe({ mode, entries, baseline: joined, totals: reading, at })?.kind).toBe('awaiting_posting')
  })

  it('once it joined the baseline, lets what was posted count as posted', () => {
    const totals = after(
      ['', '03-3000', 0, 15_500_00],
      ['', '09-9000', 0, 42_000_00],
      ['001', '31-2000', 0, -15_000_00],
    )
    const joined = joinBaseline(baseline, made(totals, true))
    const reading = { job: '24-1007', as_of: at, totals }
    const { entries, mode } = changes
    expect(observe({ mode, entries, baseline: joined, totals: reading, at })?.kind).toBe('posted')
  })
})

const row = (change: number) => ({
  code: budgetCode('', '03-3000', 'S'),
  original: cents(0),
  changes: cents(change),
})

describe('what was said to be posted and a reading does not show', () => {
  const said = row(15_000_00)
  const left = (moved: number, sentAfter = 0) =>
    notShownYet([said], baseline, after(['', '03-3000', 0, moved]), [row(sentAfter)])

  it.each([
    ['nothing moved', 0, [said]],
    ['only a hand entry moved', 500_00, [said]],
    ['it moved', 15_000_00, []],
    ['it moved, and a hand entry with it', 15_500_00, []],
  ])('is told by what explains the movement best: %s', (_, moved, expected) => {
    expect(left(moved)).toEqual(expected)
  })

  it('is nothing where it was posted with what was sent after it, though that took back more', () => {
    expect(left(-15_000_00, -30_000_00)).toEqual([])
  })

  it.each([
    ['half of it moved, as a hand entry may', 7_500_00, 0, [said]],
    ['it moved, and what was sent after it did not', 15_000_00, 45_000_00, []],
  ])('is told where more was sent after it: %s', (_, moved, sentAfter, expected) => {
    expect(left(moved, sentAfter)).toEqual(expected)
  })

  it('is all of it on a key that no reading has', () => {
    const strange = { ...said, code: budgetCode('', '77-0000', 'S'), original: cents(5), changes: cents(0) }
    expect(notShownYet([strange], baseline, baseline)).toEqual([strange])
    expect(notShownYet([said], baseline, [])).toEqual([said])
  })

  it('is told mode by mode', () => {
    const both = { ...said, original: cents(100_00) }
    const moved = after(['', '03-3000', 100_00, 0])
    expect(notShownYet([both], baseline, moved)).toEqual([said])
  })
})

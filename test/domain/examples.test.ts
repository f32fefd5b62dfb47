import { describe, expect, test } from 'vitest'
import { approve } from '../../shared/domain/changes.ts'
import { heldByLedger, openOrTaken } from '../../shared/domain/change-in-ledger.ts'
import { budgetCode, showCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { entriesToExport, entriesTogether } from '../../shared/domain/entries.ts'
import type { LedgerRow, PartEntries } from '../../shared/domain/export.ts'
import { applyTaken, inSage, openingPosition } from '../../shared/domain/ledger.ts'
import { type LineItem, lineKey, revisedEstimate } from '../../shared/domain/line-item.ts'
import { applyEdits } from '../../shared/domain/lines.ts'
import {
  byKey,
  codeOf,
  concrete,
  givenChange,
  givenHead,
  givenLine,
  granted,
  painting,
  refused,
} from '../given.ts'

// The examples of domain.md, sections 4 and 5, in cents.

const line = (code: LineItem['code'], original: number, changes = 0): LineItem =>
  givenLine(code, { original: cents(original), changes: cents(changes) })

/** Parts as the approver sees them: mode, and cents by code. */
const shown = (parts: readonly PartEntries[]) =>
  parts.map(({ mode, entries }) => [
    mode,
    Object.fromEntries(entries.map(({ code, cents: amount }) => [showCode(code), amount])),
  ])

/** Sage takes every part of the next export whole. */
const posted = (lines: readonly LineItem[], position: readonly LedgerRow[] = []): LedgerRow[] =>
  entriesToExport(lines, position).reduce<LedgerRow[]>(
    (held, part) => applyTaken(held, { mode: part.mode, outcome: 'taken', exceptions: [] }, part.entries),
    [...position],
  )

const inSageOf = (position: readonly LedgerRow[], of: LineItem): number | undefined =>
  inSage(position).get(lineKey(of))

const structure = line(concrete, 32_500_000)
const paint = line(painting, 4_000_000)

describe('a line that was deleted', () => {
  const without = [paint]
  const position = posted([structure, paint])

  test('goes down to zero in Sage with the next export, as an approved change', () => {
    expect(shown(entriesToExport(without, position))).toEqual([
      ['approved_estimate_change', { '03-3000.S': -32_500_000 }],
    ])
  })

  test('and was added again with its amount before anything was sent, moves nothing', () => {
    expect(entriesToExport([line(concrete, 32_500_000), paint], position)).toEqual([])
  })

  test('and is added again after Sage took it down, comes back as an approved change, never as a second original', () => {
    const down = posted(without, position)
    expect(inSageOf(down, structure)).toBe(0)
    expect(shown(entriesToExport([line(concrete, 33_000_000), paint], down))).toEqual([
      ['approved_estimate_change', { '03-3000.S': 33_000_000 }],
    ])
  })

  test('cannot be deleted while a budget change that is not void touches it', () => {
    const deleting = (touched: boolean) =>
      applyEdits(givenHead(), byKey(structure), [{ op: 'delete', code: concrete }], () =>
        touched ? [4] : [],
      )
    expect(codeOf(refused(deleting(true)))).toBe('LINE_IN_USE')
    expect(granted(deleting(false))).toEqual(new Map([[lineKey(structure), null]]))
  })
})

test('a line under another cost code is another line: the old one goes to zero, the new one carries the amount', () => {
  const recoded = line(budgetCode('', '03-3100', 'S'), 32_500_000)
  expect(shown(entriesToExport([recoded, paint], posted([structure, paint])))).toEqual([
    ['approved_estimate_change', { '03-3000.S': -32_500_000, '03-3100.S': 32_500_000 }],
  ])
})

test('another sub job code is another key, and so is another category', () => {
  const moved = [
    line(budgetCode('SITE', '03-3000', 'S'), 32_500_000),
    line(budgetCode('', '09-9000', 'L'), 4_000_000),
  ]
  expect(shown(entriesToExport(moved, posted([structure, paint])))).toEqual([
    [
      'approved_estimate_change',
      {
        '03-3000.S': -32_500_000,
        'SITE.03-3000.S': 32_500_000,
        '09-9000.S': -4_000_000,
        '09-9000.L': 4_000_000,
      },
    ],
  ])
})

test('a corrected original travels as an approved change with only the difference', () => {
  const corrected = line(concrete, 33_100_000)
  expect(shown(entriesToExport([corrected, paint], posted([structure, paint])))).toEqual([
    ['approved_estimate_change', { '03-3000.S': 600_000 }],
  ])
})

test('a first export holds every original in one part and the approved changes in the other', () => {
  expect(shown(entriesToExport([line(concrete, 32_500_000, 1_500_000), paint], []))).toEqual([
    ['original_estimate', { '03-3000.S': 32_500_000, '09-9000.S': 4_000_000 }],
    ['approved_estimate_change', { '03-3000.S': 1_500_000 }],
  ])
})

/** A total as Sage holds it. */
const total = (cost_code: string, original: number, changes: number) => ({
  extra: '',
  cost_code,
  category: 'S',
  original: cents(original),
  changes: cents(changes),
})

describe('a budget imported from Sage', () => {
  const position = openingPosition([total('03-3000', 32_500_000, 1_500_000), total('09-9000', 0, 0)])
  const imported = line(concrete, 32_500_000, 1_500_000)
  const fromSage = givenChange({ from_sage: true, status: 'approved', approved_in: 1 })

  test('stands in the ledger with each amount in its own mode, and sends nothing', () => {
    expect(position).toEqual([{ code: concrete, original: 32_500_000, changes: 1_500_000 }])
    expect(entriesToExport([imported], position)).toEqual([])
  })

  test('sends differences only from then on: its next export is a later one', () => {
    expect(shown(entriesToExport([line(concrete, 32_500_000, 2_250_000), paint], position))).toEqual([
      ['approved_estimate_change', { '03-3000.S': 750_000, '09-9000.S': 4_000_000 }],
    ])
  })

  test('keeps the change From Sage for good', () => {
    expect(heldByLedger(fromSage, [])).toBe(true)
  })
})

test('key 03-3000.S: 325,000.00 posted, a change of 15,000.00 rejected by Sage, sent again by the correction part and taken: 340,000.00, and nothing is due', () => {
  const first = posted([structure])
  expect(inSageOf(first, structure)).toBe(32_500_000)
  const change = givenChange({ lines: [{ code: concrete, amount: cents(1_500_000), comment: '' }] })
  const { edits, change: approved } = granted(
    approve({
      head: givenHead({ edit: 'locked', erp: 'synced', version: 1 }),
      project: { settings: { one_sided_changes: true } },
      change,
      lines: byKey(structure),
      by: change.created_by,
      at: change.created_at,
    }),
  )
  const changed = edits.get(lineKey(structure))!
  expect(revisedEstimate(changed)).toBe(34_000_000)
  const [part, ...others] = entriesToExport([changed], first)
  expect([shown([part!]), others]).toEqual([[['approved_estimate_change', { '03-3000.S': 1_500_000 }]], []])

  const rejected = {
    mode: part!.mode,
    outcome: 'taken',
    exceptions: [{ code: concrete, outcome: 'rejected' }],
  } as const
  const afterReject = applyTaken(first, { ...rejected, exceptions: [...rejected.exceptions] }, part!.entries)
  expect(inSageOf(afterReject, structure)).toBe(32_500_000)
  const correction: PartEntries = { mode: part!.mode, entries: part!.entries }
  const corrected = applyTaken(
    afterReject,
    { mode: correction.mode, outcome: 'taken', exceptions: [] },
    correction.entries,
  )
  expect(entriesTogether(part!.entries, [concrete], correction.entries)).toEqual(part!.entries)
  expect(inSageOf(corrected, structure)).toBe(34_000_000)
  expect(entriesToExport([changed], corrected)).toEqual([])
  const live = openOrTaken({ outcome: 'taken', exceptions: [] }, correction.entries)
  expect(heldByLedger(approved, [{ version: 2, live }])).toBe(true)
})

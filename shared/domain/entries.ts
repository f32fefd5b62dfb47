import { createHash } from 'node:crypto'
import type { PartTotal } from './approval.ts'
import { type BudgetCode, type CodeKey, codeOfKey, compareKeys, keyOf } from './budget-code.ts'
import { type Cents, cents as inCents, plus, sum } from './cents.ts'
import type { ExportEntry, ExportMode, LedgerRow, PartEntries } from './export.ts'
import { Sha256 } from './ids.ts'
import { firstExport, stillDue } from './ledger.ts'
import type { LineItem } from './line-item.ts'

/**
 * What the next export of these lines holds, given what Sage holds of ours (domain: what an export holds).
 *
 * First export: part 1 the original amounts, part 2 the approved changes; a part without entries is left out.
 * Every later export: one part of changes, revised estimate less what is in Sage, over the keys of both sides,
 * so that a line that is gone goes down to zero. No parts: there is nothing to export.
 */
export function entriesToExport(lines: readonly LineItem[], position: readonly LedgerRow[]): PartEntries[] {
  const parts = firstExport(position) ? firstParts(lines) : [laterPart(lines, position)]
  return parts.filter(({ entries }) => entries.length > 0)
}

const firstParts = (lines: readonly LineItem[]): PartEntries[] => [
  partOf('original_estimate', lines, (line) => line.original),
  partOf('approved_estimate_change', lines, (line) => line.changes),
]

const partOf = (
  mode: ExportMode,
  lines: readonly LineItem[],
  amount: (line: LineItem) => Cents,
): PartEntries => ({
  mode,
  entries: oneEntryPerKey(
    lines.map((line) => ({ code: line.code, cents: amount(line) })).filter(({ cents }) => cents !== 0),
  ),
})

const laterPart = (lines: readonly LineItem[], position: readonly LedgerRow[]): PartEntries => ({
  mode: 'approved_estimate_change',
  entries: oneEntryPerKey(
    [...stillDue(lines, position)]
      .filter(([, cents]) => cents !== 0)
      .map(([key, cents]) => ({ code: codeOfKey(key), cents })),
  ),
})

/** Entries in their canonical form: one per key (equal keys summed), zeros dropped, sorted by key. */
export function oneEntryPerKey(entries: readonly ExportEntry[]): readonly ExportEntry[] {
  if (isCanonical(entries)) return entries
  const byKey = new Map<CodeKey, { code: BudgetCode; cents: Cents }>()
  for (const { code, cents } of entries) {
    const key = keyOf(code)
    const before = byKey.get(key)
    if (before) before.cents = plus(before.cents, cents)
    else byKey.set(key, { code, cents })
  }
  return [...byKey]
    .filter(([, { cents }]) => cents !== 0)
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([, entry]) => entry)
}

/** True of all entries but those just made from lines: large budgets would otherwise be sorted again at every turn. */
function isCanonical(entries: readonly ExportEntry[]): boolean {
  let before = ''
  for (const { code, cents } of entries) {
    const key = keyOf(code)
    if (cents === 0 || key <= before) return false
    before = key
  }
  return true
}

/**
 * Canonical bytes of a part's entries: the list as JSON in UTF-8 without blanks, names in alphabetical order.
 * They are the bytes under whose hash the entries are stored, so a part total's hash is also their address.
 * The mode is not among them: a part total and the export hash name it beside.
 */
export const entriesBytes = (part: PartEntries): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(
      oneEntryPerKey(part.entries).map(({ cents, code: { cost_code, cost_type, sub_job } }) => ({
        cents,
        code: { cost_code, cost_type, sub_job },
      })),
    ),
  )

const sha256 = (bytes: Uint8Array | string): Sha256 =>
  Sha256.parse(createHash('sha256').update(bytes).digest('hex'))

/** What the approver is shown of each part and accepts; parts are numbered from 1 in their order. */
export const partTotals = (parts: readonly PartEntries[]): PartTotal[] =>
  parts.map((part, index) => ({
    part: index + 1,
    mode: part.mode,
    entries: part.entries.length,
    total: totalOf(part.entries),
    increases: increasesOf(part.entries),
    sha256: sha256(entriesBytes(part)),
  }))

/** Sum of entries in cents. */
export const totalOf = (entries: readonly ExportEntry[]): Cents => sum(entries.map(({ cents }) => cents))

/** Sum of the entries above zero, in cents: the rest of the total is what is taken away. */
export const increasesOf = (entries: readonly ExportEntry[]): Cents =>
  totalOf(entries.filter(({ cents }) => cents > 0))

/** Hash over part number, mode, key and cents of every entry: not over the date, nor over a file's bytes. */
export const exportHash = (parts: readonly PartEntries[]): Sha256 =>
  sha256(JSON.stringify(partTotals(parts).map(({ part, mode, sha256: hash }) => [part, mode, hash])))

/** Sum of the absolute values of all entries, in cents: what an approval policy may compare its amounts with. */
export const movedAmount = (parts: readonly PartEntries[]): Cents => {
  let moved = 0
  for (const { entries } of parts) for (const { cents } of entries) moved += Math.abs(cents)
  return inCents(moved)
}

/**
 * What a part comes to once lines of it were rejected and sent again: its entries less the rejected,
 * plus the corrections'. Part and corrections are compared with Sage together, against one baseline.
 */
export function entriesTogether(
  part: readonly ExportEntry[],
  rejected: readonly BudgetCode[],
  corrections: readonly ExportEntry[],
): readonly ExportEntry[] {
  const gone = new Set(rejected.map(keyOf))
  return oneEntryPerKey([...part.filter(({ code }) => !gone.has(keyOf(code))), ...corrections])
}

import { budgetCode, type CodeKey, codeOfKey, compareKeys, keyOf, showCode } from './budget-code.ts'
import { type Cents, minus, noCents, plus } from './cents.ts'
import type { ExportEntry, ExportMode, ExportPart, LedgerRow } from './export.ts'
import { type LineItem, revisedEstimate } from './line-item.ts'
import type { SageTotal } from './sage-company.ts'

/**
 * What Sage holds of ours per key, in cents over both modes, opening entries included
 * (domain: what an export holds).
 */
export function inSage(rows: readonly LedgerRow[]): Map<CodeKey, Cents> {
  const held = new Map<CodeKey, Cents>()
  for (const { code, original, changes } of rows) {
    const key = keyOf(code)
    held.set(key, plus(held.get(key) ?? noCents, plus(original, changes)))
  }
  return held
}

/**
 * An export is the first as long as nothing was ever taken: the ledger decides, never a state.
 * A row that has come down to zero still tells that something was taken, so rows are never dropped.
 */
export const firstExport = (position: readonly LedgerRow[] | undefined): boolean =>
  position === undefined || position.length === 0

/** How the entries of a part ended: all as `outcome` says, but for the exceptions. */
export type PartOutcome = Pick<ExportPart, 'mode' | 'outcome' | 'exceptions'>

/**
 * The position after a part: what Sage took of it joins, in the part's mode, or in the mode of its exception
 * (wrong box). A rejected, withdrawn or still open entry adds nothing. Rows come sorted by key, one per key.
 * @throws RangeError when an exception names a key that the part does not hold.
 */
export function applyTaken(
  position: readonly LedgerRow[],
  part: PartOutcome,
  entries: readonly ExportEntry[],
): LedgerRow[] {
  const exceptionOf = new Map(part.exceptions.map((exception) => [keyOf(exception.code), exception]))
  const taken: TakenEntry[] = []
  for (const entry of entries) {
    const key = keyOf(entry.code)
    const exception = exceptionOf.get(key)
    exceptionOf.delete(key)
    if ((exception ?? part).outcome === 'taken') taken.push({ ...entry, mode: exception?.mode ?? part.mode })
  }
  const [stranger] = exceptionOf.values()
  if (stranger !== undefined)
    throw new RangeError(`an exception names ${showCode(stranger.code)}, which the part does not hold`)
  return withTaken(position, taken)
}

/** Amounts of both lists, one row per key. */
export const joinRows = (rows: readonly LedgerRow[], more: readonly LedgerRow[]): LedgerRow[] =>
  withTaken([...rows, ...more], [])

export const negative = ({ code, original, changes }: LedgerRow): LedgerRow => ({
  code,
  original: minus(noCents, original),
  changes: minus(noCents, changes),
})

/** Revised estimate less what is in Sage, in cents, for every key of either side; zeros included. */
export function stillDue(lines: readonly LineItem[], position: readonly LedgerRow[]): Map<CodeKey, Cents> {
  const due = new Map<CodeKey, Cents>()
  for (const [key, held] of inSage(position)) due.set(key, minus(noCents, held))
  for (const line of lines) {
    const key = keyOf(line.code)
    due.set(key, plus(due.get(key) ?? noCents, revisedEstimate(line)))
  }
  return due
}

/** A part as it ended, with everything that it carried. */
export interface EndedPart extends PartOutcome {
  readonly part: number
  readonly corrects?: number | undefined
  readonly entries: readonly ExportEntry[]
}

/** Cents per key that were closed as rejected or withdrawn. What a correction carries again ends there alone. */
export function leftOut(parts: readonly EndedPart[]): Map<CodeKey, Cents> {
  const left = new Map<CodeKey, Cents>()
  for (const part of parts) {
    const outcomes = new Map(part.exceptions.map(({ code, outcome }) => [keyOf(code), outcome]))
    const corrections = parts.filter(({ corrects }) => corrects === part.part)
    const again = new Set(corrections.flatMap(({ entries }) => entries.map(({ code }) => keyOf(code))))
    for (const { code, cents } of part.entries) {
      const key = keyOf(code)
      const outcome = outcomes.get(key) ?? part.outcome
      if (outcome !== 'taken' && !(outcome === 'rejected' && again.has(key)))
        left.set(key, plus(left.get(key) ?? noCents, cents))
    }
  }
  return left
}

/**
 * Keys on which Sage holds something else than the revised estimate less what was left out of the export's parts,
 * sorted: none after any settled export of these lines (domain: invariants).
 */
export function settlementDiffers(
  lines: readonly LineItem[],
  position: readonly LedgerRow[],
  parts: readonly EndedPart[] = [],
): CodeKey[] {
  const left = leftOut(parts)
  return [...stillDue(lines, position)]
    .filter(([key, cents]) => cents !== (left.get(key) ?? noCents))
    .map(([key]) => key)
    .toSorted(compareKeys)
}

/**
 * Opening entries of an import from Sage: one row per key with an amount in either mode. Codes are compared trimmed,
 * as Sage pads them; the same key in several rows is added up.
 */
export const openingPosition = (totals: readonly SageTotal[]): LedgerRow[] =>
  withTaken(
    [],
    totals.flatMap(({ extra, cost_code, category, original, changes }): TakenEntry[] => {
      const code = budgetCode(extra, cost_code, category)
      return [
        { code, cents: original, mode: 'original_estimate' as const },
        { code, cents: changes, mode: 'approved_estimate_change' as const },
      ]
    }),
  ).filter(({ original, changes }) => original !== 0 || changes !== 0)

interface TakenEntry extends ExportEntry {
  readonly mode: ExportMode
}

function withTaken(position: readonly LedgerRow[], taken: readonly TakenEntry[]): LedgerRow[] {
  const rows = new Map<CodeKey, { original: Cents; changes: Cents }>()
  const rowOf = (key: CodeKey): { original: Cents; changes: Cents } => {
    const row = rows.get(key) ?? { original: noCents, changes: noCents }
    rows.set(key, row)
    return row
  }
  for (const { code, original, changes } of position) {
    const row = rowOf(keyOf(code))
    row.original = plus(row.original, original)
    row.changes = plus(row.changes, changes)
  }
  for (const { code, cents, mode } of taken) {
    const row = rowOf(keyOf(code))
    if (mode === 'original_estimate') row.original = plus(row.original, cents)
    else row.changes = plus(row.changes, cents)
  }
  return [...rows]
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, amounts]) => ({ code: codeOfKey(key), ...amounts }))
}

import type { BudgetChange } from './budget-change.ts'
import { type CodeKey, keyOf } from './budget-code.ts'
import type { EntryException, EntryOutcome, ExportEntry } from './export.ts'

/** One export as the question of what it holds needs it. */
export interface ExportedVersion {
  readonly version: number
  /** Keys with an entry of this export that is open or taken: see `openOrTaken`. */
  readonly live: ReadonlySet<CodeKey>
}

/** Keys of a part whose entry is open or taken; union those of all parts of an export, corrections included. */
export function openOrTaken(
  part: { readonly outcome: EntryOutcome; readonly exceptions: readonly EntryException[] },
  entries: readonly ExportEntry[],
): Set<CodeKey> {
  const exceptions = new Map(part.exceptions.map(({ code, outcome }) => [keyOf(code), outcome]))
  const live = new Set<CodeKey>()
  for (const { code } of entries) {
    const key = keyOf(code)
    const outcome = exceptions.get(key) ?? part.outcome
    if (outcome === 'open' || outcome === 'taken') live.add(key)
  }
  return live
}

/**
 * Whether a change can no longer be reopened or voided: it was approved in a version that was exported, and one of
 * its keys has an entry in that export that is open or taken. The change From Sage always (domain: lines and changes).
 */
export function heldByLedger(
  change: Pick<BudgetChange, 'from_sage' | 'status' | 'approved_in' | 'lines'>,
  exports: readonly ExportedVersion[],
): boolean {
  if (change.from_sage) return true
  if (change.status !== 'approved') return false
  const since = change.approved_in ?? 0
  const keys = change.lines.map(({ code }) => keyOf(code))
  return exports.some(({ version, live }) => version >= since && keys.some((key) => live.has(key)))
}

/** Keys that changes other than void ones touch, with the numbers of those: such lines are not deleted. */
export function touchedKeys(
  changes: Iterable<Pick<BudgetChange, 'number' | 'status' | 'lines'>>,
): Map<CodeKey, Set<number>> {
  const touched = new Map<CodeKey, Set<number>>()
  for (const { number, status, lines } of changes) {
    if (status === 'void') continue
    for (const { code } of lines) {
      const key = keyOf(code)
      touched.set(key, (touched.get(key) ?? new Set()).add(number))
    }
  }
  return touched
}

import * as z from 'zod'
import { BudgetCode, compareKeys, keyOf } from '../domain/budget-code.ts'
import { Cents, cents, noCents } from '../domain/cents.ts'
import type { LedgerRow, PartEntries } from '../domain/export.ts'
import type { LineItem } from '../domain/line-item.ts'

/** One key as the approver sees and accepts it, in cents. Revised = original + changes; Sage after posting = already sent + this export. */
export const SheetRow = z.strictObject({
  code: BudgetCode,
  description: z.string(),
  original: Cents,
  changes: Cents,
  already_sent: Cents,
  /** This export, by mode. */
  as_original: Cents,
  as_change: Cents,
})
export type SheetRow = z.infer<typeof SheetRow>

/** Stored when a budget is sent, so that every look at it shows the same. */
export const ReviewSheet = z.strictObject({ rows: z.array(SheetRow) })
export type ReviewSheet = z.infer<typeof ReviewSheet>

/** Every key of the lines, of what Sage holds of ours, and of the coming export; in key order. */
export function reviewSheet(
  lines: readonly LineItem[],
  position: readonly LedgerRow[],
  parts: readonly PartEntries[],
): ReviewSheet {
  const rows = new Map<string, SheetRow>()
  const rowOf = (code: BudgetCode): SheetRow => {
    const key = keyOf(code)
    const known = rows.get(key)
    if (known) return known
    const row: SheetRow = {
      code,
      description: '',
      original: noCents,
      changes: noCents,
      already_sent: noCents,
      as_original: noCents,
      as_change: noCents,
    }
    rows.set(key, row)
    return row
  }
  for (const { code, description, original, changes } of lines)
    Object.assign(rowOf(code), { description, original, changes })
  for (const { code, original, changes } of position)
    Object.assign(rowOf(code), { already_sent: cents(original + changes) })
  for (const { mode, entries } of parts)
    for (const entry of entries)
      Object.assign(rowOf(entry.code), {
        [mode === 'original_estimate' ? 'as_original' : 'as_change']: entry.cents,
      })
  const inOrder = [...rows].toSorted(([a], [b]) => compareKeys(a, b))
  return { rows: inOrder.map(([, row]) => row) }
}

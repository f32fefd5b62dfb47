import * as z from 'zod'
import type { ComingExport } from '../cycle/coming-export.ts'
import { BudgetCode, compareKeys, keyOf } from '../domain/budget-code.ts'
import { Cents, cents, noCents } from '../domain/cents.ts'
import { Finding } from '../domain/finding.ts'
import { Instant } from '../domain/ids.ts'
import { oldestReading } from '../domain/master-data-lists.ts'

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

/** Findings of one code that stood at the send: how many, and the first of them. */
const FoundOften = z.strictObject({ count: z.int(), first: z.array(Finding).min(1) })

/** Stored when a budget is sent, so that every look at it shows the same. */
export const ReviewSheet = z.strictObject({
  rows: z.array(SheetRow),
  /** Absent in what an earlier release stored. */
  findings: z.array(FoundOften).default([]),
  /** When the oldest of Sage's lists that it was checked against was read; absent in what an earlier release stored. */
  lists_as_of: Instant.optional(),
})
export type ReviewSheet = z.infer<typeof ReviewSheet>

/** The sheet of a send: what it would export, and what the pre-check found without stopping it. */
export const reviewSheet = (
  coming: Pick<ComingExport, 'lines' | 'position' | 'parts' | 'master'>,
  findings: readonly Finding[],
): ReviewSheet => ({
  rows: rowsOf(coming),
  findings: foundOften(findings),
  ...(coming.master && { lists_as_of: oldestReading(coming.master).as_of }),
})

// The page shows these; one for each of 50,000 lines would only make the sheet slow to read.
const keptOfACode = 5

function foundOften(findings: readonly Finding[]): ReviewSheet['findings'] {
  const byCode = Map.groupBy(findings, ({ code }) => code)
  return [...byCode.values()].map((alike) => ({ count: alike.length, first: alike.slice(0, keptOfACode) }))
}

/** Every key of the lines, of what Sage holds of ours, and of the coming export; in key order. */
function rowsOf({ lines, position, parts }: Pick<ComingExport, 'lines' | 'position' | 'parts'>): SheetRow[] {
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
  return inOrder.map(([, row]) => row)
}

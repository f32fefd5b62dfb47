import { type BudgetCode, type CodeKey, compareKeys, keyOf } from './budget-code.ts'
import { type Cents, cents } from './cents.ts'
import type { LineItem, Totals } from './line-item.ts'
import { sameLine } from './lines.ts'
import { type Refusal, refusal } from './refusal.ts'

/** What an import or a restore does to one line. */
export type PreviewRow = {
  readonly code: BudgetCode
  /** The physical line or sheet row of the file, from 1, where there is a file. */
  readonly line?: number
} & (
  | { readonly kind: 'add'; readonly after: LineItem }
  | {
      readonly kind: 'change'
      readonly before: LineItem
      readonly after: LineItem
      /** Headings of the template under which something changes, where there is a file. */
      readonly columns?: readonly string[]
    }
  | { readonly kind: 'unchanged'; readonly before: LineItem }
  | { readonly kind: 'remove'; readonly before: LineItem }
  | {
      /** Not among what comes in, and yet it stays; with other figures where there is an `after`. */
      readonly kind: 'keep'
      readonly before: LineItem
      readonly after?: LineItem
      readonly sentence: string
      readonly what_to_do: string
    }
)

export interface Preview {
  /** In key order. */
  readonly rows: readonly PreviewRow[]
  readonly counts: Readonly<Record<PreviewRow['kind'], number>>
  /** What to store per key, null to delete. */
  readonly edits: ReadonlyMap<CodeKey, LineItem | null>
  /** Original budget before and after, in cents. */
  readonly original: { readonly before: Cents; readonly after: Cents }
}

/** Adds rows up over the totals that stand; LINE_INVALID where the sum would leave the exact range. */
export function summed(
  unsorted: readonly PreviewRow[],
  { original }: Pick<Totals, 'original'>,
): Preview | Refusal {
  const rows = unsorted.toSorted((a, b) => compareKeys(keyOf(a.code), keyOf(b.code)))
  const counts = { add: 0, change: 0, unchanged: 0, remove: 0, keep: 0 }
  const edits = new Map<CodeKey, LineItem | null>()
  let sum: number = original
  for (const row of rows) {
    counts[row.kind] += 1
    const before = 'before' in row ? row.before : undefined
    const after = 'after' in row ? row.after : row.kind === 'remove' ? undefined : before
    sum += (after?.original ?? 0) - (before?.original ?? 0)
    if (!after) edits.set(keyOf(row.code), null)
    else if (!before || !sameLine(before, after)) edits.set(keyOf(row.code), after)
  }
  return Number.isSafeInteger(sum)
    ? { rows, counts, edits, original: { before: original, after: cents(sum) } }
    : refusal(
        'LINE_INVALID',
        'The sum of all lines would be larger than can be counted in exact cents.',
        'Look for an amount with digits too many.',
      )
}

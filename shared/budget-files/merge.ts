import { type BudgetCode, type CodeKey, compareKeys, keyOf, showCode } from '../domain/budget-code.ts'
import { type Cents, cents } from '../domain/cents.ts'
import { automaticAmount, type LineItem, lineKey } from '../domain/line-item.ts'
import { sameLine } from '../domain/lines.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { BudgetFile } from './budget-rows.ts'
import type { Column } from './template.ts'

/** `merge`: lines that the file does not name stay. `replace`: they go, but for those that a budget change touches. */
export type MergeMode = 'merge' | 'replace'

/** What an import does to one line. */
export type PreviewRow =
  | { readonly kind: 'add'; readonly code: BudgetCode; readonly after: LineItem }
  | {
      readonly kind: 'change'
      readonly code: BudgetCode
      readonly before: LineItem
      readonly after: LineItem
    }
  | { readonly kind: 'unchanged'; readonly code: BudgetCode; readonly before: LineItem }
  | { readonly kind: 'remove'; readonly code: BudgetCode; readonly before: LineItem }
  | {
      /** Not in the file of a replace, and yet it stays, with its amount. */
      readonly kind: 'keep'
      readonly code: BudgetCode
      readonly before: LineItem
      readonly sentence: string
      readonly what_to_do: string
    }

export interface Merge {
  /** Every line of the file, and in a replace every other line too; in key order. */
  readonly rows: readonly PreviewRow[]
  readonly counts: Readonly<Record<PreviewRow['kind'], number>>
  /** What to store per key, null to delete. */
  readonly edits: ReadonlyMap<CodeKey, LineItem | null>
  /** Original budget before and after, in cents. */
  readonly original: { readonly before: Cents; readonly after: Cents }
}

interface Merging {
  /** All lines that stand now. */
  readonly current: Iterable<LineItem>
  readonly file: BudgetFile
  readonly mode: MergeMode
  /** Whether a change that is not void touches the key. */
  readonly changesTouching: (key: CodeKey) => boolean
}

/** Compares a file with the budget: what it would do to every line, and the edits that do it. */
export function mergeFile({ current, file, mode, changesTouching }: Merging): Merge | Refusal {
  const standing = new Map<CodeKey, LineItem>()
  for (const line of current) standing.set(lineKey(line), line)
  const named = new Set(file.lines.map(lineKey))
  const rows = file.lines.map((line) => rowInFile(line, standing.get(lineKey(line)), file.columns))
  if (mode === 'replace')
    for (const [key, line] of standing)
      if (!named.has(key)) rows.push(rowNotInFile(line, changesTouching(key)))
  rows.sort((a, b) => compareKeys(keyOf(a.code), keyOf(b.code)))
  return summed(rows, standing.values())
}

function rowInFile(line: LineItem, before: LineItem | undefined, columns: BudgetFile['columns']): PreviewRow {
  const { code } = line
  if (!before) return { kind: 'add', code, after: line }
  const after = asFileSays(line, before, columns)
  return sameLine(before, after)
    ? { kind: 'unchanged', code, before }
    : { kind: 'change', code, before, after }
}

/** The file's line over the line that stands: budget changes stay, and so does what the file has no column for. */
function asFileSays(line: LineItem, before: LineItem, columns: ReadonlySet<Column>): LineItem {
  const merged: LineItem = {
    ...line,
    description: columns.has('description') ? line.description : before.description,
    quantity: columns.has('quantity') ? line.quantity : before.quantity,
    uom: columns.has('uom') ? line.uom : before.uom,
    unit_cost: columns.has('unit_cost') ? line.unit_cost : before.unit_cost,
    changes: before.changes,
  }
  const told = columns.has('calculation_strategy') || (columns.has('quantity') && columns.has('unit_cost'))
  const stillProduct =
    before.calculation_strategy === 'automatic' && automaticAmount(merged) === merged.original
  return told ? merged : { ...merged, calculation_strategy: stillProduct ? 'automatic' : 'manual' }
}

function rowNotInFile(line: LineItem, touched: boolean): PreviewRow {
  const { code } = line
  if (!touched) return { kind: 'remove', code, before: line }
  return {
    kind: 'keep',
    code,
    before: line,
    sentence: `${showCode(code)} is not in the file and stays with its amount, because a budget change touches it.`,
    what_to_do: 'Void that change and import again, or set the amount of the line to 0.00.',
  }
}

/** Rows in key order as a whole: how many of each kind, the edits, and the original budget before and after. */
export function summed(rows: readonly PreviewRow[], standing: Iterable<LineItem>): Merge | Refusal {
  const counts = { add: 0, change: 0, unchanged: 0, remove: 0, keep: 0 }
  const edits = new Map<CodeKey, LineItem | null>()
  let before = 0
  for (const line of standing) before += line.original
  let after = before
  for (const row of rows) {
    counts[row.kind] += 1
    if (row.kind === 'remove') edits.set(keyOf(row.code), null)
    else if ('after' in row) edits.set(keyOf(row.code), row.after)
    if (row.kind === 'remove' || row.kind === 'change') after -= row.before.original
    if ('after' in row) after += row.after.original
  }
  if (!Number.isSafeInteger(after))
    return refusal(
      'LINE_INVALID',
      'With this file the sum of all lines would be larger than can be counted in exact cents.',
      'Look for an amount with digits too many.',
    )
  return { rows, counts, edits, original: { before: cents(before), after: cents(after) } }
}

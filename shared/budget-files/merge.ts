import { type CodeKey, showCode } from '../domain/budget-code.ts'
import { type LineItem, lineKey, totalsOf } from '../domain/line-item.ts'
import { laidOver, sameLine } from '../domain/lines.ts'
import { type Preview, type PreviewRow, summed } from '../domain/preview.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { BudgetFile } from './budget-rows.ts'
import { type Column, template } from './template.ts'

/** `merge`: lines that the file does not name stay. `replace`: they go, but for those that a budget change touches. */
export type MergeMode = 'merge' | 'replace'

interface Merging {
  /** All lines that stand now. */
  readonly current: Iterable<LineItem>
  readonly file: BudgetFile
  readonly mode: MergeMode
  /** Whether a change that is not void touches the key. */
  readonly changesTouching: (key: CodeKey) => boolean
}

/** Compares a file with the budget: what it would do to every line, and the edits that do it. */
export function mergeFile({ current, file, mode, changesTouching }: Merging): Preview | Refusal {
  const standing = new Map<CodeKey, LineItem>()
  for (const line of current) standing.set(lineKey(line), line)
  const named = new Set(file.lines.map(lineKey))
  const rows = file.lines.map((line) => rowInFile(line, standing.get(lineKey(line)), file))
  if (mode === 'replace')
    for (const [key, line] of standing)
      if (!named.has(key)) rows.push(rowNotInFile(line, changesTouching(key)))
  return summed(rows, totalsOf(standing.values()))
}

function rowInFile(item: LineItem, before: LineItem | undefined, file: BudgetFile): PreviewRow {
  const { code } = item
  const line = file.standsOn.get(lineKey(item)) ?? 0
  if (!before) return { kind: 'add', code, line, after: item }
  const after = laidOver(item, before, file.columns)
  return sameLine(before, after)
    ? { kind: 'unchanged', code, line, before }
    : { kind: 'change', code, line, columns: changedColumns(before, after), before, after }
}

const valueOf = (line: LineItem, column: Column): unknown =>
  column === 'original_budget_amount' ? line.original : { ...line, ...line.code }[column]

const changedColumns = (before: LineItem, after: LineItem): string[] =>
  template.flatMap(({ column, heading }) =>
    valueOf(before, column) === valueOf(after, column) ? [] : [heading],
  )

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

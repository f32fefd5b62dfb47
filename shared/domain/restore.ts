import { type BudgetCode, type CodeKey, codeOfKey, compareKeys, showCode } from './budget-code.ts'
import { type Cents, noCents, plus } from './cents.ts'
import { deltaOf } from './difference.ts'
import { type LineItem, lineKey, type Totals } from './line-item.ts'
import { sameLine } from './lines.ts'

/**
 * What restoring a version does to the lines: its lines and originals come back, budget changes stay as they are,
 * and a line that the version lacks goes, unless a change touches it: then it stays with original zero
 * (domain: lines and changes).
 *
 * @param current the lines that stand now, of the keys that differ at least
 * @param version the lines of the version, of the same keys
 * @param changesTouching whether a change that is not void touches the key
 * @returns what to store per key, null to delete; keys that stay as they are are left out
 */
export function restoreEdits(
  current: readonly LineItem[],
  version: readonly LineItem[],
  changesTouching: (key: CodeKey) => boolean,
): ReadonlyMap<CodeKey, LineItem | null> {
  const edits = new Map<CodeKey, LineItem | null>()
  const standing = new Map(current.map((line) => [lineKey(line), line]))
  for (const line of version) {
    const key = lineKey(line)
    const before = standing.get(key)
    standing.delete(key)
    const after = { ...line, changes: before?.changes ?? noCents }
    if (!before || !sameLine(before, after)) edits.set(key, after)
  }
  for (const [key, line] of standing) {
    if (!changesTouching(key)) edits.set(key, null)
    else if (line.original !== 0 || line.calculation_strategy === 'automatic') edits.set(key, emptied(line))
  }
  return edits
}

// Manual: quantity x unit cost must not bring the amount back at the next edit.
const emptied = (line: LineItem): LineItem => ({ ...line, calculation_strategy: 'manual', original: noCents })

/** What a restore does to one line, in the words of an import's preview. */
export type RestoredRow =
  | { readonly kind: 'add'; readonly code: BudgetCode; readonly after: LineItem }
  | {
      readonly kind: 'change'
      readonly code: BudgetCode
      readonly before: LineItem
      readonly after: LineItem
    }
  | { readonly kind: 'remove'; readonly code: BudgetCode; readonly before: LineItem }
  | {
      /** Not in the version, and yet it stays, with original zero. */
      readonly kind: 'keep'
      readonly code: BudgetCode
      readonly before: LineItem
      readonly after: LineItem
      readonly sentence: string
      readonly what_to_do: string
    }

export interface Restore {
  /** In key order; a line that stays as it is is only counted. */
  readonly rows: readonly RestoredRow[]
  readonly counts: Readonly<Record<RestoredRow['kind'] | 'unchanged', number>>
  readonly edits: ReadonlyMap<CodeKey, LineItem | null>
  /** Original budget before and after, in cents. */
  readonly original: { readonly before: Cents; readonly after: Cents }
}

/** A restore, line by line; `standing` are the totals of the working copy. Lines as for `restoreEdits`. */
export function previewRestore(
  standing: Pick<Totals, 'lines' | 'original'>,
  current: readonly LineItem[],
  version: readonly LineItem[],
  changesTouching: (key: CodeKey) => boolean,
): Restore {
  const edits = restoreEdits(current, version, changesTouching)
  const now = new Map(current.map((line) => [lineKey(line), line]))
  const then = new Set(version.map(lineKey))
  const keys = new Set([...edits.keys(), ...[...now.keys()].filter((key) => !then.has(key))])
  const rows = [...keys]
    .toSorted(compareKeys)
    .flatMap((key) => rowOf(codeOfKey(key), now.get(key), edits.get(key), then.has(key)) ?? [])
  const counts = { add: 0, change: 0, unchanged: 0, remove: 0, keep: 0 }
  let after = standing.original
  for (const row of rows) {
    counts[row.kind] += 1
    const sides = {
      before: 'before' in row ? row.before : undefined,
      after: 'after' in row ? row.after : undefined,
    }
    after = plus(after, deltaOf(sides).original)
  }
  counts.unchanged = standing.lines - counts.change - counts.remove - counts.keep
  return { rows, counts, edits, original: { before: standing.original, after } }
}

function rowOf(
  code: BudgetCode,
  before: LineItem | undefined,
  edit: LineItem | null | undefined,
  inVersion: boolean,
): RestoredRow | undefined {
  if (!before) return edit ? { kind: 'add', code, after: edit } : undefined
  if (edit === null) return { kind: 'remove', code, before }
  if (!inVersion) return keptRow(code, before, edit ?? before)
  return edit && { kind: 'change', code, before, after: edit }
}

const keptRow = (code: BudgetCode, before: LineItem, after: LineItem): RestoredRow => ({
  kind: 'keep',
  code,
  before,
  after,
  sentence: `${showCode(code)} is not in the version and stays with original 0.00, because a budget change touches it.`,
  what_to_do: 'Void that change and restore again, if the line shall go.',
})

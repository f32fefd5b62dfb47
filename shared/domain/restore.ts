import { type BudgetCode, type CodeKey, codeOfKey, showCode } from './budget-code.ts'
import { noCents } from './cents.ts'
import { type LineItem, lineKey, type Totals } from './line-item.ts'
import { sameLine } from './lines.ts'
import { type Preview, type PreviewRow, summed } from './preview.ts'
import { isRefusal, type Refusal } from './refusal.ts'

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

/** A restore, line by line; `standing` are the totals of the working copy. Lines as for `restoreEdits`. */
export function previewRestore(
  standing: Pick<Totals, 'lines' | 'original'>,
  current: readonly LineItem[],
  version: readonly LineItem[],
  changesTouching: (key: CodeKey) => boolean,
): Preview | Refusal {
  const edits = restoreEdits(current, version, changesTouching)
  const now = new Map(current.map((line) => [lineKey(line), line]))
  const then = new Set(version.map(lineKey))
  const keys = new Set([...edits.keys(), ...[...now.keys()].filter((key) => !then.has(key))])
  const rows = [...keys].flatMap(
    (key) => rowOf(codeOfKey(key), now.get(key), edits.get(key), then.has(key)) ?? [],
  )
  const preview = summed(rows, standing)
  if (isRefusal(preview)) return preview
  const { change, remove, keep } = preview.counts
  // Lines that stay as they are are not among the rows.
  return { ...preview, counts: { ...preview.counts, unchanged: standing.lines - change - remove - keep } }
}

function rowOf(
  code: BudgetCode,
  before: LineItem | undefined,
  edit: LineItem | null | undefined,
  inVersion: boolean,
): PreviewRow | undefined {
  if (!before) return edit ? { kind: 'add', code, after: edit } : undefined
  if (edit === null) return { kind: 'remove', code, before }
  if (!inVersion) return keptRow(code, before, edit ?? before)
  return edit && { kind: 'change', code, before, after: edit }
}

const keptRow = (code: BudgetCode, before: LineItem, after: LineItem): PreviewRow => ({
  kind: 'keep',
  code,
  before,
  after,
  sentence: `${showCode(code)} is not in the version and stays with original 0.00, because a budget change touches it.`,
  what_to_do: 'Void that change and restore again, if the line shall go.',
})

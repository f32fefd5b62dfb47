import { type CodeKey } from './budget-code.ts'
import { noCents } from './cents.ts'
import { type LineItem, lineKey } from './line-item.ts'
import { sameLine } from './lines.ts'

/**
 * What restoring a version does to the lines: its lines and originals come back, budget changes stay as they are,
 * and a line that the version lacks goes, unless a change touches it: then it stays with original zero
 * (domain: lines and changes).
 *
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

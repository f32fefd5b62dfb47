import * as fc from 'fast-check'
import { ed } from '../../functions/api/acme.ts'
import { type Asked, command, onTheWay } from './command.ts'
import { askToLock, askToUnlock } from './cycle-commands.ts'
import { anyEdit, askToEdit } from './line-commands.ts'
import { keyOf, type PlainBudget } from './plain-budget.ts'
import { type PlainLine, sameLine } from './plain-line.ts'

/** Lines and originals of a version; a line that it lacks goes, or stays empty where a change touches it. */
function restored(plain: PlainBudget, lines: readonly PlainLine[]): Map<string, PlainLine | null> {
  const edits = new Map<string, PlainLine | null>()
  const then = new Map(lines.map((line) => [keyOf(line.code), line]))
  for (const [key, line] of then) {
    const now = plain.lines.get(key)
    if (!now || !sameLine(now, line)) edits.set(key, line)
  }
  for (const [key, line] of plain.lines) {
    if (then.has(key)) continue
    const emptied = { ...line, automatic: false, original: 0n }
    if (!plain.isTouched(key)) edits.set(key, null)
    else if (!sameLine(line, emptied)) edits.set(key, emptied)
  }
  return edits
}

function askToRestore(plain: PlainBudget, number: number): Asked {
  return {
    name: 'restore a version',
    as: ed,
    method: 'POST',
    path: `/budget/versions/${String(number)}/restore`,
    ifMatch: 'required',
    key: 'required',
    decide(stale) {
      const version = plain.versions[number - 1]
      if (stale !== undefined) return stale
      if (plain.locked) return 'BUDGET_LOCKED'
      if (!version) return 'NOT_FOUND'
      return { status: 200, wrote: plain.store(restored(plain, version.lines)) }
    },
  }
}

/** Mostly a version with other lines than stand; where there is none, mostly a step on the way. */
export const restore = command(
  'restore a version',
  fc.record({
    at: fc.nat({ max: 999 }),
    anyway: fc.constantFrom(true, false, false),
    edit: anyEdit,
  }),
  (plain, { at, anyway, edit }): Asked => {
    if (anyway) return askToRestore(plain, 1 + (at % (plain.versions.length + 1)))
    if (plain.locked) return onTheWay(askToUnlock(plain, false))
    if (plain.versions.length === 0) return onTheWay(askToLock(plain, false))
    const other = plain.versions.flatMap(({ lines }, i) => (restored(plain, lines).size > 0 ? [i + 1] : []))
    const number = other[at % other.length]
    return number === undefined ? onTheWay(askToEdit(plain, edit)) : askToRestore(plain, number)
  },
)

import type { BudgetHead, BudgetVersion } from './budget-head.ts'
import type { Actor, Instant } from './ids.ts'
import { allowed } from './lifecycle.ts'
import { type Refusal, refusal } from './refusal.ts'

// Numbers of versions have five digits where they are stored; the last ten thousand are for lock and send.
const mostNamed = 90_000

/** The working copy as the next version, under a name: at any time, locked or not, but while a command is under way. */
export function namedVersion(
  head: BudgetHead,
  name: string,
  by: Actor,
  at: Instant,
): BudgetVersion | Refusal {
  const refused = allowed(head, 'save_version')
  if (refused) return refused
  if (head.version >= mostNamed)
    return refusal(
      'TOO_LARGE',
      `The budget has ${String(head.version)} versions; no more can be saved by name.`,
      'Locking and sending still make versions; to save more by name, make a new project.',
    )
  const { version, manifest: hash, lines, original, changes } = head
  return { number: version + 1, hash, lines, original, changes, by, at, why: 'named', name }
}

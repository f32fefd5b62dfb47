import * as fc from 'fast-check'
import { bob } from '../../functions/api/acme.ts'
import { anyChange, askToMake } from './change-commands.ts'
import { type Asked, command, onTheWay } from './command.ts'
import { asked, askToLock, askToPost, carriedOut } from './cycle-commands.ts'
import type { PlainBudget } from './plain-budget.ts'

const words = 'delete all budget changes'

/** What an unlock that deletes is asked with; only the first is both the option and the words. */
const wordings = [
  { budget_changes: 'delete', confirm: words },
  { budget_changes: 'delete', confirm: 'yes' },
  { budget_changes: 'delete' },
  { confirm: words },
] as const

// A transaction of the product deletes as many.
const deletedAtOnce = 20

function deleteChanges(plain: PlainBudget): void {
  const standing = plain.changes.filter(({ status }) => status !== 'void')
  for (const change of standing)
    plain.changes[change.number - 1] = { ...change, status: 'void', approvedIn: null }
  const times = Math.ceil(standing.length / deletedAtOnce)
  plain.wrote(times, times)
}

function askToUnlockDeleting(plain: PlainBudget, body: (typeof wordings)[number]): Asked {
  return {
    ...asked,
    name: 'unlock deleting changes',
    as: bob,
    path: '/budget/unlock',
    body,
    steps: ['unlockBudget'],
    unread: body === wordings[0] ? undefined : 'INVALID_INPUT',
    ifMatch: 'required',
    decide(stale) {
      if (stale !== undefined) return stale
      if (!plain.locked) return 'BUDGET_NOT_LOCKED'
      if (plain.inSage.size > 0) return 'LEDGER_NOT_EMPTY'
      deleteChanges(plain)
      plain.locked = false
      const { status, wrote, says } = carriedOut(plain, 'unlock')
      plain.lastCommand = { command: 'unlock', outcome: 'done', budget_changes: 'delete' }
      return { status, wrote, says: { ...says, budget_changes: 'delete' } }
    },
  }
}

/** Where there is nothing to delete, or it is not the time yet, mostly a step on the way. */
export const unlockDeletingChanges = command(
  'unlock deleting changes',
  fc.record({
    /** Whether something is posted first. */
    late: fc.constantFrom(true, false, false),
    anyway: fc.constantFrom(true, false, false, false),
    wording: fc.oneof(
      { weight: 2, arbitrary: fc.constant(wordings[0]) },
      { weight: 1, arbitrary: fc.constantFrom(...wordings) },
    ),
    change: anyChange,
  }),
  (plain, { late, anyway, wording, change }) => {
    if (late && plain.inSage.size === 0) return onTheWay(askToPost(plain, true))
    if (plain.inSage.size > 0) return askToUnlockDeleting(plain, wordings[0])
    if (anyway) return askToUnlockDeleting(plain, wording)
    if (plain.changes.every(({ status }) => status === 'void')) return onTheWay(askToMake(plain, change))
    return plain.locked ? askToUnlockDeleting(plain, wording) : onTheWay(askToLock(plain, false))
  },
)

import type { ProjectKey } from '../domain/ids.ts'
import { isRefusal, type Refusal, refusal } from '../domain/refusal.ts'
import { reasonOf } from '../exporting/reason.ts'
import { told, type Who } from '../exporting/record.ts'
import { noBudget } from '../exporting/under-way.ts'
import type { BudgetStore } from '../store/budget-store.ts'
import { keptFor } from '../store/idempotency.ts'
import { oldestOpen, type SignalKind } from '../store/signals.ts'

export interface ToldAgainAnswer {
  readonly execution: string
  /** The oldest of what was recorded, not carried out, and awaited. */
  readonly signal: SignalKind
  readonly n: number
}

/** What is to be repaired, and why, for the history. */
export interface RepairAsked {
  readonly key: ProjectKey
  readonly reason: string
}

/**
 * Has the waiting execution told once more what was recorded for it: for a budget whose decision, command or report is
 * stored while its execution still waits. Telling twice is harmless: a wait takes one answer. Throws NOT_FOUND,
 * REASON_MISSING, TOO_LARGE, NO_CYCLE_OPEN, NOTHING_TO_TELL.
 */
export const tellAgain = async (
  { store }: { readonly store: BudgetStore },
  who: Who,
  wanted: RepairAsked,
): Promise<ToldAgainAnswer> => {
  const { key } = wanted
  return await store.decide<ToldAgainAnswer>(
    key,
    async (head) => {
      if (!head) return noBudget()
      const reason = reasonOf(wanted.reason)
      if (isRefusal(reason)) return reason
      const { execution, cycle } = head
      if (execution === undefined) return noCycleOpen()
      const [wait, signals] = await Promise.all([store.wait(key, cycle), store.signals(key, cycle)])
      const oldest = wait?.execution === execution ? oldestOpen(signals, wait.kinds) : undefined
      if (!oldest)
        return refusal(
          'NOTHING_TO_TELL',
          'Nothing is recorded that the execution waits for and has not been told.',
          'Look at the execution: a failed one is redriven, or the cycle is restarted.',
        )
      const answer = { execution, signal: oldest.kind, n: oldest.n }
      return {
        answer,
        commit: {
          head,
          outbox: [{ kind: 'signal', cycle, n: oldest.n }],
          history: [{ ...told(who), event: 'told_again', detail: { ...answer, reason } }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

export const noCycleOpen = (): Refusal =>
  refusal(
    'NO_CYCLE_OPEN',
    'No execution belongs to this budget now: its last cycle has ended.',
    'There is nothing to repair. The next lock, send or report opens a cycle.',
  )

import { endedOf } from '../domain/budget-head.ts'
import { refusal } from '../domain/refusal.ts'
import type { Who } from '../exporting/record.ts'
import type { BudgetStore } from '../store/budget-store.ts'
import { oldestOpen, type SignalKind } from '../store/signals.ts'
import { repair, type RepairAsked } from './repair.ts'

/** `signal` and `n`: the oldest of what was recorded, not carried out, and awaited. */
export type ToldAgainAnswer = Readonly<{ execution: string; signal: SignalKind; n: number }>

/**
 * Has the waiting execution told once more what was recorded for it: for a budget whose decision, command or report is
 * stored while its execution still waits. Telling twice is harmless: a wait takes one answer. Throws NOT_FOUND,
 * REASON_MISSING, TOO_LARGE, NO_CYCLE_OPEN, EXECUTION_ENDED, NOTHING_TO_TELL.
 */
export const tellAgain = async (
  { store }: { readonly store: BudgetStore },
  who: Who,
  wanted: RepairAsked,
): Promise<ToldAgainAnswer> =>
  await repair<ToldAgainAnswer>(store, who, wanted, async (head, execution) => {
    const ended = endedOf(head)
    if (ended)
      return refusal(
        'EXECUTION_ENDED',
        `The execution ended at ${ended.at}: ${ended.status}. It hears nothing.`,
        'Redrive it if it failed and the cause is mended, or restart the cycle.',
      )
    const { key } = wanted
    const { cycle } = head
    const [wait, signals] = await Promise.all([store.wait(key, cycle), store.signals(key, cycle)])
    const oldest = wait?.execution === execution ? oldestOpen(signals, wait.kinds) : undefined
    if (!oldest)
      return refusal(
        'NOTHING_TO_TELL',
        'Nothing is recorded that the execution waits for and has not been told.',
        'Look at the execution: a failed one is redriven, or the cycle is restarted.',
      )
    const { kind, n } = oldest
    const answer = { execution, signal: kind, n }
    return {
      event: (reason) => ({ event: 'told_again', detail: { ...answer, reason } }),
      answer,
      head,
      outbox: [{ kind: 'signal', cycle, n }],
    }
  })

import type { BudgetHead } from '../domain/budget-head.ts'
import { isRefusal } from '../domain/refusal.ts'
import { reasonOf } from '../exporting/reason.ts'
import { told, type Who } from '../exporting/record.ts'
import { noBudget } from '../exporting/under-way.ts'
import type { BudgetStore } from '../store/budget-store.ts'
import { keptFor } from '../store/idempotency.ts'
import type { Signal } from '../store/signals.ts'
import { nextRun, stateThatWaits } from '../store/workflow.ts'
import { noCycleOpen, type RepairAsked } from './tell-again.ts'

export interface RestartedAnswer {
  /** The execution that goes on, and the state or command in which it begins. */
  readonly execution: string
  readonly asked: string
  /** The execution that is stopped, if it still runs. */
  readonly superseded: string
}

/**
 * Hands the open cycle over to a new run that goes on from what is stored, and stops the run before it: for an execution
 * that ended without an outcome and cannot be redriven, or that waits where nothing will come. What was recorded and not
 * carried out yet is carried out by the new run. Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, NO_CYCLE_OPEN.
 */
export const restartCycle = async (
  { store }: { readonly store: BudgetStore },
  who: Who,
  wanted: RepairAsked,
): Promise<RestartedAnswer> => {
  const { key } = wanted
  return await store.decide<RestartedAnswer>(
    key,
    async (head) => {
      if (!head) return noBudget()
      const reason = reasonOf(wanted.reason)
      if (isRefusal(reason)) return reason
      const superseded = head.execution
      if (superseded === undefined) return noCycleOpen()
      const asked = whereToGoOn(head, await store.signals(key, head.cycle))
      const { head: next, outbox, execution } = nextRun(key, head, asked)
      const answer = { execution, asked, superseded }
      return {
        answer,
        commit: {
          head: next,
          outbox: [...outbox, { kind: 'stop', execution: superseded }],
          history: [{ ...told(who), event: 'cycle_restarted', detail: { ...answer, reason } }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

/**
 * The command that opened the cycle, while no step has carried it out and no signal holds it; *Export budget* for a file
 * on its way of which nothing was reported, which is queued again under its attempt: nobody can tell whether it was
 * queued; else the wait, which finds what is stored for it.
 */
function whereToGoOn(head: BudgetHead, signals: readonly Signal[]): string {
  const open: string[] = signals.filter(({ carried_out }) => !carried_out).map(({ kind }) => kind)
  if (head.pending && !open.includes(head.pending.command)) return head.pending.command
  if (head.erp === 'exporting' && !open.includes('receipt') && !open.includes('failure'))
    return 'Export budget'
  return stateThatWaits(head)
}

import type { Dependencies } from '../cycle/dependencies.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { Who } from '../exporting/record.ts'
import type { Signal } from '../store/signals.ts'
import { nextRun, stateThatWaits } from '../store/workflow.ts'
import { repair, type RepairAsked } from './repair.ts'

/** The execution that goes on, the state or command in which it begins, and the one that is stopped if it still runs. */
export type RestartedAnswer = Readonly<{ execution: string; asked: string; superseded: string }>

/**
 * Hands the open cycle over to a new run that goes on from what is stored, and stops the run before it: for an execution
 * that ended without an outcome and cannot be redriven, or that waits where nothing will come. What was recorded and not
 * carried out yet is carried out by the new run. Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, NO_CYCLE_OPEN.
 */
export const restartCycle = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: RepairAsked,
): Promise<RestartedAnswer> =>
  await repair<RestartedAnswer>(store, who, wanted, async (head, superseded) => {
    const asked = whereToGoOn(head, await store.signals(wanted.key, head.cycle))
    const { head: next, outbox, execution } = nextRun(wanted.key, head, clock.now(), asked)
    const answer = { execution, asked, superseded }
    return {
      event: (reason) => ({ event: 'cycle_restarted', detail: { ...answer, reason } }),
      answer,
      head: next,
      outbox: [...outbox, { kind: 'stop', execution: superseded }],
    }
  })

/**
 * The command that opened the cycle, while no step has carried it out and no signal holds it; *Export budget* for a file
 * on its way of which nothing was reported, which is queued again under its attempt: nobody can tell whether it was
 * queued; else the wait, which finds what is stored for it.
 */
function whereToGoOn(head: BudgetHead, signals: readonly Signal[]): string {
  const open: string[] = signals.filter(({ carried_out }) => !carried_out).map(({ kind }) => kind)
  if (head.pending && !open.includes(head.pending.command)) return head.pending.command
  // *Export budget* broke between its two transactions: only from the wait does it learn what it carries out.
  if (head.erp === 'accepted' && open.includes('accepted')) return 'Wait for decision'
  if (head.erp === 'accepted' && open.includes('retry')) return 'Wait for retry'
  if (head.erp === 'exporting' && !open.includes('receipt') && !open.includes('failure'))
    return 'Export budget'
  return stateThatWaits(head)
}

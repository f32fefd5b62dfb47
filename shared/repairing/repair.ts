import type { BudgetHead } from '../domain/budget-head.ts'
import type { ProjectEvent } from '../domain/events/domain-event.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { isRefusal, type Refusal, refusal } from '../domain/refusal.ts'
import { reasonOf } from '../exporting/reason.ts'
import { told, type Who } from '../exporting/record.ts'
import { noBudget } from '../exporting/under-way.ts'
import type { BudgetStore, Commit } from '../store/budget-store.ts'
import { keptFor } from '../store/idempotency.ts'

/** What is to be repaired, and why, for the history. */
export interface RepairAsked {
  readonly key: ProjectKey
  readonly reason: string
}

interface Repaired<Answer> extends Pick<Commit, 'head' | 'outbox'> {
  readonly event: (reason: string) => ProjectEvent
  readonly answer: Answer
}

/**
 * Repairs the open cycle of a budget: its history tells what was done, the reason and who.
 * Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, NO_CYCLE_OPEN, and what `act` refuses.
 */
export const repair = async <Answer extends object>(
  store: BudgetStore,
  who: Who,
  { key, reason: text }: RepairAsked,
  act: (head: BudgetHead, execution: string) => Promise<Repaired<Answer> | Refusal>,
): Promise<Answer> =>
  await store.decide<Answer>(
    key,
    async (head) => {
      if (!head) return noBudget()
      const reason = reasonOf(text)
      if (isRefusal(reason)) return reason
      if (head.execution === undefined) return noCycleOpen()
      const repaired = await act(head, head.execution)
      if (isRefusal(repaired)) return repaired
      const { event, answer, ...commit } = repaired
      const history = [{ ...told(who), ...event(reason) }]
      return { answer, commit: { ...commit, history, ...keptFor(who, answer) } }
    },
    who.idempotency,
  )

const noCycleOpen = (): Refusal =>
  refusal(
    'NO_CYCLE_OPEN',
    'No execution belongs to this budget now: its last cycle has ended.',
    'There is nothing to repair. The next lock, send or report opens a cycle.',
  )

import * as z from 'zod'
import { type BudgetHead, endedOf } from '../../shared/domain/budget-head.ts'
import { restartCycle } from '../../shared/repairing/restart-cycle.ts'
import type { RepairAsked } from '../../shared/repairing/repair.ts'
import { tellAgain } from '../../shared/repairing/tell-again.ts'
import type { Who } from '../../shared/exporting/record.ts'
import { accepted, type Answer, ok } from '../../shared/http/answer.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { oldestOpen, type Signal, type Wait } from '../../shared/store/signals.ts'
import type { ApiDependencies } from './dependencies.ts'
import { statesShown } from './as-shown.ts'
import { headOf } from './history.ts'
import { commander, projectKey } from './input.ts'

/** What an operator reads of a budget that seems stuck: where its workflow waits, and what nobody has carried out. */
async function showWorkflow({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const key = projectKey(ask)
  const head = await headOf(store, key)
  const [wait, signals, undelivered] = await Promise.all([
    store.wait(key, head.cycle),
    store.signals(key, head.cycle),
    store.undelivered(key),
  ])
  const ended = endedOf(head)
  const waits = wait?.execution === head.execution && !ended ? wait : undefined
  const recorded = signals.filter(({ carried_out }) => !carried_out)
  return ok({
    project: key.project,
    ...statesShown(head),
    pending: head.pending ?? null,
    cycle: head.cycle,
    run: head.run,
    execution: head.execution ?? null,
    ended: ended ? { status: ended.status, at: ended.at, error: ended.error ?? null } : null,
    last_step: head.done ? { execution: head.done.execution, state: head.done.state } : null,
    waits: waits ? { state: waits.state, for: waits.kinds } : null,
    recorded: recorded.map(({ n, kind, at }) => ({ n, signal: kind, at })),
    undelivered: undelivered.map(({ message: { kind }, at }) => ({ kind, at })),
    what_to_do: whatToDo(head, waits, recorded, undelivered.length),
  })
}

function whatToDo(
  head: BudgetHead,
  waits: Wait | undefined,
  recorded: readonly Signal[],
  undelivered: number,
): string {
  if (undelivered > 0)
    return 'Rows wait to be delivered, which the sweep tries every minute. If they stay, follow the runbook outbox-overdue.'
  if (head.execution === undefined) return 'Nothing: no execution belongs to this budget now.'
  const ended = endedOf(head)
  if (ended)
    return ended.status === 'FAILED'
      ? 'The execution failed. Mend what its error names, then redrive it within 14 days, or restart the cycle.'
      : 'The execution ended. Restart the cycle: what is stored is carried out.'
  if (waits && oldestOpen(recorded, waits.kinds))
    return 'What is recorded has not reached the wait. Tell the execution again.'
  if (waits) return 'Nothing: the execution waits for somebody.'
  return 'A step is under way. If it stays so, look at the execution.'
}

const Repair = z.strictObject({ reason: z.string().max(4000) })

type Repairing = (dependencies: ApiDependencies, who: Who, wanted: RepairAsked) => Promise<object>

const repair = (dependencies: ApiDependencies, name: string, act: Repairing): Route =>
  route({
    method: 'POST',
    path: `/ops/budgets/{project}/${name}`,
    operation: 'repair',
    body: Repair,
    handle: async (ask, { body: { reason } }) =>
      accepted(await act(dependencies, commander(ask), { key: projectKey(ask), reason })),
  })

/** What operators look at and repair (docs/operations.md); everything they do is in the budget's history. */
export const repairRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/ops/budgets/{project}',
    operation: 'view_operations',
    handle: async (ask) => await showWorkflow(dependencies, ask),
  }),
  repair(dependencies, 'tell_again', tellAgain),
  repair(dependencies, 'restart', restartCycle),
]

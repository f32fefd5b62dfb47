import type { BudgetHead } from '../domain/budget-head.ts'
import type { Actor, ProjectKey } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { BudgetStore, IdempotencyKey } from '../store/budget-store.ts'
import type { SignalKind } from '../store/signals.ts'

/** Who reports or commands, as the caller established it, and the request it came with. Roles are checked before. */
export interface Who {
  readonly by: Actor
  /** Request id, kept with the history. */
  readonly request?: string
  /** Kept in the same transaction, with the answer, where the request carried a key. */
  readonly idempotency?: IdempotencyKey
}

/** Author and request of a history row. */
export const told = (who: Who): { by: Actor; request?: string } =>
  who.request === undefined ? { by: who.by } : { by: who.by, request: who.request }

/**
 * A person's command waits until the workflow has carried out what was recorded before it: the rows still
 * show the state before that, so a second fact on top of them could contradict the first.
 */
export async function refuseWhileUnderWay(
  store: BudgetStore,
  key: ProjectKey,
  head: BudgetHead,
): Promise<Refusal | undefined> {
  if (head.execution === undefined || head.signal === 0) return undefined
  const last = await store.signal(key, head.cycle, head.signal)
  if (last === undefined || last.carried_out) return undefined
  return refusal(
    'COMMAND_PENDING',
    'What was reported before this is still being carried out.',
    'Read the budget again in a few seconds, then try once more.',
  )
}

/** Reports after which another file is due, or none: until one is carried out, the rows still show the file before it. */
const endsFile: ReadonlySet<SignalKind> = new Set(['lines_rejected', 'part_posted', 'posted', 'close'])

/** Whether such a report waits for its step, so that what is read in Sage now is not about the file that will be due. */
export async function fileIsEnding(store: BudgetStore, key: ProjectKey, head: BudgetHead): Promise<boolean> {
  const signals = await store.signals(key, head.cycle)
  return signals.some(({ kind, carried_out }) => !carried_out && endsFile.has(kind))
}

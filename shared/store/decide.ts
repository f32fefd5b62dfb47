import type { BudgetHead } from '../domain/budget-head.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { isRefusal, Refused } from '../domain/refusal.ts'
import { tries } from './again.ts'
import type { BudgetStore, Committed, Decided, IdempotencyKey } from './budget-store.ts'
import { AnsweredBefore, Later } from './errors.ts'
import { findAnswer } from './idempotency.ts'
import type { Rows } from './rows.ts'

interface To {
  readonly rows: Rows
  readonly store: Pick<BudgetStore, 'commit'>
}

/** What is read anew at every try: the head, and whatever else the decision is made over. */
interface Reading {
  readonly head: BudgetHead | undefined
}

/** See `BudgetStore.decideOver`. */
export async function decideOn<S extends Reading, T>(
  to: To,
  key: ProjectKey,
  read: () => Promise<S>,
  decide: (read: S) => Promise<Decided<T>> | Decided<T>,
  asked: IdempotencyKey | undefined,
): Promise<T> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    // Each try decides over what the one before it lost to
    const once = await tryOnce(to, key, read, decide, asked)
    if (once !== 'lost') return once.answer
    await to.rows.pause(attempt)
  }
  throw new Later(`Other commands on ${key.company}/${key.project} were first ${String(tries)} times`)
}

async function tryOnce<S extends Reading, T>(
  { rows, store }: To,
  key: ProjectKey,
  read: () => Promise<S>,
  decide: (read: S) => Promise<Decided<T>> | Decided<T>,
  asked: IdempotencyKey | undefined,
): Promise<{ answer: T } | 'lost'> {
  const before = await read()
  const decided = await decide(before)
  if (!isRefusal(decided) && decided.commit) {
    const committed = await store.commit(key, before.head, decided.commit)
    if (committed.outcome === 'lost') return 'lost'
    throwUnlessDone(committed)
    return { answer: decided.answer }
  }
  // A repeated command is refused, or finds nothing to do, because of what it did the first time.
  const found = asked && (await findAnswer(rows, key.company, asked))
  if (found) throwUnlessDone(found)
  if (isRefusal(decided)) throw new Refused(decided)
  return { answer: decided.answer }
}

/** Throws what a repeat was answered, or why it is none. */
export function throwUnlessDone(committed: Committed): void {
  if (committed.outcome === 'repeat') throw new AnsweredBefore(committed.answer)
  if (committed.outcome === 'refused') throw new Refused(committed.refusal)
}

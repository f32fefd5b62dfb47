import * as z from 'zod'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { keyOfTask, StepTask } from '../../shared/cycle/task.ts'
import { endedOf } from '../../shared/domain/budget-head.ts'
import { SecretText } from '../../shared/domain/secret.ts'
import { oldestOpen, SignalKind, type Wait } from '../../shared/store/signals.ts'

const WaitTask = StepTask.omit({ step: true, n: true }).extend({
  entered: z.string(),
  retry: z.int(),
  /** A redrive goes back to retry 0 in the same visit, so it stands before the retries in the order. */
  redrive: z.int().default(0),
  kinds: z.array(SignalKind).min(1),
  token: SecretText,
})

/** Four digits are enough for every retry of one visit; padded, orders compare as text. */
const padded = (count: number): string => String(count).padStart(4, '0')

/**
 * Opens a wait: stores the token unless a later one is stored, on the condition that no signal came since the head was read.
 * A signal that was there already has its outbox row written again, so that the relay hands it over.
 * Modelled exhaustively in test/model: with either condition removed, a decision can be lost.
 */
export async function openWait(
  { store }: Pick<Dependencies, 'store'>,
  input: unknown,
): Promise<{ wait: string }> {
  const task = WaitTask.parse(input)
  const key = keyOfTask(task)
  const wait: Wait = {
    cycle: task.cycle,
    state: task.state,
    kinds: task.kinds,
    execution: task.execution,
    token: task.token,
    order: [task.entered, padded(task.redrive), padded(task.retry)].join('#'),
  }
  for (;;) {
    // Reading again is the protocol: it ends when no signal, and no other run, comes in between.
    const head = await store.head(key)
    if (head?.execution !== task.execution)
      throw new Broken('Superseded', `${task.state} of ${task.execution} was overtaken; nothing waits here.`)
    const open = oldestOpen(await store.signals(key, task.cycle), task.kinds)
    const ended = endedOf(head)
    const redriven = ended !== undefined && task.redrive > ended.redrives
    const seen = { signal: head.signal, execution: task.execution, redriven }
    const stored = await store.putWait(key, wait, seen, open)
    if (stored === 'stored' || stored === 'newer_wait_stored') return { wait: stored }
  }
}

export const handler = onLambda(openWait)

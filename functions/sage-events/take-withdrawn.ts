import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import type { WithdrawnEvent } from '../../shared/sage/sage-event.ts'
import type { Decided } from '../../shared/store/budget-store.ts'
import type { Taken } from './take-receipt.ts'

/** Stores once that a file lies in its drop folder no more; of a file that somebody may still import it is not so. */
export async function takeWithdrawn(
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  event: WithdrawnEvent,
): Promise<Taken> {
  const key = keyOfTask(event)
  const { export: number, part: of, attempt, sha256, where, by } = event
  return await store.decide<Taken>(key, async (head): Promise<Decided<Taken>> => {
    const part = (await store.parts(key, number)).find((each) => each.part === of)
    if (!head || part?.outcome !== 'withdrawn' || part.file_sha256 !== sha256) return { answer: 'superseded' }
    if (part.withdrawn_from_folder !== undefined) return { answer: 'known' }
    const detail = { export: number, part: of, attempt, where, by }
    return {
      answer: 'recorded',
      commit: {
        head,
        history: [{ event: 'file_withdrawn', by: 'connector', detail }],
        parts: [{ ...part, withdrawn_from_folder: clock.now() }],
      },
    }
  })
}

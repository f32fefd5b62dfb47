import type { Dependencies } from '../cycle/dependencies.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { isRefusal } from '../domain/refusal.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { reasonOf } from './reason.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { noExport, partNumbered, storedExport, unlessUnderWay } from './under-way.ts'

export interface LostAnswer {
  readonly export: string
  readonly lost: {
    readonly part: number
    readonly attempt: number
    readonly by: string
    readonly at: Instant
    readonly reason: string
  }
}

/**
 * Records that a connector will say nothing more of the file that is due: the export has failed, and this attempt can
 * not be claimed any more. That nothing was written is not known; so it can be returned only where no connector took it.
 * Throws NOT_FOUND, OTHER_EXPORT, NOT_EXPORTING once there is a receipt or a failure, REASON_MISSING, TOO_LARGE,
 * COMMAND_PENDING.
 */
export const declareLost = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: { readonly key: ProjectKey; readonly export: number; readonly reason: string },
): Promise<LostAnswer> => {
  const { key, export: number } = wanted
  return await store.decide<LostAnswer>(
    key,
    async (head) => {
      if (!head) return noExport()
      const reason = reasonOf(wanted.reason)
      if (isRefusal(reason)) return reason
      const found = await storedExport(store, key, number)
      if (isRefusal(found)) return found
      const { attempt, current_part } = found.open
      const part = partNumbered(found.parts, current_part)
      const refused =
        unlessUnderWay(head, number) ??
        allowed(head, 'declare_lost') ??
        (await refuseWhileUnderWay(store, key, head))
      if (refused) return refused
      if (!part) return noExport()
      const at = clock.now()
      const messages = [`Declared lost: ${reason}`]
      const failure = { attempt, at, messages, by: who.by, nothing_written: false }
      const answer = {
        export: exportId(key.project, number),
        lost: { part: part.part, attempt, by: who.by, at, reason },
      }
      return {
        answer,
        commit: {
          ...tellSignal(key, head, 'failure', at, { export: number, part: part.part, attempt }),
          history: [
            {
              ...told(who),
              event: 'declared_lost',
              detail: { export: number, part: part.part, attempt, reason },
            },
          ],
          parts: [{ ...part, failure }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

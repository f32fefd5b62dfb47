import type { Dependencies } from '../cycle/dependencies.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { exportId } from '../domain/export-id.ts'
import { allowed } from '../domain/lifecycle.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { noExport, unlessUnderWay, withoutFile } from './under-way.ts'

export interface RetryAnswer {
  readonly export: string
  readonly retried: { readonly by: string; readonly at: Instant }
}

/**
 * Records that a failed export is to go on: the same bytes under the next attempt, or, where no file was made,
 * prepared again. Throws NOT_FOUND, OTHER_EXPORT, COMMAND_PENDING, and what `allowed` refuses.
 */
export const retryExport = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  { key, export: number }: { readonly key: ProjectKey; readonly export: number },
): Promise<RetryAnswer> =>
  await store.decide<RetryAnswer>(
    key,
    async (head) => {
      if (!head) return noExport()
      const refused =
        (withoutFile(head, number) ? undefined : unlessUnderWay(head, number)) ??
        allowed(head, 'retry') ??
        (await refuseWhileUnderWay(store, key, head))
      if (refused) return refused
      const answer = { export: exportId(key.project, number), retried: { by: who.by, at: clock.now() } }
      return {
        answer,
        commit: {
          ...tellSignal(key, head, 'retry', answer.retried.at, { by: who.by }),
          history: [{ ...told(who), event: 'retry_asked', detail: { export: number } }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )

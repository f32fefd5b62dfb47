import type { Dependencies } from '../cycle/dependencies.ts'
import type { ExportPart } from '../domain/export.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, PersonId, ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { reasonOf } from './reason.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { noExport, unlessUnderWay, withoutFile } from './under-way.ts'

export interface ExportToReturn {
  readonly key: ProjectKey
  readonly export: number
  readonly reason: string
  /** The approver who asked for it, where an operator records it in his place. */
  readonly requested_by?: PersonId
}

export interface ReturnAnswer {
  readonly export: string
  readonly returned: { readonly by: string; readonly at: Instant; readonly reason: string }
}

/**
 * Records that a failed export goes back to the project: every entry is withdrawn, and no file of it can be
 * claimed or downloaded from now on. Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, OTHER_EXPORT, what `allowed` refuses,
 * COMMAND_PENDING; and while anything may be in Sage MAY_BE_IN_SAGE, CLAIMED.
 */
export const returnExport = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: ExportToReturn,
): Promise<ReturnAnswer> => {
  const { key, export: number, requested_by } = wanted
  return await store.decide<ReturnAnswer>(
    key,
    async (head) => {
      if (!head) return noExport()
      const reason = reasonOf(wanted.reason)
      if (isRefusal(reason)) return reason
      const fileless = withoutFile(head, number)
      const parts = fileless ? [] : await store.parts(key, number)
      const refused =
        (fileless ? undefined : unlessUnderWay(head, number)) ??
        allowed(head, 'return') ??
        (await refuseWhileUnderWay(store, key, head)) ??
        mayBeInSage(parts)
      if (refused) return refused
      const answer = {
        export: exportId(key.project, number),
        returned: { by: who.by, at: clock.now(), reason },
      }
      return {
        answer,
        commit: {
          ...tellSignal(key, head, 'return', answer.returned.at, { by: requested_by ?? who.by, reason }),
          history: [
            {
              ...told(who),
              event: 'return_asked',
              detail: { export: number, reason, ...(requested_by !== undefined && { requested_by }) },
            },
          ],
          parts: parts.map((part) => ({ ...part, outcome: 'withdrawn', exceptions: [] })),
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

/** A connector that took a part and has not said since that nothing was written may have written it. */
const heldByConnector = ({ claim }: ExportPart): boolean => claim !== undefined

function mayBeInSage(parts: readonly ExportPart[]): Refusal | undefined {
  const delivered = parts.find(({ receipt, posted }) => receipt ?? posted)
  if (delivered)
    return refusal(
      'MAY_BE_IN_SAGE',
      `File ${String(delivered.part)} was delivered, so its entries may be in Sage.`,
      'Retry the export, or have accounting close it with an outcome per entry.',
    )
  const held = parts.find(heldByConnector)
  return held
    ? refusal(
        'CLAIMED',
        `The connector took file ${String(held.part)} and has not said that nothing was written.`,
        'Retry the export, or have accounting close it with an outcome per entry.',
      )
    : undefined
}

import type { Dependencies } from '../cycle/dependencies.ts'
import type { Actor, Instant, ProjectKey } from '../domain/ids.ts'
import { exportId } from '../domain/export-id.ts'
import { allowed } from '../domain/lifecycle.ts'
import { isRefusal } from '../domain/refusal.ts'
import { importStopped } from '../sage/reconciliation.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { contradictedByReading } from './confirm-posted.ts'
import { reasonOf } from './reason.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { notWaiting, storedPart, unlessUnderWay } from './under-way.ts'

export interface StopToReport {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
  /** What Sage's Estimate Import Report says. */
  readonly message: string
}

export interface StoppedAnswer {
  readonly export: string
  readonly part: number
  readonly import_stopped: { readonly by: Actor; readonly at: Instant; readonly message: string }
}

/**
 * Records that Sage stopped the import of the file that is due, which nothing but its report tells, and has the
 * workflow mail the way out. A later reading that shows a movement ends it, and so does *posted*. The same again is
 * answered as it was recorded. Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, OTHER_EXPORT, what `allowed` refuses,
 * COMMAND_PENDING, NOTHING_TO_CONFIRM, READ_BACK_CONTRADICTS.
 */
export const reportStop = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: StopToReport,
): Promise<StoppedAnswer> =>
  await store.decide<StoppedAnswer>(
    wanted.key,
    async (now) => {
      const found = await storedPart(store, now, wanted)
      if (isRefusal(found)) return found
      const { head, part } = found
      const message = reasonOf(wanted.message, 'message')
      if (isRefusal(message)) return message
      const observation = importStopped(clock.now(), who.by, part.mode, message)
      const before = part.observation?.sentence === observation.sentence ? part.observation : undefined
      const { by = who.by, at } = before ?? observation
      const answer = {
        export: exportId(wanted.key.project, wanted.export),
        part: part.part,
        import_stopped: { by, at, message },
      }
      if (before) return { answer }
      const refused =
        unlessUnderWay(head, wanted.export) ??
        allowed(head, 'report_stop') ??
        (await refuseWhileUnderWay(store, wanted.key, head)) ??
        notWaiting(found, part) ??
        contradictedByReading(part)
      if (refused) return refused
      const about = { export: wanted.export, part: part.part }
      return {
        answer,
        commit: {
          ...tellSignal(wanted.key, head, 'observation', observation.at, { ...about, by: who.by }),
          history: [{ ...told(who), event: 'import_stopped', detail: { ...about, message } }],
          parts: [{ ...part, observation }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )

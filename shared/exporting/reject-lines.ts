import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import { type BudgetCode, keyOf, showCode } from '../domain/budget-code.ts'
import { type EntryException, type ExportEntry, type ExportPart, waitsStill } from '../domain/export.ts'
import { exportId } from '../domain/export-id.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { type FaultyPlace, type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { contradictedByReading } from './confirm-posted.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { notWaiting, storedPart, unlessUnderWay, withoutObservation } from './under-way.ts'

/** Characters of a reason that may be kept with each of many lines: a report says it in one of its own. */
export const longestRejectReason = 500

export interface RejectedLine {
  readonly code: BudgetCode
  readonly reason?: string
  /** Where the line stands in what was sent: a JSON pointer, or a line of the reject file. */
  readonly place?: Pick<FaultyPlace, 'pointer' | 'line'>
}

export interface LinesToReject {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
  readonly lines: readonly RejectedLine[]
}

export interface RejectedAnswer {
  readonly export: string
  readonly part: number
  readonly rejected: NonNullable<ExportPart['rejected']>
}

/**
 * Records which lines of a part Sage rejected and tells the workflow to make a correction part with only those.
 * The same lines again are answered as they were recorded. Throws NOT_FOUND, OTHER_EXPORT, what `allowed` refuses,
 * COMMAND_PENDING, NOTHING_TO_CONFIRM, READ_BACK_CONTRADICTS, LINE_NOT_SENT with the places.
 */
export const rejectLines = async (
  dependencies: Pick<Dependencies, 'store' | 'objects' | 'clock'>,
  who: Who,
  wanted: LinesToReject,
): Promise<RejectedAnswer> => {
  const { store, clock } = dependencies
  return await store.decide<RejectedAnswer>(
    wanted.key,
    async (now) => {
      const found = await storedPart(store, now, wanted)
      if (isRefusal(found)) return found
      const { head, part } = found
      const answerOf = (rejected: RejectedAnswer['rejected']): RejectedAnswer => ({
        export: exportId(wanted.key.project, wanted.export),
        part: part.part,
        rejected,
      })
      if (part.rejected && allRejected(part, wanted.lines)) return { answer: answerOf(part.rejected) }
      const refused =
        unlessUnderWay(head, wanted.export) ??
        allowed(head, 'reject_lines') ??
        (await refuseWhileUnderWay(store, wanted.key, head)) ??
        notWaiting(found, part) ??
        contradicted(part) ??
        notSent(wanted.lines, await entriesOf(dependencies, wanted.key, part))
      if (refused) return refused
      const rejected = { lines: wanted.lines.length, by: who.by, at: clock.now() }
      const answer = answerOf(rejected)
      return {
        answer,
        commit: {
          ...tellSignal(wanted.key, head, 'lines_rejected', rejected.at, {
            export: wanted.export,
            part: part.part,
            by: who.by,
          }),
          history: [
            {
              ...told(who),
              event: 'lines_rejected',
              detail: {
                export: wanted.export,
                part: part.part,
                lines: wanted.lines.length,
                // The part itself keeps all of them; history names the first, so that a row stays small.
                first: wanted.lines
                  .slice(0, 50)
                  .map(({ code, reason = '' }) => ({ code: showCode(code), reason })),
              },
            },
          ],
          parts: [{ ...answeredFor(part), exceptions: rejections(wanted.lines), rejected }],
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

const rejectedKeys = ({ exceptions }: ExportPart): ReadonlySet<string> =>
  new Set(exceptions.filter(({ outcome }) => outcome === 'rejected').map(({ code }) => keyOf(code)))

function allRejected(part: ExportPart, lines: readonly RejectedLine[]): boolean {
  const before = rejectedKeys(part)
  return lines.length > 0 && lines.every(({ code }) => before.has(keyOf(code)))
}

/** Lines can be missing where nothing or a part of the file was posted; twice, elsewhere or otherwise is no reject. */
const contradicted = (part: ExportPart): Refusal | undefined =>
  part.observation?.kind === 'partly' ? undefined : contradictedByReading(part)

/** The part without what a person was told to do about lines that are not in Sage: it is done. */
const answeredFor = (part: ExportPart): ExportPart =>
  part.observation?.kind === 'import_stopped' || waitsStill(part.observation)
    ? withoutObservation(part)
    : part

function notSent(lines: readonly RejectedLine[], entries: readonly ExportEntry[]): Refusal | undefined {
  const sent = new Set(entries.map(({ code }) => keyOf(code)))
  const strangers = lines.filter(({ code }) => !sent.has(keyOf(code)))
  if (strangers.length === 0) return undefined
  return refusal(
    'LINE_NOT_SENT',
    strangers.length === 1
      ? 'One line was not sent in this file.'
      : `${String(strangers.length)} lines were not sent in this file.`,
    'Name only lines of this file; nothing was recorded.',
    {
      places: strangers.map(({ code, place }) => ({
        ...place,
        code: 'LINE_NOT_SENT',
        sentence: `${showCode(code)} is not in this file.`,
      })),
    },
  )
}

/** One for each key, with the reason that was named last. */
function rejections(lines: readonly RejectedLine[]): EntryException[] {
  const byKey = new Map<string, EntryException>()
  for (const { code, reason } of lines)
    byKey.set(keyOf(code), { code, outcome: 'rejected', ...(reason !== undefined && { reason }) })
  return [...byKey.values()]
}

import type { Dependencies } from '../cycle/dependencies.ts'
import { partThatRemains } from '../cycle/export-parts.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { ExportPart, ObservationKind } from '../domain/export.ts'
import { exportId } from '../domain/export-id.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import type { Commit, Decided } from '../store/budget-store.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import {
  partNumbered,
  type StoredExport,
  storedPart,
  unlessUnderWay,
  withCorrected,
  withoutObservation,
} from './under-way.ts'

type Confirmed = NonNullable<ExportPart['posted']>

export interface PartToConfirm {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
  /** `declared` by a person; `verified` by reading Sage's totals back. */
  readonly how: Confirmed['how']
}

/** What stands after a confirmation, whether this call recorded it or one before. */
export interface PostedAnswer {
  readonly export: string
  readonly part: number
  readonly posted: Confirmed
}

// Read-back that shows nothing yet may just be older than the posting; these show that it went otherwise.
const contradictions: ReadonlySet<ObservationKind> = new Set([
  'partly',
  'twice',
  'posted_as_original',
  'posted_as_change',
  'drift',
])

/**
 * Records that a part was posted in Sage and tells the workflow: the next part, or the end.
 * Said again it is done already; `verified` after `declared` is kept as the stronger word, on a settled export too.
 * Throws NOT_FOUND, OTHER_EXPORT, NOTHING_TO_CONFIRM, READ_BACK_CONTRADICTS, COMMAND_PENDING, NOT_EXPORTING.
 */
export const confirmPosted = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: PartToConfirm,
): Promise<PostedAnswer> =>
  await store.decide<PostedAnswer>(
    wanted.key,
    async (now) => {
      const found = await storedPart(store, now, wanted)
      if (isRefusal(found)) return found
      const { head, part } = found
      const posted: Confirmed = { how: wanted.how, by: who.by, at: clock.now() }
      if (part.posted) return confirmAgain(who, wanted, head, found, part, part.posted, posted)
      const refused =
        unlessUnderWay(head, wanted.export) ??
        allowed(head, 'confirm_posted') ??
        (await refuseWhileUnderWay(store, wanted.key, head)) ??
        whyNot(found, part)
      if (refused) return refused
      return confirmed(who, wanted, head, found, posted)
    },
    who.idempotency,
  )

function whyNot({ open, parts }: StoredExport, part: ExportPart): Refusal | undefined {
  const current = partNumbered(parts, open.current_part)
  const together = current ? withCorrected(parts, current) : []
  if (!current?.receipt || !together.includes(part))
    return refusal(
      'NOTHING_TO_CONFIRM',
      `File ${String(part.part)} is not with accounting, so it cannot have been posted.`,
      'Look at the export for the file that is due.',
    )
  return together.map(contradictedByReading).find((refused) => refused !== undefined)
}

/** READ_BACK_CONTRADICTS where Sage's totals were seen to have moved otherwise than by this file alone, or in part. */
export const contradictedByReading = ({ observation }: ExportPart): Refusal | undefined =>
  observation && contradictions.has(observation.kind)
    ? refusal(
        'READ_BACK_CONTRADICTS',
        `Sage's totals say otherwise: ${observation.sentence}`,
        observation.what_to_do,
      )
    : undefined

const withPosted = (part: ExportPart, posted: Confirmed): ExportPart => ({
  ...withoutObservation(part),
  posted,
})

const answerOf = ({ key, export: number, part }: PartToConfirm, posted: Confirmed): PostedAnswer => ({
  export: exportId(key.project, number),
  part,
  posted,
})

/**
 * Parts for which the same word speaks. A person speaks for the current part and those it corrects; a reading that
 * shows them also shows what was declared before in this export, for their baseline holds it.
 */
function spokenFor(parts: readonly ExportPart[], part: ExportPart, how: Confirmed['how']): ExportPart[] {
  const together = withCorrected(parts, part)
  const declared = parts.filter(
    ({ posted, baseline, attempt = 0 }) =>
      posted?.how === 'declared' && baseline !== undefined && attempt < (part.attempt ?? 0),
  )
  return how === 'verified' ? [...new Set([...together, ...declared])] : together
}

/** What records that the current part is posted, with every part that it is compared together with. */
export function confirmed(
  who: Who,
  wanted: PartToConfirm,
  head: BudgetHead,
  { open, parts }: StoredExport,
  posted: Confirmed,
): { readonly answer: PostedAnswer; readonly commit: Commit } {
  const current = partNumbered(parts, open.current_part)
  const together = current ? spokenFor(parts, current, posted.how) : []
  const kind = partThatRemains(parts) ? 'part_posted' : 'posted'
  const reference = { export: open.number, part: open.current_part, by: who.by }
  const answer = answerOf(wanted, posted)
  return {
    answer,
    commit: {
      ...tellSignal(wanted.key, head, kind, posted.at, reference),
      history: [
        {
          ...told(who),
          event: posted.how === 'declared' ? 'posted_declared' : 'posted_verified',
          detail: { export: open.number, parts: together.map(({ part }) => part) },
        },
      ],
      parts: together.map((part) => withPosted(part, posted)),
      ...keptFor(who, answer),
    },
  }
}

function confirmAgain(
  who: Who,
  wanted: PartToConfirm,
  head: BudgetHead,
  { parts }: StoredExport,
  part: ExportPart,
  before: Confirmed,
  posted: Confirmed,
): Decided<PostedAnswer> {
  if (before.how === 'verified' || posted.how === 'declared') return { answer: answerOf(wanted, before) }
  const together = spokenFor(parts, part, posted.how)
  const verified = new Set(together.map((each) => each.part))
  const all = parts.every((each) => verified.has(each.part) || each.posted?.how === 'verified')
  const settled = head.open_export === undefined && head.export === wanted.export
  const answer = answerOf(wanted, posted)
  return {
    answer,
    commit: {
      head: settled && all ? { ...head, confirmed: 'verified' } : head,
      history: [
        { ...told(who), event: 'posted_verified', detail: { export: wanted.export, parts: [...verified] } },
      ],
      parts: together.map((each) => withPosted(each, posted)),
      ...keptFor(who, answer),
    },
  }
}

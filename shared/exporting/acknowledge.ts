import type { Dependencies } from '../cycle/dependencies.ts'
import { keyOf, showCode } from '../domain/budget-code.ts'
import { formatCents } from '../domain/cents.ts'
import type { BudgetExport, ExportEntry, ExportPart, LedgerRow, Observation } from '../domain/export.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, ProjectKey, Sha256 } from '../domain/ids.ts'
import { type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import { joinBaseline, madeInSage, postedOrNot } from '../sage/reconciliation.ts'
import { keptFor } from '../store/idempotency.ts'
import { compareTotals } from './compare-totals.ts'
import { reasonOf } from './reason.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { sentTogether } from './sent-together.ts'
import { storedPart, withCorrected, withoutObservation } from './under-way.ts'

export interface DriftToAcknowledge {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
  readonly note: string
  /**
   * Whether what this file sent was posted when Sage was read, as the observation shows it. Needed only where a code
   * that was sent moved and nobody has confirmed the file as posted.
   */
  readonly file_posted?: boolean | undefined
  /** `at` of the observation that was looked at: what is said of one movement is taken for no other. */
  readonly observed_at?: Instant | undefined
}

export interface AcknowledgedAnswer {
  readonly export: string
  readonly part: number
  readonly acknowledged: {
    readonly by: string
    readonly at: Instant
    readonly note: string
    readonly codes: number
  }
}

/**
 * Records that a movement which is not ours was made in Sage on purpose: it joins the baseline, and nothing is ever
 * sent to cancel it. What Sage's totals show besides is compared at once: the file may be posted already, or the
 * movement may have more keys than one observation lists.
 * Throws NOT_FOUND, NOTHING_TO_CONFIRM where no such movement is known, REASON_MISSING, TOO_LARGE, COMMAND_PENDING,
 * CHANGED_MEANWHILE, FILE_POSTED_OR_NOT.
 */
export const acknowledge = async (
  dependencies: Dependencies,
  who: Who,
  wanted: DriftToAcknowledge,
): Promise<AcknowledgedAnswer> => {
  const { store, clock } = dependencies
  const { key, export: number } = wanted
  const { recorded, of } = await store.decide<{ recorded: AcknowledgedAnswer; of: BudgetExport }>(
    key,
    async (now) => {
      const found = await storedPart(store, now, wanted)
      if (isRefusal(found)) return found
      const { head, part } = found
      const note = reasonOf(wanted.note, 'note')
      if (isRefusal(note)) return note
      const drift = driftOf(part)
      if (isRefusal(drift)) return drift
      const refused =
        (await refuseWhileUnderWay(store, key, head)) ?? observedSince(drift, wanted.observed_at)
      if (refused) return refused
      const filePosted = wanted.file_posted ?? saidBefore(part, drift)
      if (isRefusal(filePosted)) return filePosted
      const made = madeInSage(part.mode, drift, filePosted)
      const { baseline, entries } = await joined(dependencies, key, found.parts, part, drift, made)
      const { posted } = part
      const without = posted?.how === 'declared' && standsWithout(part, entries, made)
      const answer = {
        export: exportId(key.project, number),
        part: part.part,
        acknowledged: { by: who.by, at: clock.now(), note, codes: made.length },
      }
      return {
        answer: { recorded: answer, of: found.open },
        commit: {
          head,
          history: [
            {
              ...told(who),
              event: 'drift_acknowledged',
              detail: {
                export: number,
                part: part.part,
                note,
                ...(wanted.file_posted !== undefined && { file_posted: wanted.file_posted }),
                made_in_sage: made.map(inWords),
              },
            },
          ],
          parts: withCorrected(found.parts, part).map((each) => ({
            ...withoutObservation(each),
            ...(baseline && { baseline }),
            ...(without && each.part === part.part && { posted: { ...posted, not_shown: true } }),
          })),
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
  const { sage_company, job } = of
  // The note is stored; where the comparison fails, the next reading makes it.
  await compareTotals(dependencies, { company: key.company, sage_company, job }).catch(() => undefined)
  return recorded
}

const driftOf = ({ part, observation }: ExportPart): Observation | Refusal =>
  observation?.kind === 'drift'
    ? observation
    : refusal(
        'NOTHING_TO_CONFIRM',
        `Nothing that was made in Sage is waiting to be acknowledged for file ${String(part)}.`,
        'Look at the export for what was observed and its way out.',
      )

const observedSince = ({ at }: Observation, seen: Instant | undefined): Refusal | undefined =>
  seen === undefined || seen === at
    ? undefined
    : refusal(
        'CHANGED_MEANWHILE',
        `Sage was read again since: what was observed at ${at} stands now, not what was observed at ${seen}.`,
        'Look at the export again, then answer for what it shows.',
      )

/** Keys of a drift that may hold what the file sent, where nobody has confirmed yet that they do. */
export const keysToAskAbout = ({ posted }: ExportPart, observation: Observation): Observation['keys'] =>
  posted === undefined ? postedOrNot(observation) : []

/** FILE_POSTED_OR_NOT where only the poster can tell: nothing is guessed about money. */
function saidBefore(part: ExportPart, observation: Observation): boolean | Refusal {
  const codes = keysToAskAbout(part, observation).length
  // Confirmed; or it makes no difference, for no code moved that was sent.
  if (codes === 0) return true
  const readAt = observation.read_at ?? observation.at
  return refusal(
    'FILE_POSTED_OR_NOT',
    `${codes === 1 ? '1 budget code that was sent' : `${String(codes)} budget codes that were sent`} moved in Sage by another amount or in the other box: the file may have been posted besides, or not.`,
    'Say whether what was sent there was posted when Sage was read. Where only some of it was, post the rest, and have Sage read again.',
    {
      places: [
        {
          pointer: '/file_posted',
          code: 'FILE_POSTED_OR_NOT',
          sentence: `Whether what was sent there was posted in Sage, in either box, when it was read at ${readAt}.`,
        },
        {
          pointer: '/observed_at',
          code: 'FILE_POSTED_OR_NOT',
          sentence: `The observation that the answer is about: the one at ${observation.at}.`,
        },
      ],
    },
  )
}

const inWords = ({ code, original, changes }: LedgerRow) => ({
  code: showCode(code),
  original: formatCents(original),
  changes: formatCents(changes),
})

async function joined(
  { objects }: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  parts: readonly ExportPart[],
  part: ExportPart,
  { at }: Observation,
  made: readonly LedgerRow[],
): Promise<{ readonly entries: readonly ExportEntry[]; readonly baseline?: Sha256 }> {
  const { entries, baseline } = await sentTogether({ objects }, key, parts, part)
  if (!baseline) return { entries }
  const totals = joinBaseline(baseline.totals, made)
  return { entries, baseline: await objects.putJson(key.company, { ...baseline, as_of: at, totals }) }
}

/** Whether something that was sent is acknowledged as missing in Sage, in whole or in part: it was taken back there. */
function standsWithout(
  { mode }: ExportPart,
  entries: readonly ExportEntry[],
  made: readonly LedgerRow[],
): boolean {
  const moved = new Map(made.map((row) => [keyOf(row.code), rowIn[mode](row)]))
  return entries.some(({ code, cents }) => (moved.get(keyOf(code)) ?? 0) * cents < 0)
}

const rowIn = {
  original_estimate: ({ original }: LedgerRow): number => original,
  approved_estimate_change: ({ changes }: LedgerRow): number => changes,
}

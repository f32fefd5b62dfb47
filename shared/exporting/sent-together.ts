import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import { noCents } from '../domain/cents.ts'
import { entriesTogether } from '../domain/entries.ts'
import type { ExportEntry, ExportMode, ExportPart, LedgerRow } from '../domain/export.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { JobTotals } from '../domain/sage-company.ts'
import { joinBaseline } from '../sage/reconciliation.ts'
import { withCorrected } from './under-way.ts'

/** What stands in Sage of parts that are compared together, and Sage's totals of the job before them. */
export interface SentTogether {
  readonly entries: readonly ExportEntry[]
  readonly baseline?: JobTotals
  /** A reading of Sage before this instant tells nothing: the part before was confirmed then, and not seen yet. */
  readonly not_before?: Instant
}

/** Whether a reading is too old to be compared. */
export const tooOld = ({ not_before }: SentTogether, { as_of }: JobTotals): boolean =>
  not_before !== undefined && Date.parse(as_of) < Date.parse(not_before)

/** What Sage was sent and has not refused, of a part and the parts that it corrects, with their one baseline. */
export async function sentTogether(
  dependencies: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  parts: readonly ExportPart[],
  part: ExportPart,
): Promise<SentTogether> {
  // From the first part on: each correction carries again what the one before it had rejected.
  const together = withCorrected(parts, part).toReversed()
  let entries: readonly ExportEntry[] = []
  let rejected: ExportEntry['code'][] = []
  for (const each of together) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as they were sent
    entries = entriesTogether(entries, rejected, await entriesOf(dependencies, key, each))
    rejected = each.exceptions.filter(({ outcome }) => outcome === 'rejected').map(({ code }) => code)
  }
  const standing = entriesTogether(entries, rejected, [])
  const sha256 = together.find(({ baseline }) => baseline !== undefined)?.baseline
  if (sha256 === undefined) return { entries: standing }
  const baseline = JobTotals.parse(await dependencies.objects.getJson(key.company, sha256))
  const earlier = declaredSince(parts, together, baseline)
  if (!earlier) return { entries: standing, baseline }
  const before = await sentTogether(dependencies, key, parts, earlier)
  return {
    entries: standing,
    ...(before.baseline && { baseline: after(before, before.baseline, earlier) }),
    ...(earlier.posted && { not_before: earlier.posted.at }),
  }
}

/**
 * The part before, where a person confirmed it after the baseline was read: Sage's totals may not have held it yet,
 * and what moved then is that part's and not of this one. The last one queued speaks for those that it corrects.
 */
const declaredSince = (
  parts: readonly ExportPart[],
  together: readonly ExportPart[],
  { as_of }: JobTotals,
): ExportPart | undefined =>
  parts
    .filter((part) => !together.includes(part) && part.attempt !== undefined)
    .filter(({ posted }) => posted?.how === 'declared' && Date.parse(posted.at) > Date.parse(as_of))
    .toSorted((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0))[0]

const after = ({ entries }: SentTogether, baseline: JobTotals, { mode }: ExportPart): JobTotals => ({
  ...baseline,
  totals: joinBaseline(
    baseline.totals,
    entries.map((entry) => rowOf(entry, mode)),
  ),
})

const rowOf = ({ code, cents }: ExportEntry, mode: ExportMode): LedgerRow =>
  mode === 'original_estimate'
    ? { code, original: cents, changes: noCents }
    : { code, original: noCents, changes: cents }

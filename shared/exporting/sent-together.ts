import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import { entriesTogether } from '../domain/entries.ts'
import type { ExportEntry, ExportPart } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { applyTaken, negative } from '../domain/ledger.ts'
import { JobTotals } from '../domain/sage-company.ts'
import { joinBaseline } from '../sage/reconciliation.ts'
import { stillAhead } from './baseline.ts'
import { withCorrected } from './under-way.ts'

/**
 * What Sage was sent and has not refused, of a part and the parts that it corrects, with their one baseline. Where the
 * baseline holds what the reading does not show yet, it is told without: both then lack the same.
 */
export async function sentTogether(
  dependencies: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  parts: readonly ExportPart[],
  part: ExportPart,
  read?: JobTotals,
): Promise<{ readonly entries: readonly ExportEntry[]; readonly baseline?: JobTotals }> {
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
  const first = together.find(({ baseline }) => baseline !== undefined)
  if (first?.baseline === undefined) return { entries: standing }
  const baseline = JobTotals.parse(await dependencies.objects.getJson(key.company, first.baseline))
  if (first.ahead === undefined || read === undefined) return { entries: standing, baseline }
  const sent = applyTaken([], { mode: part.mode, outcome: 'taken', exceptions: [] }, standing)
  const missing = await stillAhead(dependencies, key, first, baseline.totals, sent, read)
  const totals = joinBaseline(baseline.totals, missing.map(negative))
  return { entries: standing, baseline: { ...baseline, totals } }
}

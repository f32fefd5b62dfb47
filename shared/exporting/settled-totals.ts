import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import type { ExportPart, LedgerRow } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { applyTaken } from '../domain/ledger.ts'
import type { JobTotals } from '../domain/sage-company.ts'
import { joinBaseline } from '../sage/reconciliation.ts'
import { sentTogether } from './sent-together.ts'
import { withCorrected } from './under-way.ts'

/**
 * Sage's totals of the job as a settled export leaves them: the baseline of its last part, and what Sage took of that
 * part and of those that it corrects, in the mode in which it was taken. Undefined where no baseline could be read.
 */
export async function settledTotals(
  dependencies: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  parts: readonly ExportPart[],
  part: ExportPart,
  read: JobTotals,
): Promise<JobTotals | undefined> {
  const { baseline } = await sentTogether(dependencies, key, parts, part, read)
  if (!baseline) return undefined
  let taken: readonly LedgerRow[] = []
  for (const each of withCorrected(parts, part))
    // oxlint-disable-next-line no-await-in-loop -- one file's entries in memory at a time
    taken = applyTaken(taken, each, await entriesOf(dependencies, key, each))
  return { ...baseline, totals: joinBaseline(baseline.totals, taken) }
}

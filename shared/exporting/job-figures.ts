import { ledgerPosition } from '../cycle/coming-export.ts'
import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import { openExport } from '../cycle/open-export.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { EntryOutcome, ExportPart, LedgerRow } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import type { FileBefore, JobFigures } from '../domain/job-report.ts'
import { applyTaken, joinRows, openingPosition } from '../domain/ledger.ts'
import type { JobTotals } from '../domain/sage-company.ts'
import { sentTogether } from './sent-together.ts'
import { withCorrected } from './under-way.ts'

type Readers = Pick<Dependencies, 'store' | 'objects'>

/** What the report of a job is made of: the ledger, the export under way or the last one, and Sage's totals as read. */
export async function jobFigures(
  readers: Readers,
  key: ProjectKey,
  head: BudgetHead,
  totals: JobTotals | undefined,
): Promise<JobFigures> {
  const settled = await ledgerPosition(readers, key, head)
  const sage = totals && openingPosition(totals.totals)
  if (head.export === 0)
    return {
      taken: settled,
      open: [],
      sage,
      before: { baseline: settled, asRead: settled, sent: [], taken: [] },
    }
  const { part, parts } = await openExport(readers, key, { open_export: head.open_export ?? head.export })
  const underWay = head.open_export === undefined ? [] : parts
  const [taken, open, before] = await Promise.all([
    rowsOf(readers, key, underWay, 'taken'),
    rowsOf(readers, key, underWay, 'open'),
    totals && beforeFile(readers, key, parts, part, totals),
  ])
  return { taken: joinRows(settled, taken), open, sage, before }
}

/** What of the parts has this outcome, by key and mode. */
async function rowsOf(
  readers: Readers,
  key: ProjectKey,
  parts: readonly ExportPart[],
  outcome: EntryOutcome,
): Promise<readonly LedgerRow[]> {
  let rows: readonly LedgerRow[] = []
  for (const part of parts)
    // oxlint-disable-next-line no-await-in-loop -- one file's entries in memory at a time
    rows = applyTaken(rows, asTaken(part, outcome), await entriesOf(readers, key, part))
  return rows
}

/** The part as if what has this outcome were all that Sage took of it; what is posted is taken. */
function asTaken({ mode, posted, ...part }: ExportPart, wanted: EntryOutcome) {
  const as = (outcome: EntryOutcome): EntryOutcome => {
    const now = outcome === 'open' && posted ? 'taken' : outcome
    return now === wanted ? 'taken' : 'withdrawn'
  }
  return {
    mode,
    outcome: as(part.outcome),
    exceptions: part.exceptions.map((exception) => ({ ...exception, outcome: as(exception.outcome) })),
  }
}

/** Sage's totals before a part and those that it corrects, and what they sent; undefined where they were not read. */
async function beforeFile(
  readers: Readers,
  key: ProjectKey,
  parts: readonly ExportPart[],
  part: ExportPart,
  totals: JobTotals,
): Promise<FileBefore | undefined> {
  const together = withCorrected(parts, part)
  const [asStored, asRead] = await Promise.all([
    sentTogether(readers, key, parts, part),
    sentTogether(readers, key, parts, part, totals),
  ])
  if (!asStored.baseline || !asRead.baseline) return undefined
  const [taken, open] = await Promise.all([
    rowsOf(readers, key, together, 'taken'),
    rowsOf(readers, key, together, 'open'),
  ])
  return {
    baseline: openingPosition(asStored.baseline.totals),
    asRead: openingPosition(asRead.baseline.totals),
    sent: joinRows(taken, open),
    taken,
  }
}

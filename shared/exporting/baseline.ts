import { ledgerPosition } from '../cycle/coming-export.ts'
import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import type { BudgetExport, ExportPart, LedgerRow } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { applyTaken, joinRows, negative } from '../domain/ledger.ts'
import { JobTotals } from '../domain/sage-company.ts'
import { joinBaseline, notShownYet } from '../sage/reconciliation.ts'
import { type StoredExport, withCorrected } from './under-way.ts'

type Readers = Pick<Dependencies, 'companies' | 'objects'>

/** The file queued before this one, of this export or of the one before, with its export. */
export interface QueuedBefore extends StoredExport {
  readonly part: ExportPart
}

type Job = Pick<BudgetExport, 'sage_company' | 'job' | 'create_job'>

/** A job that the import is to set up has no totals to read yet: nothing of it is in Sage, as of the lists without it. */
async function lastRead(
  { companies }: Readers,
  { company }: ProjectKey,
  { sage_company, job, create_job }: Job,
): Promise<JobTotals | undefined> {
  const read = await companies.jobTotals(company, sage_company, job)
  if (read || !create_job) return read
  const lists = await companies.masterData(company, sage_company)
  return lists && { job, as_of: lists.data.as_of, totals: [] }
}

/**
 * Sage's totals of the job as last read, stored as the baseline of the part that is about to be queued. What a person
 * said is posted, and that reading does not show yet, joins it: otherwise the next reading would show our own entries
 * as a movement that nobody sent. Absent without a reading, and where nothing tells what the reading shows.
 */
export async function baselineNow(
  dependencies: Readers,
  key: ProjectKey,
  of: Job,
  before: QueuedBefore | undefined,
): Promise<Pick<ExportPart, 'baseline' | 'ahead'>> {
  const { objects } = dependencies
  const read = await lastRead(dependencies, key, of)
  if (!read) return {}
  const ahead = before === undefined ? [] : await aheadOf(dependencies, key, before, read)
  if (ahead === undefined) return {}
  if (ahead.length === 0) return { baseline: await objects.putJson(key.company, read) }
  const joined = { ...read, totals: joinBaseline(read.totals, ahead) }
  const [baseline, rows] = await Promise.all([
    objects.putJson(key.company, joined),
    objects.putJson(key.company, ahead),
  ])
  return { baseline, ahead: rows }
}

/** What was taken and a reading does not show; undefined where that cannot be told. */
async function aheadOf(
  dependencies: Readers,
  key: ProjectKey,
  { open, parts, part }: QueuedBefore,
  read: JobTotals,
): Promise<readonly LedgerRow[] | undefined> {
  // Verified is what a reading showed whole; no later one is older than that.
  if (part.posted?.how === 'verified') return []
  const together = withCorrected(parts, part).toReversed()
  const first = together.find(({ baseline }) => baseline !== undefined)
  const since = part.posted?.at ?? open.settled_at
  if (first?.baseline === undefined)
    return since !== undefined && Date.parse(read.as_of) > Date.parse(since) ? [] : undefined
  const [taken, baseline] = await Promise.all([
    takenOf(dependencies, key, together),
    dependencies.objects.getJson(key.company, first.baseline),
  ])
  const { totals } = JobTotals.parse(baseline)
  const missing = await stillAhead(dependencies, key, first, totals, taken, read)
  return joinRows(missing, notShownYet(taken, totals, joinBaseline(read.totals, missing)))
}

/** What a part's baseline holds ahead of its own reading, and another reading does not show yet either. */
export async function stillAhead(
  { objects }: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  { ahead }: Pick<ExportPart, 'ahead'>,
  baseline: JobTotals['totals'],
  sent: readonly LedgerRow[],
  read: JobTotals,
): Promise<readonly LedgerRow[]> {
  if (ahead === undefined) return []
  const rows = await ledgerPosition({ objects }, key, { ledger: ahead })
  const asRead = joinBaseline(baseline, rows.map(negative))
  // It was posted before the rest was sent: a reading that shows any of the rest must show it, or contradicts it.
  const nothingSince = notShownYet(sent, asRead, read.totals).length === sent.length
  return nothingSince ? notShownYet(rows, asRead, read.totals, sent) : []
}

/** What Sage took of parts that belong together, by key and mode. */
async function takenOf(
  dependencies: Readers,
  key: ProjectKey,
  together: readonly ExportPart[],
): Promise<readonly LedgerRow[]> {
  let taken: readonly LedgerRow[] = []
  for (const part of together) {
    const outcome = part.outcome === 'open' && part.posted ? 'taken' : part.outcome
    // oxlint-disable-next-line no-await-in-loop -- one file's entries in memory at a time
    taken = applyTaken(taken, { ...part, outcome }, await entriesOf(dependencies, key, part))
  }
  return taken
}

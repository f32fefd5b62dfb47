import { millisecondsADay } from './clock.ts'
import type { Instant } from './ids.ts'
import type { SageCompany } from './sage-company.ts'

// A week: where lists and totals are uploaded by hand, that is done once a week.
const stoppedAfterDays = 7

/** A linked job of which something was exported. */
export interface ExportedJob {
  readonly job: string
  /** Since when the budget is in its state: from then on a reading was to be expected. */
  readonly since: Instant
}

/**
 * The jobs of a Sage company whose totals were not read for a week, each with its last reading, or since when it lacks
 * one. None where files are taken by hand and Sage was never read: there, people confirm what is posted.
 */
export function readingsStopped(
  { connector }: Pick<SageCompany, 'connector'>,
  jobs: readonly ExportedJob[],
  read: ReadonlyMap<string, Instant>,
  now: Instant,
): ExportedJob[] {
  if (connector === 'file_drop' && read.size === 0) return []
  return jobs
    .map(({ job, since }) => ({ job, since: read.get(job.trim()) ?? since }))
    .filter(({ since }) => Date.parse(now) - Date.parse(since) > stoppedAfterDays * millisecondsADay)
}

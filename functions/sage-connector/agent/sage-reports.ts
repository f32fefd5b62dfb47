import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Instant } from '../../../shared/domain/ids.ts'
import type { JobTotals, MasterData } from '../../../shared/domain/sage-company.ts'
import {
  categoriesFile,
  costCodesFile,
  extrasFile,
  jobsFile,
  type Reading,
  type Report,
  type SageFile,
  totalsFile,
} from '../../../shared/sage/master-data-files.ts'

/** What an agent can read of Sage; CSV reports now, ODBC or a SQL copy behind the same port later. */
export interface SageReader {
  /** When the figures were read from Sage; undefined while there are none. Throws where what stands there is no time. */
  asOf(): Instant | undefined
  /** Without the rows that could not be read. */
  masterData(): Reading<MasterData>
  /** One per job that has any category; none for a job of which a row could not be read: it would show too little. */
  totals(): Reading<readonly JobTotals[]>
}

/** Reads the reports that somebody, or a scheduled task, prints into a folder; `as-of.txt` is written last. */
export function csvReports(folder: string): SageReader {
  const readReport = <Row>(file: SageFile<Row>): Report<Row> =>
    file.read(readFileSync(join(folder, file.name)))
  const asOf = (): Instant | undefined => {
    const path = join(folder, 'as-of.txt')
    if (!existsSync(path)) return undefined
    const text = readFileSync(path, 'utf8').trim()
    const read = Instant.safeParse(text)
    if (read.success) return read.data
    throw new Error(
      `${path} holds ${JSON.stringify(text.slice(0, 40))}; it must hold a time in UTC, as 2026-01-05T09:00:00.000Z.`,
    )
  }
  const printed = (): Instant => {
    const at = asOf()
    if (at === undefined) throw new Error(`${folder} holds no as-of.txt: no report was printed yet`)
    return at
  }
  return {
    asOf,
    masterData() {
      const as_of = printed()
      const jobs = readReport(jobsFile)
      const codes = readReport(costCodesFile)
      const categories = readReport(categoriesFile)
      const extras = readReport(extrasFile)
      const unreadable = [jobs, codes, categories, extras].flatMap((report) => report.unreadable)
      if (!jobs.read || !codes.read || !categories.read || !extras.read)
        return { read: undefined, unreadable }
      const read: MasterData = {
        as_of,
        jobs: [...jobs.read],
        cost_codes: [...codes.read],
        categories: [...categories.read],
        extras: [...extras.read],
      }
      return { read, unreadable }
    },
    totals() {
      const as_of = printed()
      const { read: listed = [] } = readReport(jobsFile)
      const { read: rows, unreadable, spoiltJobs } = readReport(totalsFile)
      if (!rows) return { read: undefined, unreadable }
      const jobs = new Map<string, JobTotals>(listed.map(({ job }) => [job, { job, as_of, totals: [] }]))
      for (const { job: number, total } of rows) {
        const job = jobs.get(number) ?? { job: number, as_of, totals: [] }
        job.totals.push(total)
        jobs.set(number, job)
      }
      return { read: [...jobs.values()].filter(({ job }) => !spoiltJobs.has(job)), unreadable }
    },
  }
}

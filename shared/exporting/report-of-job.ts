import type { BudgetHead, Project } from '../domain/budget-head.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { jobReport, type ReportFigures, type ReportRow, sumsOf } from '../domain/job-report.ts'
import type { Dependencies } from '../cycle/dependencies.ts'
import { jobFigures } from './job-figures.ts'

/** What Sage shows of one project's job against our ledger, per code and in all. */
export interface ReportOfJob {
  readonly project: Project
  readonly head: BudgetHead
  /** The export under way, or the last one; undefined: none was made. */
  readonly export: string | undefined
  /** When Sage's totals were read; undefined: never. */
  readonly asOf: Instant | undefined
  /** In key order. */
  readonly rows: readonly ReportRow[]
  readonly sums: ReportFigures
}

/** Undefined for a project that is not there. */
export async function reportOfJob(
  dependencies: Pick<Dependencies, 'store' | 'objects' | 'companies'>,
  key: ProjectKey,
): Promise<ReportOfJob | undefined> {
  const { store, companies } = dependencies
  const [head, project] = await Promise.all([store.head(key), store.project(key)])
  if (!head || !project) return undefined
  const { job } = project
  const totals = job && (await companies.jobTotals(key.company, job.sage_company, job.number))
  const figures = await jobFigures(dependencies, key, head, totals)
  const rows = jobReport(figures)
  const last = head.open_export ?? head.export
  return {
    project,
    head,
    export: last === 0 ? undefined : exportId(key.project, last),
    asOf: totals?.as_of,
    rows,
    sums: sumsOf(rows, {
      sage: figures.sage !== undefined,
      made: figures.sage !== undefined && figures.before !== undefined,
    }),
  }
}

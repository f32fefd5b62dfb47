import * as z from 'zod'
import { sageReportCsvHead, sageReportCsvRow } from '../../shared/budget-files/sage-report-csv.ts'
import { CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { Sha256 } from '../../shared/domain/ids.ts'
import type { ReportFigures, ReportRow } from '../../shared/domain/job-report.ts'
import { type ReportOfJob, reportOfJob } from '../../shared/exporting/report-of-job.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { changedBetween, comesAfter, type Page, pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { notFound } from '../../shared/http/request.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { canonicalJson, sha256 } from '../../shared/store/content-hash.ts'
import { codeShown, inSageShown, statesShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'
import { fileQuery, pagedText } from './paged-text.ts'

/** After which code a page goes on, in which state of the report. */
const Place = z.strictObject({ after: CodeKey, of: Sha256 })

interface Report extends ReportOfJob {
  /** Hash of all rows. */
  readonly hash: Sha256
  /** The rows that the page before did not give. */
  readonly left: readonly ReportRow[]
}

async function reported(
  dependencies: ApiDependencies,
  ask: Ask,
  cursor: string | undefined,
): Promise<Report> {
  const place = cursor === undefined ? undefined : placeOf(cursor, Place)
  const report = await reportOfJob(dependencies, projectKey(ask))
  if (!report) throw notFound('project')
  const hash = sha256(canonicalJson(report.rows))
  if (place && place.of !== hash) throw changedBetween()
  return { ...report, hash, left: report.rows.filter(({ code }) => comesAfter(keyOf(code), place?.after)) }
}

const figuresShown = ({ taken, open, sage, made, difference }: ReportFigures) => ({
  taken: inSageShown(taken),
  on_its_way: inSageShown(open),
  in_sage: sage ? inSageShown(sage) : null,
  made_in_sage: made
    ? {
        acknowledged: inSageShown(made.acknowledged),
        not_acknowledged: inSageShown(made.not_acknowledged),
      }
    : null,
  difference: difference ? inSageShown(difference) : null,
})

const placeAfter = ({ hash }: Report, { code }: Pick<ReportRow, 'code'>) => ({ after: keyOf(code), of: hash })

async function showReport(dependencies: ApiDependencies, ask: Ask, { limit, cursor }: Page): Promise<Answer> {
  const report = await reported(dependencies, ask, cursor)
  const { page, next_cursor } = pageOf(report.left, limit, (row) => placeAfter(report, row))
  return ok({
    project: report.project.project,
    name: report.project.name,
    job: report.project.job ?? null,
    ...statesShown(report.head),
    export: report.export ?? null,
    sage_as_of: report.asOf ?? null,
    ...figuresShown(report.sums),
    budget_codes: page.map((row) => ({ ...codeShown(row.code), ...figuresShown(row) })),
    budget_codes_in_all: report.rows.length,
    next_cursor,
  })
}

async function reportCsv(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: z.infer<typeof fileQuery>,
): Promise<Answer> {
  const report = await reported(dependencies, ask, cursor)
  const { left, rows, sums } = report
  const records = left.map((row) => ({ text: sageReportCsvRow(row), place: placeAfter(report, row) }))
  const last = rows.at(-1)
  const total = { text: sageReportCsvRow(sums), place: last && placeAfter(report, last) }
  return await pagedText([...records, total], {
    type: 'text/csv; charset=utf-8',
    name: `${report.project.project}-sage-report.csv`,
    limit,
    before: cursor === undefined ? sageReportCsvHead : '',
  })
}

export const sageReportRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/projects/{project}/sage_report',
    operation: 'view_erp',
    query: pageQuery(1000),
    handle: async (ask, { query }) => await showReport(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: '/projects/{project}/sage_report.csv',
    operation: 'view_erp',
    query: fileQuery,
    handle: async (ask, { query }) => await reportCsv(dependencies, ask, query),
  }),
]

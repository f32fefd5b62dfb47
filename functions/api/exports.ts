import * as z from 'zod'
import { showCode } from '../../shared/domain/budget-code.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import type { BudgetExport, ExportPart, Observation } from '../../shared/domain/export.ts'
import { ProjectId } from '../../shared/domain/ids.ts'
import { Refused } from '../../shared/domain/refusal.ts'
import type { JobTotals } from '../../shared/domain/sage-company.ts'
import { modeInWords } from '../../shared/domain/shown-as.ts'
import { observeSettled } from '../../shared/exporting/compare-settled.ts'
import { waysOut } from '../../shared/exporting/list-under-way.ts'
import { mayDownload } from '../../shared/exporting/part-file.ts'
import { withCorrected } from '../../shared/exporting/under-way.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { rolesOf } from '../../shared/http/caller.ts'
import { pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import { fileOf, planned } from '../../shared/mail/words.ts'
import { observe } from '../../shared/sage/reconciliation.ts'
import type { ApiDependencies } from './dependencies.ts'
import { elsewhere, largestAnswer } from './file-answer.ts'
import { codeShown, observationShown } from './as-shown.ts'
import { exportAsked, partAsked } from './export-asked.ts'
import { PathNumber } from './input.ts'
import { sentTogether } from '../../shared/exporting/sent-together.ts'

const ExportsQuery = z.strictObject({ ...pageQuery().shape, project: ProjectId })

export const exportShown = (of: BudgetExport) => ({
  export: of.id,
  number: of.number,
  version: of.version,
  first: of.first,
  sage_company: of.sage_company,
  job: of.job,
  create_job: of.create_job,
  entry_date: of.entry_date,
  accepted_by: of.accepted_by,
  attempt: of.attempt,
  parts: of.parts,
  current_part: of.current_part,
  opened_at: of.opened_at,
  settled_at: of.settled_at ?? null,
  settled_as: of.settled_as ?? null,
})

const failureShown = ({ lines, ...failure }: NonNullable<ExportPart['failure']>) => ({
  ...failure,
  ...(lines && { lines: lines.map(({ code, message }) => ({ ...codeShown(code), message })) }),
})

export const partShown = (part: ExportPart, parts: readonly ExportPart[]) => ({
  part: part.part,
  shown_as: fileOf(part, planned(parts)),
  kind: part.kind,
  corrects: part.corrects ?? null,
  mode: part.mode,
  mode_shown_as: modeInWords[part.mode],
  entries: part.entries,
  total: formatCents(part.total),
  file_name: part.file_name,
  file_sha256: part.file_sha256,
  attempt: part.attempt ?? null,
  outcome: part.outcome,
  exceptions: part.exceptions.map(({ code, ...exception }) => ({
    ...code,
    budget_code: showCode(code),
    ...exception,
  })),
  claim: part.claim ?? null,
  receipt: part.receipt ?? null,
  failure: part.failure ? failureShown(part.failure) : null,
  withdrawn_from_folder: part.withdrawn_from_folder ?? null,
  posted: part.posted ?? null,
  observation: part.observation ? observationShown(part.observation) : null,
})

async function listExports(
  { store }: ApiDependencies,
  { caller }: Ask,
  { project, limit, cursor }: z.infer<typeof ExportsQuery>,
): Promise<Answer> {
  const key = { company: caller.company, project }
  const before = cursor === undefined ? Infinity : placeOf(cursor, z.int())
  const [known, exports] = await Promise.all([store.project(key), store.exports(key)])
  if (!known) throw notFound('project')
  const older = exports.filter(({ number }) => number < before).toSorted((a, b) => b.number - a.number)
  const { page, next_cursor } = pageOf(older, limit, ({ number }) => number)
  return ok({ exports: page.map(exportShown), next_cursor })
}

/** An export with its parts, what was observed of each, and what may be done about it now. */
async function showExport(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { key, open, parts } = await exportAsked(dependencies, ask)
  const head = await dependencies.store.head(key)
  if (!head) throw notFound('export')
  const underWay = head.open_export === open.number
  return ok({
    ...exportShown(open),
    parts: parts.map((part) => partShown(part, parts)),
    commands: underWay ? waysOut(head, rolesOf(ask.caller)) : [],
  })
}

async function downloadPart(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { key, open, parts } = await exportAsked(dependencies, ask)
  const part = partAsked(parts, segment(ask.event, 'part', PathNumber))
  const head = await dependencies.store.head(key)
  if (!head) throw notFound('export')
  const refused = mayDownload(head, open, part)
  if (refused) throw new Refused(refused)
  const bytes = await dependencies.objects.getFile(part.file_key, part.file_sha256)
  return bytes.byteLength > largestAnswer
    ? elsewhere(await dependencies.fileUrl(part.file_key, part.file_name))
    : {
        status: 200,
        type: 'application/octet-stream',
        bytes,
        headers: { 'content-disposition': `attachment; filename="${part.file_name}"` },
      }
}

const ReconciliationQuery = z.strictObject({ part: z.coerce.number().int().min(1).optional() })

/**
 * Compares Sage's totals, as last read, with what was sent, now and without keeping it; those of a settled export with
 * what its last file left in Sage, until a later export is made.
 */
async function showReconciliation(
  dependencies: ApiDependencies,
  ask: Ask,
  { part: number }: z.infer<typeof ReconciliationQuery>,
): Promise<Answer> {
  const { key, open, parts } = await exportAsked(dependencies, ask)
  const part = partAsked(parts, number ?? open.current_part)
  const { store, companies, clock } = dependencies
  const [head, totals] = await Promise.all([
    store.head(key),
    companies.jobTotals(key.company, open.sage_company, open.job),
  ])
  const { entries, baseline } = await sentTogether(dependencies, key, parts, part, totals)
  const seen = async (of: JobTotals): Promise<Observation | undefined> => {
    if (open.settled_at === undefined)
      return observe({ mode: part.mode, entries, baseline: baseline?.totals, totals: of, at: clock.now() })
    const isLast = open.number === head?.export && part.part === open.current_part
    return isLast ? await observeSettled(dependencies, key, { open, parts, part }, of) : undefined
  }
  const observed = totals && (await seen(totals))
  // Of an export that settled otherwise nothing was posted that agreement could be about.
  const asLeft = observed?.kind === 'posted' && open.settled_as !== undefined && open.settled_as !== 'synced'
  return ok({
    export: open.id,
    part: part.part,
    compared_with: withCorrected(parts, part)
      .map((each) => each.part)
      .toSorted((a, b) => a - b),
    baseline: baseline ? { as_of: baseline.as_of } : null,
    totals: totals ? { as_of: totals.as_of } : null,
    comparable: observed !== undefined,
    observation: observed && !asLeft ? observationShown(observed) : null,
  })
}

export const exportRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/exports',
    operation: 'view_exports',
    query: ExportsQuery,
    handle: async (ask, { query }) => await listExports(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: '/exports/{export}',
    operation: 'view_export',
    handle: async (ask) => await showExport(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/exports/{export}/parts/{part}/file',
    operation: 'download_part',
    handle: async (ask) => await downloadPart(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/exports/{export}/reconciliation',
    operation: 'view_exports',
    query: ReconciliationQuery,
    handle: async (ask, { query }) => await showReconciliation(dependencies, ask, query),
  }),
]

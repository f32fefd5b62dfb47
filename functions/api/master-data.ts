import * as z from 'zod'
import { formatCents } from '../../shared/domain/cents.ts'
import { Instant, SageCompanyId } from '../../shared/domain/ids.ts'
import { type JobTotals, MasterData, type SageTotal } from '../../shared/domain/sage-company.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, largestFile, notFound, segment } from '../../shared/http/request.ts'
import type { ApiDependencies, SageDependencies } from './dependencies.ts'
import { assertServes } from './connector-serves.ts'
import { Amount } from './input.ts'

/** The Sage company that the path names, set up for the caller's own company, and served by a connector that calls. */
export async function sageAsked({ companies }: ApiDependencies, { event, caller }: Ask) {
  const id = segment(event, 'sage', SageCompanyId)
  const sage = await companies.sageCompany(caller.company, id)
  if (!sage) throw notFound('Sage company')
  assertServes(caller, sage)
  return { company: caller.company, sage: id }
}

const counted = (data: MasterData) => ({
  as_of: data.as_of,
  jobs: data.jobs.length,
  cost_codes: data.cost_codes.length,
  categories: data.categories.length,
  extras: data.extras.length,
})

async function showMasterData(dependencies: SageDependencies, ask: Ask): Promise<Answer> {
  const { company, sage } = await sageAsked(dependencies, ask)
  const stored = await dependencies.companies.masterData(company, sage)
  if (!stored) throw notFound('master data')
  return ok(stored.data, { etag: `"${stored.sha256}"` })
}

// One reading of all lists; when each was uploaded alone is ours to say.
const Reading = MasterData.omit({ lists_as_of: true })

/** Replaces all of it: what a reading of Sage does not name is not in Sage. One older than what stands replaces nothing. */
async function saveMasterData(dependencies: SageDependencies, ask: Ask, data: MasterData): Promise<Answer> {
  const { company, sage } = await sageAsked(dependencies, ask)
  assertNotLater(data.as_of, dependencies)
  const { companies } = dependencies
  const stored = await companies.putMasterData(company, sage, data, ask.caller.actor, ask.request)
  return ok({ stored, ...counted(data) })
}

// Clocks differ; a reading from tomorrow would keep later ones out.
const mostAhead = 60 * 60 * 1000

export function assertNotLater(as_of: Instant, { clock }: ApiDependencies): void {
  if (Date.parse(as_of) > Date.parse(clock.now()) + mostAhead)
    throw faulty('/as_of', 'IN_THE_FUTURE', 'Sage cannot have been read in the future; look at the clock.')
}

// Sage shows jobs with blanks and slashes; a path carries them escaped.
export const Job = z
  .string()
  .transform((text, context) => {
    try {
      return decodeURIComponent(text).trim()
    } catch {
      context.addIssue({ code: 'custom', message: 'not a path' })
      return z.NEVER
    }
  })
  .pipe(z.string().min(1).max(40))

const TotalsInput = z.strictObject({
  as_of: Instant,
  totals: z
    .array(
      z.strictObject({
        extra: z.string().default(''),
        cost_code: z.string(),
        category: z.string(),
        original: Amount,
        changes: Amount,
      }),
    )
    .max(100_000),
})

export const totalShown = ({ original, changes, ...key }: SageTotal) => ({
  ...key,
  original: formatCents(original),
  changes: formatCents(changes),
})

const totalsShown = ({ job, as_of, totals }: JobTotals) => ({ job, as_of, totals: totals.map(totalShown) })

async function showTotals(dependencies: SageDependencies, ask: Ask): Promise<Answer> {
  const { company, sage } = await sageAsked(dependencies, ask)
  const totals = await dependencies.companies.jobTotals(company, sage, segment(ask.event, 'job', Job))
  if (!totals) throw notFound('job totals')
  return ok(totalsShown(totals))
}

/** Stores Sage's posted totals of one job, and has them compared with what waits for posting. */
async function saveTotals(
  dependencies: SageDependencies,
  ask: Ask,
  { as_of, totals }: z.infer<typeof TotalsInput>,
): Promise<Answer> {
  const { company, sage } = await sageAsked(dependencies, ask)
  const job = segment(ask.event, 'job', Job)
  assertNotLater(as_of, dependencies)
  await dependencies.companies.putJobTotals(company, sage, { job, as_of, totals })
  await dependencies.report({ v: 1, kind: 'totals', company, sage_company: sage, job, as_of })
  return ok({ job, as_of, totals: totals.length })
}

export const masterDataRoutes = (dependencies: SageDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/erp/master_data/{sage}',
    operation: 'view_master_data',
    handle: async (ask) => await showMasterData(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/erp/master_data/{sage}',
    operation: 'save_master_data',
    body: Reading,
    largest: largestFile,
    gzipped: true,
    handle: async (ask, { body }) => await saveMasterData(dependencies, ask, body),
  }),
  route({
    method: 'GET',
    path: '/erp/master_data/{sage}/totals/{job}',
    operation: 'view_master_data',
    handle: async (ask) => await showTotals(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/erp/master_data/{sage}/totals/{job}',
    operation: 'report_read_back',
    body: TotalsInput,
    largest: largestFile,
    gzipped: true,
    handle: async (ask, { body }) => await saveTotals(dependencies, ask, body),
  }),
]

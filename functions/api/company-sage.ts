import * as z from 'zod'
import { formatCents } from '../../shared/domain/cents.ts'
import { PersonId, SageCompanyId } from '../../shared/domain/ids.ts'
import { type SageCompany, sageLimits, staleAfterDays } from '../../shared/domain/sage-company.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, notFound, segment } from '../../shared/http/request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { changeAsked } from './change-asked.ts'
import { Amount } from './input.ts'

const isTimeZone = (zone: string): boolean =>
  Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC'

// A folder becomes part of a path on the agent's side: no separators, no climbing up.
const folder = z
  .string()
  .trim()
  .regex(/^[^\\/:*?"<>|\p{Cc}]{1,60}$/u, { error: 'This cannot be the name of a folder.' })
  .refine((name) => !/^\.+$/.test(name), { error: 'This cannot be the name of a folder.' })

const length = z.int().min(1).max(100)

const LimitsInput = z.strictObject({
  job: length.optional(),
  extra: length.optional(),
  cost_code: length.optional(),
  category: length.optional(),
  description: length.optional(),
  amount: Amount.optional(),
})

const days = z.int().min(0).max(3660)

const SageInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  folder,
  connector: z.enum(['file_drop', 'agent']),
  posters: z.array(PersonId).max(100).default([]),
  /** `sub` of the sign-ins whose agents serve it; left out: every connector of the company. */
  connector_subjects: z.array(z.string().min(1).max(256)).max(20).default([]),
  time_zone: z
    .string()
    .refine(isTimeZone, { error: 'Name a time zone of the IANA database, such as America/Chicago.' }),
  job_mask: z.string().min(1).max(40).nullish(),
  cost_code_mask: z.string().min(1).max(40).nullish(),
  date_order: z.enum(['MMDDYYYY', 'DDMMYYYY', 'YYYYMMDD']).default('MMDDYYYY'),
  // Those that the writer can put in front of a line without it being read as a record.
  comment_character: z.enum(['!', '#', '$', '%', '&', ';']).default(';'),
  code_separators: z.enum(['as_shown', 'left_out']).default('as_shown'),
  /** Fewest fields of a job record in a file. */
  shortest_job_line: z.union([z.literal(2), z.literal(3), z.literal(8)]).default(2),
  jobs_may_be_created: z.boolean().default(false),
  extras_may_be_created: z.boolean().default(false),
  cost_codes_may_be_created: z.boolean().default(false),
  entry_date_window: z.strictObject({ before: days, after: days }),
  stale_after_days: z.int().min(1).max(90).default(staleAfterDays),
  /** What is left out is Sage's own. */
  limits: LimitsInput.default({}),
})

const sageShown = ({
  job_mask,
  cost_code_mask,
  limits,
  connector_subjects = [],
  code_separators = 'as_shown',
  shortest_job_line = 2,
  stale_after_days = staleAfterDays,
  ...sage
}: SageCompany) => ({
  ...sage,
  connector_subjects,
  code_separators,
  shortest_job_line,
  stale_after_days,
  job_mask: job_mask ?? null,
  cost_code_mask: cost_code_mask ?? null,
  limits: { ...limits, amount: formatCents(limits.amount) },
})

type SageInput = z.infer<typeof SageInput>

function sageOf(id: SageCompanyId, input: SageInput): SageCompany {
  const { job_mask, cost_code_mask, limits, ...rest } = input
  const given = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
  return {
    id,
    ...rest,
    ...(typeof job_mask === 'string' && { job_mask }),
    ...(typeof cost_code_mask === 'string' && { cost_code_mask }),
    limits: { ...sageLimits, ...given },
  }
}

async function listSage({ companies }: ApiDependencies, { caller: { company } }: Ask): Promise<Answer> {
  const [all, revision] = await Promise.all([companies.sageCompanies(company), companies.revision(company)])
  return ok({ sage_companies: all.map(sageShown) }, { etag: etag(revision) })
}

async function showSage({ companies }: ApiDependencies, { event, caller }: Ask): Promise<Answer> {
  const [sage, revision] = await Promise.all([
    companies.sageCompany(caller.company, segment(event, 'sage', SageCompanyId)),
    companies.revision(caller.company),
  ])
  if (!sage) throw notFound('Sage company')
  return ok(sageShown(sage), { etag: etag(revision) })
}

async function saveSage({ companies }: ApiDependencies, ask: Ask, input: SageInput): Promise<Answer> {
  const { event, caller } = ask
  const sage = sageOf(segment(event, 'sage', SageCompanyId), input)
  const known = new Set((await companies.people(caller.company)).map(({ id }) => id))
  const stranger = sage.posters.findIndex((id) => !known.has(id))
  if (stranger >= 0)
    throw faulty(
      `/posters/${String(stranger)}`,
      'NOT_FOUND',
      `There is no person ${sage.posters[stranger] ?? ''}.`,
    )
  const answer = sageShown(sage)
  const asked = changeAsked(ask, answer)
  const revision = await companies.putSageCompany(caller.company, sage, caller.actor, asked)
  return ok(answer, { etag: etag(revision) })
}

export const companySageRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/company/sage',
    operation: 'view_company',
    handle: async (ask) => await listSage(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/company/sage/{sage}',
    operation: 'view_company',
    handle: async (ask) => await showSage(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/company/sage/{sage}',
    operation: 'save_sage_company',
    body: SageInput,
    handle: async (ask, { body }) => await saveSage(dependencies, ask, body),
  }),
]

import * as z from 'zod'
import type { BudgetHead, Project } from '../../shared/domain/budget-head.ts'
import { transliterate } from '../../shared/domain/sage-text.ts'
import { addressLimits } from '../../shared/sage/estimate-file.ts'
import { type ProjectKey, SageCompanyId } from '../../shared/domain/ids.ts'
import { frozen } from '../../shared/domain/lifecycle.ts'
import { isRefusal, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import { type Page, pageQuery } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, notFound } from '../../shared/http/request.ts'
import type { Commit, IdempotencyKey, NextHead } from '../../shared/store/budget-store.ts'
import { newHead } from '../../shared/store/head-row.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { projectShown, statesShown, totalsShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'

/** A text that Sage keeps whole: letters that it does not know are spelled, as `ss` for ß, and then count. */
const inSage = (most: number) =>
  z
    .string()
    .trim()
    .refine((text) => transliterate(text).text.length <= most, {
      error: `Sage keeps at most ${String(most)} characters here.`,
    })

const ProjectInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  /** Null, or left out, takes the link off. */
  job: z.strictObject({ sage_company: SageCompanyId, number: z.string().trim().min(1).max(40) }).nullish(),
  settings: z.strictObject({ one_sided_changes: z.boolean() }).default({ one_sided_changes: false }),
  /** Of the site; sent with a job that Sage does not know yet. Null, or left out: the job gets none. */
  address: z
    .strictObject({
      street: inSage(addressLimits.street),
      city: inSage(addressLimits.city),
      state: inSage(addressLimits.state),
      zip: inSage(addressLimits.zip),
    })
    .nullish(),
  /** What sub jobs are called; sent with an extra that Sage does not know yet. */
  sub_jobs: z
    .array(
      z.strictObject({
        sub_job: z.string().trim().min(1).max(100),
        description: z.string().trim().min(1).max(200),
      }),
    )
    .max(500)
    .refine((list) => new Set(list.map(({ sub_job }) => sub_job)).size === list.length, {
      error: 'A sub job is described twice.',
    })
    .default([]),
})
type ProjectInput = z.infer<typeof ProjectInput>

const shown = (project: Project, head: Parameters<typeof statesShown>[0]) => ({
  ...projectShown(project),
  ...statesShown(head),
})

async function listProjects(
  { store }: ApiDependencies,
  { caller }: Ask,
  { limit, cursor }: Page,
): Promise<Answer> {
  const { heads, cursor: next } = await store.heads(caller.company, {
    limit,
    ...(cursor !== undefined && { cursor }),
  })
  const projects = await Promise.all(heads.map(async (head) => await store.project(head)))
  return ok({
    projects: heads.flatMap((head, i) => {
      const project = projects[i]
      return project ? [{ ...shown(project, head), ...totalsShown(head) }] : []
    }),
    next_cursor: next ?? null,
  })
}

async function showProject({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const key = projectKey(ask)
  const [project, head] = await Promise.all([store.project(key), store.head(key)])
  if (!project || !head) throw notFound('project')
  return ok(shown(project, head), { etag: etag(head.revision) })
}

interface Saved {
  readonly status: 200 | 201
  readonly project: Project
  readonly head: NextHead
}

interface Written {
  readonly answer: Saved
  readonly commit: Commit
}

async function saveProject(dependencies: ApiDependencies, ask: Ask, input: ProjectInput): Promise<Answer> {
  const key = projectKey(ask)
  await assertSageCompany(dependencies, key, input)
  const idempotency = keyGiven(ask.event, ask.caller)
  const { status, project, head } = await dependencies.store.decide<Saved>(
    key,
    async (before) => {
      const decided = before
        ? await change(dependencies, ask, key, before, input)
        : await create(dependencies, ask, key, input)
      return isRefusal(decided) ? decided : answeredAgain(decided, idempotency)
    },
    idempotency,
  )
  return {
    status,
    body: shown(project, head),
    headers: { etag: etag(head.revision), ...(status === 201 && { location: `/projects/${key.project}` }) },
  }
}

const answeredAgain = ({ answer, commit }: Written, idempotency: IdempotencyKey | undefined): Written => ({
  answer,
  commit: {
    ...commit,
    ...keptFor({ idempotency }, shown(answer.project, answer.head), answer.status),
  },
})

async function assertSageCompany({ companies }: ApiDependencies, key: ProjectKey, { job }: ProjectInput) {
  if (job && !(await companies.sageCompany(key.company, job.sage_company)))
    throw faulty('/job/sage_company', 'NOT_FOUND', `There is no Sage company ${job.sage_company}.`)
}

const written = ({ name, job, settings, address, sub_jobs }: ProjectInput) => ({
  name,
  settings,
  ...(job && { job }),
  ...(address && { address }),
  ...(sub_jobs.length > 0 && { sub_jobs }),
})

/** What the history tells of a project. */
const told = ({ name, job, settings, address, sub_jobs }: Project) => ({
  name,
  job: job ?? null,
  settings,
  address: address ?? null,
  sub_jobs: sub_jobs ?? [],
})

async function create(
  { store, clock }: ApiDependencies,
  { caller, event, request }: Ask,
  key: ProjectKey,
  input: ProjectInput,
): Promise<Written | Refusal> {
  if (event.headers['if-match'] !== undefined) return noRevisionYet()
  const at = clock.now()
  const project: Project = {
    project: key.project,
    ...written(input),
    created_by: caller.actor,
    created_at: at,
  }
  const head = newHead(key, await store.emptyLines(key), at)
  return {
    answer: { status: 201, project, head },
    commit: {
      head,
      history: [
        {
          event: 'project_created',
          by: caller.actor,
          request,
          detail: { before: null, after: told(project) },
        },
      ],
      project,
      ...(project.job && { job_link: { take: linkOf(project.job) } }),
    },
  }
}

const noRevisionYet = (): Refusal =>
  refusal('CHANGED_MEANWHILE', 'There is no such project yet.', 'Leave If-Match out to create it.')

const linkOf = (job: NonNullable<Project['job']>) => ({ sage_company: job.sage_company, job: job.number })

async function change(
  { store }: ApiDependencies,
  { caller, event, request }: Ask,
  key: ProjectKey,
  head: BudgetHead,
  input: ProjectInput,
): Promise<Written | Refusal> {
  const before = await store.project(key)
  if (!before) throw notFound('project')
  const { project: id, created_by, created_at } = before
  const project: Project = { project: id, ...written(input), created_by, created_at }
  const refused =
    onlyCreate(event, key) ?? notMatching(event, head.revision) ?? linkFixed(head, before.job, project.job)
  if (refused) return refused
  const next = { ...head, revision: head.revision + 1 }
  return {
    answer: { status: 200, project, head: next },
    commit: {
      head: next,
      history: [
        {
          event: 'project_changed',
          by: caller.actor,
          request,
          detail: { before: told(before), after: told(project) },
        },
      ],
      project,
      ...linkMoved(before.job, project.job),
    },
  }
}

const onlyCreate = (event: Ask['event'], key: ProjectKey): Refusal | undefined =>
  event.headers['if-none-match'] === '*'
    ? refusal(
        'PROJECT_EXISTS',
        `Project ${key.project} is there already.`,
        'Choose another id, or change the project with its ETag as If-Match.',
      )
    : undefined

type Job = Project['job']

const sameJob = (a: Job, b: Job): boolean => a?.sage_company === b?.sage_company && a?.number === b?.number

function linkFixed(head: BudgetHead, before: Job, after: Job): Refusal | undefined {
  if (sameJob(before, after)) return undefined
  if (head.ledger !== undefined || head.open_export !== undefined)
    return refusal(
      'JOB_LINK_FIXED',
      'Amounts of this budget are in Sage, or on their way, under the job it is linked to.',
      'Make another project for the other job.',
    )
  return frozen(head.erp)
    ? refusal(
        'JOB_LINK_FIXED',
        'The budget is with accounting, who decide about the job it is linked to.',
        'Retrieve the budget first, then change its job.',
      )
    : undefined
}

function linkMoved(before: Job, after: Job): Pick<Commit, 'job_link'> {
  if (sameJob(before, after)) return {}
  return {
    job_link: { ...(after && { take: linkOf(after) }), ...(before && { release: linkOf(before) }) },
  }
}

export const projectRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/projects',
    operation: 'view_budget',
    query: pageQuery(100),
    handle: async (ask, { query }) => await listProjects(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: '/projects/{project}',
    operation: 'view_budget',
    handle: async (ask) => await showProject(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/projects/{project}',
    operation: 'save_project',
    body: ProjectInput,
    handle: async (ask, { body }) => await saveProject(dependencies, ask, body),
  }),
]

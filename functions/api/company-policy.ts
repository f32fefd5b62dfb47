import * as z from 'zod'
import type { ApprovalPolicy, PolicyStep } from '../../shared/domain/approval.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import { millisecondsADay } from '../../shared/domain/clock.ts'
import { durationInMilliseconds, isDuration } from '../../shared/domain/durations.ts'
import { type CompanyId, PersonId, type ProjectKey } from '../../shared/domain/ids.ts'
import { narrowedPolicy, type ProjectPolicy } from '../../shared/domain/project-policy.ts'
import { stagesAfterTheEnd } from '../../shared/domain/stages.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, notFound } from '../../shared/http/request.ts'
import { projectPolicyTold } from '../../shared/store/company-told.ts'
import type { ApiDependencies } from './dependencies.ts'
import { changeAsked } from './change-asked.ts'
import { Amount, projectKey } from './input.ts'

const Duration = z
  .string()
  .refine(isDuration, { error: 'Write a duration in weeks, days or hours, such as P30D.' })

/** Each reminder is a round of the workflow, and those are limited to 25,000 events a run. */
const atLeastDaily = (isoDuration: string): boolean =>
  (durationInMilliseconds(isoDuration) ?? 0) >= millisecondsADay

/** What an export moves, or comes to, is counted without its sign. */
const NotNegative = Amount.refine((amount) => amount >= 0, { error: 'Write an amount of zero or more.' })

const StepInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Empty, or left out: everyone with the role accounting approver. */
  approvers: z.array(PersonId).max(100).default([]),
  accepts: z.int().min(1).max(20).default(1),
  /** The step applies from this amount on; left out: always. */
  from_amount: Amount.nullish(),
  /** Who has not decided is reminded after this time, and then as often as this; left out: once. */
  reminder: z
    .strictObject({
      after: Duration,
      every: Duration.refine(atLeastDaily, {
        error: 'Remind at most once a day: P1D or longer.',
      }).optional(),
    })
    .nullish(),
  /** After this time this person may decide as well, and is mailed; left out: nobody. */
  escalation: z.strictObject({ after: Duration, to: PersonId }).nullish(),
  /** After this time the step expires; left out: after the expiry of the policy. */
  expiry: Duration.nullish(),
})
type StepInput = z.infer<typeof StepInput>

const PolicyInput = z.strictObject({
  steps: z
    .array(StepInput)
    .min(1)
    .max(10)
    .refine((steps) => new Set(steps.map(({ name }) => name)).size === steps.length, {
      error: 'Two steps have one name: a project could narrow neither.',
    }),
  amount: z.enum(['larger', 'revised_total', 'moved']).default('larger'),
  separation_of_duties: z.boolean().default(true),
  expiry: Duration.default('P30D'),
  /** From this amount on an accept by a mailed link takes a code, mailed on request; left out: it takes none. */
  code_from_amount: NotNegative.nullish(),
})

const policyShown = ({ steps, code_from_amount, ...policy }: ApprovalPolicy) => ({
  ...policy,
  code_from_amount: code_from_amount === undefined ? null : formatCents(code_from_amount),
  steps: steps.map(({ from_amount, reminder, escalation, expiry, ...step }) => ({
    ...step,
    from_amount: from_amount === undefined ? null : formatCents(from_amount),
    reminder: reminder ?? null,
    escalation: escalation ?? null,
    expiry: expiry ?? null,
  })),
})

type PolicyInput = z.infer<typeof PolicyInput>

const stepOf = ({ from_amount, reminder, escalation, expiry, ...step }: StepInput): PolicyStep => ({
  ...step,
  ...(typeof from_amount === 'number' && { from_amount }),
  ...(reminder && { reminder }),
  ...(escalation && { escalation }),
  ...(typeof expiry === 'string' && { expiry }),
})

const policyOf = ({ steps, code_from_amount, ...input }: PolicyInput): ApprovalPolicy => ({
  ...input,
  ...(typeof code_from_amount === 'number' && { code_from_amount }),
  steps: steps.map(stepOf),
})

async function showPolicy({ companies }: ApiDependencies, { caller: { company } }: Ask): Promise<Answer> {
  const [policy, revision] = await Promise.all([companies.policy(company), companies.revision(company)])
  return ok(policyShown(policy), { etag: etag(revision) })
}

async function savePolicy({ companies }: ApiDependencies, ask: Ask, input: PolicyInput): Promise<Answer> {
  const { caller } = ask
  const policy = policyOf(input)
  assertInTime(policy)
  await assertKnown(companies, caller.company, policy.steps)
  const answer = policyShown(policy)
  const asked = changeAsked(ask, answer)
  const revision = await companies.putPolicy(caller.company, policy, caller.actor, asked)
  return ok(answer, { etag: etag(revision) })
}

/** A reminder or an escalation after the end would never come: it is refused, not stored and passed over. */
function assertInTime(policy: ApprovalPolicy): void {
  const [late] = stagesAfterTheEnd(policy)
  if (late)
    throw faulty(
      `/steps/${String(late.index)}/${late.stage}/after`,
      'AFTER_EXPIRY',
      `The step expires after ${late.expiry}, so this would never come.`,
    )
}

async function assertKnown(
  companies: ApiDependencies['companies'],
  company: CompanyId,
  steps: readonly Pick<PolicyStep, 'approvers' | 'escalation'>[],
): Promise<void> {
  const known = new Set((await companies.people(company)).map(({ id }) => id))
  const named = steps.flatMap(({ approvers, escalation }, index) => [
    ...approvers.map((id, i) => ({ id, at: `/steps/${String(index)}/approvers/${String(i)}` })),
    ...(escalation ? [{ id: escalation.to, at: `/steps/${String(index)}/escalation/to` }] : []),
  ])
  const stranger = named.find(({ id }) => !known.has(id))
  if (stranger) throw faulty(stranger.at, 'NOT_FOUND', `There is no person ${stranger.id}.`)
}

const ProjectPolicyInput = z.strictObject({
  /** Steps of the company's policy, by name; what is left out stays as the company has it. */
  steps: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(100),
        /** Fewer of the company's approvers of the step. */
        approvers: z.array(PersonId).min(1).max(100).optional(),
        /** More than in the company. */
        accepts: z.int().min(1).max(20).optional(),
        /** A lower amount than in the company. */
        from_amount: Amount.optional(),
        /** A shorter time than in the company. */
        expiry: Duration.optional(),
      }),
    )
    .max(10)
    .default([]),
  /** Only ever turned on. */
  separation_of_duties: z.literal(true).optional(),
  /** A shorter time than in the company. */
  expiry: Duration.optional(),
  /** A lower amount than in the company. */
  code_from_amount: NotNegative.optional(),
})

const projectPolicyShown = (company: ApprovalPolicy, policy: ProjectPolicy) => ({
  narrowed: projectPolicyTold(policy),
  policy: policyShown(narrowedPolicy(company, policy)),
})

async function projectAsked({ store }: ApiDependencies, ask: Ask): Promise<ProjectKey> {
  const key = projectKey(ask)
  if (!(await store.head(key))) throw notFound('project')
  return key
}

async function showProjectPolicy(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { companies } = dependencies
  const { company, project } = await projectAsked(dependencies, ask)
  const [over, policy, revision] = await Promise.all([
    companies.policy(company),
    companies.projectPolicy(company, project),
    companies.revision(company),
  ])
  return ok(projectPolicyShown(over, policy), { etag: etag(revision) })
}

async function saveProjectPolicy(
  dependencies: ApiDependencies,
  ask: Ask,
  policy: ProjectPolicy,
): Promise<Answer> {
  const { companies } = dependencies
  const key = await projectAsked(dependencies, ask)
  const named = policy.steps.map(({ approvers = [] }) => ({ approvers }))
  await assertKnown(companies, key.company, named)
  const answer = projectPolicyShown(await companies.policy(key.company), policy)
  const revision = await companies.putProjectPolicy(key, policy, ask.caller.actor, changeAsked(ask, answer))
  return ok(answer, { etag: etag(revision) })
}

export const companyPolicyRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/company/policy',
    operation: 'view_company',
    handle: async (ask) => await showPolicy(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/company/policy',
    operation: 'save_policy',
    body: PolicyInput,
    handle: async (ask, { body }) => await savePolicy(dependencies, ask, body),
  }),
  route({
    method: 'GET',
    path: '/company/policy/{project}',
    operation: 'view_company',
    handle: async (ask) => await showProjectPolicy(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/company/policy/{project}',
    operation: 'save_policy',
    body: ProjectPolicyInput,
    handle: async (ask, { body }) => await saveProjectPolicy(dependencies, ask, body),
  }),
]

import * as z from 'zod'
import type { ApprovalPolicy } from '../../shared/domain/approval.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import { isDuration } from '../../shared/domain/durations.ts'
import { type CompanyId, PersonId } from '../../shared/domain/ids.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty } from '../../shared/http/request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { changeAsked } from './change-asked.ts'
import { Amount } from './input.ts'

const StepInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Empty, or left out: everyone with the role accounting approver. */
  approvers: z.array(PersonId).max(100).default([]),
  accepts: z.int().min(1).max(20).default(1),
  /** The step applies from this amount on; left out: always. */
  from_amount: Amount.nullish(),
})

const PolicyInput = z.strictObject({
  steps: z.array(StepInput).min(1).max(10),
  amount: z.enum(['larger', 'revised_total', 'moved']).default('larger'),
  separation_of_duties: z.boolean().default(true),
  expiry: z
    .string()
    .refine(isDuration, { error: 'Write a duration in weeks, days or hours, such as P30D.' })
    .default('P30D'),
})

const policyShown = ({ steps, ...policy }: ApprovalPolicy) => ({
  ...policy,
  steps: steps.map(({ from_amount, ...step }) => ({
    ...step,
    from_amount: from_amount === undefined ? null : formatCents(from_amount),
  })),
})

type PolicyInput = z.infer<typeof PolicyInput>

const policyOf = ({ steps, ...input }: PolicyInput): ApprovalPolicy => ({
  ...input,
  steps: steps.map(({ from_amount, ...step }) => ({
    ...step,
    ...(typeof from_amount === 'number' && { from_amount }),
  })),
})

async function showPolicy({ companies }: ApiDependencies, { caller: { company } }: Ask): Promise<Answer> {
  const [policy, revision] = await Promise.all([companies.policy(company), companies.revision(company)])
  return ok(policyShown(policy), { etag: etag(revision) })
}

async function savePolicy({ companies }: ApiDependencies, ask: Ask, input: PolicyInput): Promise<Answer> {
  const { caller } = ask
  const policy = policyOf(input)
  await assertApprovers(companies, caller.company, policy)
  const answer = policyShown(policy)
  const asked = changeAsked(ask, answer)
  const revision = await companies.putPolicy(caller.company, policy, caller.actor, asked)
  return ok(answer, { etag: etag(revision) })
}

async function assertApprovers(
  companies: ApiDependencies['companies'],
  company: CompanyId,
  { steps }: ApprovalPolicy,
): Promise<void> {
  const known = new Set((await companies.people(company)).map(({ id }) => id))
  for (const [index, { approvers }] of steps.entries()) {
    const stranger = approvers.findIndex((id) => !known.has(id))
    if (stranger >= 0)
      throw faulty(
        `/steps/${String(index)}/approvers/${String(stranger)}`,
        'NOT_FOUND',
        `There is no person ${approvers[stranger] ?? ''}.`,
      )
  }
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
]

import * as z from 'zod'
import { decideApproval } from '../../shared/approving/decide-approval.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import { type BudgetHead, ErpState, stepUnderWay } from '../../shared/domain/budget-head.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import type { AcceptChoice, RejectChoice } from '../../shared/domain/decide.ts'
import { Day, Sha256 } from '../../shared/domain/ids.ts'
import { stepOver } from '../../shared/domain/lifecycle.ts'
import { type Refusal, refusal, Refused } from '../../shared/domain/refusal.ts'
import { accepted, type Answer, ok } from '../../shared/http/answer.ts'
import { pageQuery } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound } from '../../shared/http/request.ts'
import { partTotalShown, statesShown, totalsShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { Amount, CodeParts, codeOf, commander, projectKey } from './input.ts'

const BudgetsQuery = z.strictObject({ ...pageQuery(100).shape, state: ErpState.default('sent') })

/** What an accept must repeat, so that it is bound to what was shown. */
const approvalShown = (approval: Approval) => ({
  version: approval.version,
  send: approval.send,
  step: approval.step,
  steps: approval.steps.length,
  version_hash: approval.version_hash,
  export_hash: approval.export_hash,
  parts: approval.parts.map(partTotalShown),
  first_export: approval.first_export,
  ticks: approval.ticks,
  amount: formatCents(approval.amount),
  sender: approval.sender,
  opened_at: approval.opened_at,
  until: approval.until,
  accepts: approval.decisions.filter(({ choice }) => choice === 'accept').length,
  accepts_needed: approval.steps[approval.step - 1]?.accepts ?? 1,
  outcome: approval.outcome ?? null,
})

async function budgetShown({ store }: ApiDependencies, head: BudgetHead) {
  const [project, approval] = await Promise.all([
    store.project(head),
    head.send > 0 ? store.approval(head, stepUnderWay(head)) : undefined,
  ])
  return {
    project: head.project,
    name: project?.name ?? '',
    job: project?.job ?? null,
    ...statesShown(head),
    version: approval?.version ?? head.version,
    totals: totalsShown(head),
    approval: approval ? approvalShown(approval) : null,
  }
}

/** Budgets ready to be exported, or those in another state, the longest waiting first. */
async function listBudgets(
  dependencies: ApiDependencies,
  { caller }: Ask,
  { state, limit, cursor }: z.infer<typeof BudgetsQuery>,
): Promise<Answer> {
  const page = { erp: state, limit, ...(cursor !== undefined && { cursor }) }
  const { heads, cursor: next } = await dependencies.store.heads(caller.company, page)
  const budgets = await Promise.all(heads.map(async (head) => await budgetShown(dependencies, head)))
  return ok({ budgets, next_cursor: next ?? null })
}

const Shown = z.strictObject({
  version_hash: Sha256,
  export_hash: Sha256,
  parts: z.array(z.strictObject({ part: z.int().min(1), total: Amount })).max(2),
})

const Comments = z
  .array(z.strictObject({ ...CodeParts.shape, comment: z.string() }))
  .max(1000)
  .default([])

const DecisionInput = z.discriminatedUnion('choice', [
  z.strictObject({
    choice: z.literal('accept'),
    shown: Shown,
    ticks: z.array(z.enum(['import_from_sage_closes', 'job_has_no_estimate', 'create_job'])).default([]),
    entry_date: Day.optional(),
    comments: Comments,
  }),
  z.strictObject({
    choice: z.literal('reject'),
    reason: z.string(),
    shown: Shown.optional(),
    comments: Comments,
  }),
])

type DecisionInput = z.infer<typeof DecisionInput>

function choiceOf({ comments, ...input }: DecisionInput): AcceptChoice | RejectChoice {
  const commented = comments.map(({ comment, ...code }) => ({ code: codeOf(code), comment }))
  return { ...input, comments: commented, by: 'sign_in' }
}

const decidedOtherwise = (): Refusal =>
  refusal(
    'APPROVAL_ENDED',
    'You have decided otherwise before.',
    'A decision stands. Read the budget again for where it is now.',
  )

async function decide(dependencies: ApiDependencies, ask: Ask, input: DecisionInput): Promise<Answer> {
  const choice = choiceOf(input)
  const key = projectKey(ask)
  const who = commander(ask)
  const head = await dependencies.store.head(key)
  const { person } = ask.caller
  if (!head || !person) throw notFound('project')
  const of = stepUnderWay(head)
  const came = await decideApproval(dependencies, who, { key, of, person: person.id, choice })
  // One's own decision again is answered as it stands; a decision after the end is refused.
  const own = came.decision?.person === person.id && came.decision.choice === choice.choice
  if (came.decided === 'now' || own) return accepted(came)
  const approval = await dependencies.store.approval(key, of)
  throw new Refused((approval && stepOver(approval)) ?? decidedOtherwise())
}

export const erpBudgetRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/erp/budgets',
    operation: 'view_erp',
    query: BudgetsQuery,
    handle: async (ask, { query }) => await listBudgets(dependencies, ask, query),
  }),
  route({
    method: 'POST',
    path: '/erp/budgets/{project}/decision',
    operation: 'accept',
    body: DecisionInput,
    handle: async (ask, { body }) => await decide(dependencies, ask, body),
  }),
]

import * as z from 'zod'
import type { Approval } from '../../shared/domain/approval.ts'
import { ErpState } from '../../shared/domain/budget-head.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import { daysBetween } from '../../shared/domain/clock.ts'
import { mayAcceptNow } from '../../shared/domain/decide.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import { allowed, type CommandView, commandView } from '../../shared/domain/lifecycle.ts'
import type { Person } from '../../shared/domain/person.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { type Caller, whyMayNot } from '../../shared/http/caller.ts'
import { pageQuery } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { ListedBudget } from '../../shared/store/budget-store.ts'
import { partTotalShown, statesShown, totalsShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'

const BudgetsQuery = z.strictObject({ ...pageQuery(100).shape, state: ErpState.default('sent') })

/** Who looks, and what is the same for every budget of the list. */
interface Looking {
  readonly caller: Caller
  readonly people: readonly Person[]
  /** By Sage company: whose days a delegation counts. */
  readonly timeZones: ReadonlyMap<string, string>
  readonly at: Instant
}

/** What an accept must repeat, so that it is bound to what was shown; and what a list is sorted and chosen by. */
const approvalShown = (approval: Approval, { people, at }: Looking) => {
  const step = approval.steps[approval.step - 1]
  return {
    version: approval.version,
    send: approval.send,
    step: approval.step,
    steps: approval.steps.length,
    step_name: step?.name ?? '',
    version_hash: approval.version_hash,
    export_hash: approval.export_hash,
    parts: approval.parts.map(partTotalShown),
    first_export: approval.first_export,
    ticks: approval.ticks,
    amount: formatCents(approval.amount),
    sender: approval.sender,
    sender_name: people.find(({ id }) => id === approval.sender)?.name ?? approval.sender,
    opened_at: approval.opened_at,
    waiting_days: approval.outcome === undefined ? daysBetween(approval.opened_at, at) : null,
    until: approval.until,
    accepts: approval.decisions.filter(({ choice }) => choice === 'accept').length,
    accepts_needed: step?.accepts ?? 1,
    outcome: approval.outcome ?? null,
  }
}

/** Whether the caller may accept now and, if not, why; as the budget lists its commands. */
function acceptShown(
  { head, project, approval }: ListedBudget,
  { caller, people, timeZones, at }: Looking,
): CommandView {
  const { person } = caller
  const timeZone = project?.job && timeZones.get(project.job.sage_company)
  const refused =
    whyMayNot(caller, 'accept') ??
    (approval && person
      ? mayAcceptNow({ head, approval, person, people, at, timeZone })
      : allowed(head, 'accept'))
  return commandView('accept', refused)
}

function budgetShown(listed: ListedBudget, looking: Looking) {
  const { head, project, approval } = listed
  return {
    project: head.project,
    name: project?.name ?? '',
    job: project?.job ?? null,
    ...statesShown(head),
    version: approval?.version ?? head.version,
    totals: totalsShown(head),
    approval: approval ? approvalShown(approval, looking) : null,
    accept: acceptShown(listed, looking),
  }
}

/** Budgets ready to be exported, or those in another state, the longest waiting first. */
async function listBudgets(
  dependencies: ApiDependencies,
  { caller }: Ask,
  { state, limit, cursor }: z.infer<typeof BudgetsQuery>,
): Promise<Answer> {
  const page = { erp: state, limit, ...(cursor !== undefined && { cursor }) }
  const { store, companies, clock } = dependencies
  const [{ heads, cursor: next }, people, sages] = await Promise.all([
    store.heads(caller.company, page),
    companies.people(caller.company),
    companies.sageCompanies(caller.company),
  ])
  const timeZones = new Map<string, string>(sages.map(({ id, time_zone }) => [id, time_zone]))
  const looking = { caller, people, timeZones, at: clock.now() }
  const listed = await store.listed(heads)
  return ok({ budgets: listed.map((each) => budgetShown(each, looking)), next_cursor: next ?? null })
}

export const erpBudgetRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/erp/budgets',
    operation: 'view_erp',
    query: BudgetsQuery,
    handle: async (ask, { query }) => await listBudgets(dependencies, ask, query),
  }),
]

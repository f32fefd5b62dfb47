import type { Dependencies } from '../cycle/dependencies.ts'
import type { Approval } from '../domain/approval.ts'
import { type BudgetHead, type Project, stepUnderWay } from '../domain/budget-head.ts'
import type { CompanyId, Instant, PersonId } from '../domain/ids.ts'
import { stepOver, timeIsUp } from '../domain/lifecycle.ts'
import type { Person } from '../domain/person.ts'
import { reachedInPlaceOf } from '../domain/reassign.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import { sentBudgets } from '../store/sent-budgets.ts'

/** A budget that waits for a decision. */
export interface WaitingBudget {
  readonly head: BudgetHead
  readonly project: Project | undefined
  readonly approval: Approval
  /** Who may decide the open step today and has not. */
  readonly waitsFor: readonly PersonId[]
  /** Of its Sage company, where it is linked to one. */
  readonly timeZone: string | undefined
}

/** Whether the step is still to be decided: it has not ended, and its time is not up. */
export const isOpen = (approval: Approval, at: Instant): boolean =>
  !stepOver(approval) && !timeIsUp(approval, at)

/** Every budget of a company that waits for a decision, the longest waiting first, with whom it waits for. */
export async function* waitingBudgets(
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  company: CompanyId,
  people: readonly Person[],
  sageCompanies: readonly SageCompany[],
): AsyncGenerator<WaitingBudget> {
  for await (const head of sentBudgets(store, company)) {
    const [approval, project] = await Promise.all([
      store.approval(head, stepUnderWay(head)),
      store.project(head),
    ])
    const at = clock.now()
    if (!approval || !isOpen(approval, at)) continue
    const timeZone = sageCompanies.find(({ id }) => id === project?.job?.sage_company)?.time_zone
    const approvers = approval.steps[approval.step - 1]?.approvers ?? []
    const waitsFor = reachedInPlaceOf({ approval, people, at, timeZone }, approvers)
    yield { head, project, approval, waitsFor, timeZone }
  }
}

/** The time of a company: that of its first Sage company, by id; UTC while there is none. */
export const timeZoneOf = (sageCompanies: readonly SageCompany[]): string =>
  sageCompanies[0]?.time_zone ?? 'UTC'

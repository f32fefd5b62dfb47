import { type ComingExport, comingExport } from '../../shared/cycle/coming-export.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { peopleOf } from '../../shared/domain/editor.ts'
import { approvalAmount, noEligibleApprover, stepsThatApply } from '../../shared/domain/eligibility.ts'
import type { Finding } from '../../shared/domain/finding.ts'
import type { PersonId, ProjectKey } from '../../shared/domain/ids.ts'
import type { ApiDependencies } from './dependencies.ts'

/** What would be sent now, and everything that stands in its way when this person sends it. */
export interface Checked {
  readonly coming: ComingExport
  /** Errors first. */
  readonly findings: readonly Finding[]
}

/** The checks of a send, before it is recorded: the same that the workflow's step makes again. */
export async function checkBeforeSend(
  dependencies: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  sender: PersonId,
): Promise<Checked> {
  const { store, companies, clock } = dependencies
  const [coming, policy, people, editors] = await Promise.all([
    comingExport(dependencies, key, head),
    companies.policy(key.company),
    companies.people(key.company),
    store.editors(key),
  ])
  const amount = approvalAmount(policy, head, coming.parts)
  const nobody = noEligibleApprover({
    steps: stepsThatApply(policy, amount),
    policy,
    people,
    sender,
    editors: peopleOf(editors),
    amount,
    at: clock.now(),
    timeZone: coming.sage?.time_zone,
  })
  return { coming, findings: [...nobody, ...coming.findings] }
}

import type { ApprovalPolicy, PolicyStep } from '../domain/approval.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { Cents } from '../domain/cents.ts'
import { peopleOf } from '../domain/editor.ts'
import { approvalAmount, noEligibleApprover, stepsThatApply } from '../domain/eligibility.ts'
import { type Finding, stops } from '../domain/finding.ts'
import type { Day, PersonId, ProjectKey } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import { narrowedPolicy } from '../domain/project-policy.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { type ComingExport, comingExport } from './coming-export.ts'
import type { Dependencies } from './dependencies.ts'

/** What would be sent now and decided by whom, and everything that stands in its way when this person sends it. */
export interface CheckedSend {
  readonly coming: ComingExport
  readonly policy: ApprovalPolicy
  readonly people: readonly Person[]
  readonly editors: readonly PersonId[]
  /** What steps and limits are compared with. */
  readonly amount: Cents
  readonly steps: readonly PolicyStep[]
  /** Errors first, so that none is hidden where a list is cut. */
  readonly findings: readonly Finding[]
  /** Why it cannot be sent: FINDINGS. */
  readonly refused: Refusal | undefined
}

/**
 * The checks of a send: the same before it is recorded and in the step that carries it out. An entry date is chosen at
 * the decision; given here, it is checked as it will be then.
 */
export async function checkSend(
  dependencies: Pick<Dependencies, 'store' | 'companies' | 'objects' | 'clock'>,
  key: ProjectKey,
  head: BudgetHead,
  sender: PersonId,
  entryDate?: Day,
): Promise<CheckedSend> {
  const { store, companies, clock } = dependencies
  const [coming, company, project, people, edited] = await Promise.all([
    comingExport(dependencies, key, head, { entryDate }),
    companies.policy(key.company),
    companies.projectPolicy(key.company, key.project),
    companies.people(key.company),
    store.editors(key),
  ])
  const policy = narrowedPolicy(company, project)
  const editors = peopleOf(edited)
  const amount = approvalAmount(policy, head, coming.parts)
  const steps = stepsThatApply(policy, amount)
  const asked = { steps, policy, people, sender, editors, amount }
  const nobody = noEligibleApprover({ ...asked, at: clock.now(), timeZone: coming.sage?.time_zone })
  const findings = [...nobody, ...coming.findings]
  return { coming, policy, people, editors, amount, steps, findings, refused: refusedBy(findings) }
}

const refusedBy = (findings: readonly Finding[]): Refusal | undefined =>
  stops(findings)
    ? refusal(
        'FINDINGS',
        'The pre-check found errors, so the budget was not sent.',
        'Do what each finding says, then send it again.',
        { findings },
      )
    : undefined

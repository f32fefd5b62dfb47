import type { Approval, ApprovalPolicy, PolicyStep } from '../domain/approval.ts'
import type { Cents } from '../domain/cents.ts'
import { approversOf } from '../domain/eligibility.ts'
import type { Instant, PersonId } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import { Broken } from '../store/errors.ts'
import type { OutboxMessage } from '../store/outbox.ts'
import { aboutApproval, mails, occasionOf } from './mails.ts'

/** What stays the same over the steps of one approval. */
export type ApprovalSubject = Pick<
  Approval,
  | 'version'
  | 'send'
  | 'sender'
  | 'editors'
  | 'version_hash'
  | 'export_hash'
  | 'parts'
  | 'first_export'
  | 'ticks'
  | 'sheet'
  | 'expiry'
  | 'code_from_amount'
> & { readonly amount: Cents; readonly steps: readonly PolicyStep[] }

/**
 * Opens one step: copies the policy as it is now, names who may decide, and mails them.
 * `timeZone` of the Sage company tells whose delegation counts today.
 */
export function openApprovalStep(
  subject: ApprovalSubject,
  step: number,
  policy: Pick<ApprovalPolicy, 'separation_of_duties'>,
  people: readonly Person[],
  opened_at: Instant,
  until: Instant,
  timeZone: string | undefined,
): { readonly approval: Approval; readonly outbox: readonly OutboxMessage[] } {
  const current = subject.steps[step - 1]
  if (current === undefined)
    throw new Broken(
      'StepMissing',
      `Version ${String(subject.version)}, send ${String(subject.send)}: the approval has no step ${String(step)}; see the runbook workflow-failed.`,
    )
  const approvers: PersonId[] = [...approversOf(current, people, opened_at, timeZone)]
  const approval: Approval = {
    ...subject,
    steps: [...subject.steps],
    step,
    separation_of_duties: policy.separation_of_duties,
    approvers,
    opened_at,
    until,
    reminded: undefined,
    escalated_at: undefined,
    resent: undefined,
    codes_mailed: undefined,
    nobody_since: undefined,
    decisions: [],
    outcome: undefined,
    ended_at: undefined,
  }
  return {
    approval,
    outbox: mails('ready_for_review', approvers, occasionOf(approval), aboutApproval(approval)),
  }
}

import type { Approval, ApprovalPolicy, PolicyStep } from './approval.ts'
import { type Cents, cents, showCents } from './cents.ts'
import { movedAmount } from './entries.ts'
import { dayIn } from './entry-date.ts'
import type { PartEntries } from './export.ts'
import type { Finding } from './finding.ts'
import type { Instant, PersonId } from './ids.ts'
import { type LineItem, revisedEstimate } from './line-item.ts'
import type { Person } from './person.ts'
import { type Refusal, refusal } from './refusal.ts'

/**
 * What steps and people's limits are compared with, in cents: by default the larger of the absolute revised total
 * and the moved amount (domain: approval).
 */
export function approvalAmount(
  policy: Pick<ApprovalPolicy, 'amount'>,
  totals: Pick<LineItem, 'original' | 'changes'>,
  parts: readonly PartEntries[],
): Cents {
  const revised = cents(Math.abs(revisedEstimate(totals)))
  const moved = movedAmount(parts)
  return { revised_total: revised, moved, larger: cents(Math.max(revised, moved)) }[policy.amount]
}

/**
 * The steps of a policy for an amount, in order. Where every step begins above the amount, the one that begins lowest
 * applies: nothing goes to Sage undecided (ours).
 */
export function stepsThatApply(policy: Pick<ApprovalPolicy, 'steps'>, amount: Cents): PolicyStep[] {
  const applying = policy.steps.filter((step) => amount >= from(step))
  return applying.length > 0 ? applying : policy.steps.toSorted((a, b) => from(a) - from(b)).slice(0, 1)
}

const from = (step: PolicyStep): number => step.from_amount ?? Number.NEGATIVE_INFINITY

/** By what right somebody decides: as an approver of the step, or as the delegate of one. */
interface Right {
  readonly person: Person
  readonly delegator?: Person
}

/** Delegation counts by calendar days, both ends included, in UTC unless a time zone is given. */
function rightsOf(
  step: Pick<PolicyStep, 'approvers'>,
  people: readonly Person[],
  at: Instant,
  timeZone = 'UTC',
): Right[] {
  const active = new Map(people.filter((person) => person.active).map((person) => [person.id, person]))
  const today = dayIn(timeZone, at)
  const approvers = [...active.values()].filter(
    ({ id, roles }) =>
      roles.includes('accounting_approver') && (step.approvers.length === 0 || step.approvers.includes(id)),
  )
  const delegated = approvers.flatMap((delegator): Right[] => {
    const { delegate } = delegator
    if (!delegate || today < delegate.from || today > delegate.until) return []
    const person = active.get(delegate.person)
    return person ? [{ person, delegator }] : []
  })
  return [...approvers.map((person) => ({ person })), ...delegated]
}

/** Everyone who may decide a step: active approvers, named or all, and who is delegate of one on that day. */
export const approversOf = (
  step: Pick<PolicyStep, 'approvers'>,
  people: readonly Person[],
  at: Instant,
  timeZone?: string,
): PersonId[] => [...new Set(rightsOf(step, people, at, timeZone).map(({ person }) => person.id))]

type Rules = Pick<Approval, 'separation_of_duties' | 'amount' | 'sender' | 'editors'>

/** What stands between somebody and an accept; a delegate has no more right than the one who delegated. */
function obstacle({ person, delegator }: Right, rules: Rules): Refusal | undefined {
  for (const holder of delegator ? [person, delegator] : [person]) {
    const refused = tooInvolved(holder, rules) ?? overLimit(holder, rules)
    if (refused) return refused
  }
  return undefined
}

function tooInvolved(
  { id, name }: Person,
  { separation_of_duties, sender, editors }: Rules,
): Refusal | undefined {
  if (!separation_of_duties || (id !== sender && !editors.includes(id))) return undefined
  return refusal(
    'NOT_ELIGIBLE',
    id === sender
      ? `${name} sent this budget; accepting it takes somebody else.`
      : `${name} has changed this budget since it was last settled; accepting it takes somebody else.`,
    'Leave the decision to another approver, or reject the budget with a reason.',
  )
}

function overLimit({ name, limit }: Person, { amount }: Rules): Refusal | undefined {
  if (limit === undefined || amount <= limit) return undefined
  return refusal(
    'NOT_ELIGIBLE',
    `This budget comes to ${showCents(amount)}; ${name} may accept up to ${showCents(limit)}.`,
    'Leave the decision to an approver with a higher limit, or reject the budget with a reason.',
  )
}

export interface Asking {
  readonly person: Person
  /** The directory as it is now. */
  readonly people: readonly Person[]
  readonly approval: Pick<Approval, 'steps' | 'step'> & Rules
  readonly at: Instant
  /** Of the company, for the days of a delegation; UTC if left out. */
  readonly timeZone?: string | undefined
}

const rightsToDecide = ({ person, people, approval, at, timeZone }: Asking): Right[] => {
  const step = approval.steps[approval.step - 1]
  return step ? rightsOf(step, people, at, timeZone).filter((right) => right.person.id === person.id) : []
}

const notApprover = (step: string | undefined): Refusal =>
  refusal(
    'NOT_ELIGIBLE',
    `You are not an approver of the step ${step ?? 'asked for'} today.`,
    'Ask an approver of this step, or a company admin, to decide or to make you an approver.',
  )

/** Whether a person may accept now: an approver today, within the limit and, with separation of duties, not involved. */
export function mayAccept(asking: Asking): Refusal | undefined {
  const rights = rightsToDecide(asking)
  const refusals = rights.map((right) => obstacle(right, asking.approval))
  if (refusals.some((refused) => refused === undefined)) return undefined
  return refusals[0] ?? notApprover(asking.approval.steps[asking.approval.step - 1]?.name)
}

/** Whether a person may reject now: any approver of the step, sender and editors included, whatever the limit. */
export const mayReject = (asking: Asking): Refusal | undefined =>
  rightsToDecide(asking).length > 0
    ? undefined
    : notApprover(asking.approval.steps[asking.approval.step - 1]?.name)

/** Everyone of the directory who could accept the step. */
export function eligibleToAccept({ people, approval, at, timeZone }: Omit<Asking, 'person'>): PersonId[] {
  const step = approval.steps[approval.step - 1]
  const rights = step ? rightsOf(step, people, at, timeZone) : []
  const accepting = rights.filter((right) => obstacle(right, approval) === undefined)
  return [...new Set(accepting.map(({ person }) => person.id))]
}

/** Whether the step can be completed at all: as many eligible people as it needs accepts. */
export const anyEligible = (asking: Omit<Asking, 'person'>): boolean =>
  eligibleToAccept(asking).length >= (asking.approval.steps[asking.approval.step - 1]?.accepts ?? 1)

interface Sending extends Omit<Rules, 'separation_of_duties' | 'editors'> {
  readonly steps: readonly PolicyStep[]
  readonly policy: Pick<ApprovalPolicy, 'separation_of_duties'>
  readonly people: readonly Person[]
  readonly editors: readonly PersonId[]
  readonly at: Instant
  readonly timeZone?: string | undefined
}

/** A finding for every step that nobody, or not enough people, could accept; names the setting in the way. */
export function noEligibleApprover({
  steps,
  policy,
  people,
  sender,
  editors,
  amount,
  at,
  timeZone,
}: Sending): Finding[] {
  const { separation_of_duties } = policy
  const rules = { steps: [...steps], separation_of_duties, amount, sender, editors: [...editors] }
  return steps.flatMap((step, index): Finding[] => {
    const asking = { approval: { ...rules, step: index + 1 }, people, at, timeZone }
    if (anyEligible(asking)) return []
    const setting = settingInTheWay(step, asking)
    return [
      {
        code: 'NO_ELIGIBLE_APPROVER',
        severity: 'error',
        sentence:
          step.accepts === 1
            ? `Nobody could accept the step ${step.name}: ${setting}.`
            : `The step ${step.name} needs ${String(step.accepts)} accepts, and fewer people could give one: ${setting}.`,
        what_to_do: 'Ask a company admin to add an approver, or to change the approval policy or a limit.',
      },
    ]
  })
}

function settingInTheWay(step: PolicyStep, asking: Omit<Asking, 'person'>): string {
  const enough = (approval: Asking['approval']): boolean => anyEligible({ ...asking, approval })
  const { approval } = asking
  if (approversOf(step, asking.people, asking.at, asking.timeZone).length < step.accepts)
    return step.approvers.length === 0
      ? 'too few active people have the role accounting approver'
      : 'too few of the approvers that the policy names are active accounting approvers'
  if (enough({ ...approval, separation_of_duties: false })) return 'separation of duties rules out the rest'
  if (enough({ ...approval, amount: cents(0) }))
    return `the amount ${showCents(approval.amount)} is over their limits`
  return 'separation of duties and limits rule out the rest'
}

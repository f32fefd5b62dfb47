import type { Approval, AskedMails } from './approval.ts'
import type { BudgetHead } from './budget-head.ts'
import { addMilliseconds } from './clock.ts'
import { mayAcceptNow, takesCode } from './decide.ts'
import { anyEligible, approversOf, mayAccept, mayReject } from './eligibility.ts'
import type { Instant, PersonId } from './ids.ts'
import { stepOver, timeIsUp } from './lifecycle.ts'
import type { Person } from './person.ts'
import { type Refusal, refusal } from './refusal.ts'

/** An open step, who asks for something about it, and the directory as it is now. */
export interface AskedOfStep {
  readonly head: BudgetHead
  readonly approval: Approval
  readonly by: PersonId | undefined
  /** A company admin may do for every step what its approvers may do for theirs. */
  readonly admin: boolean
  readonly people: readonly Person[]
  readonly at: Instant
  /** Of the company, for the days of a delegation; UTC if left out. */
  readonly timeZone?: string | undefined
}

/**
 * The approval with one approver of its open step in the place of another. Refused once the step has ended, by whoever is
 * neither approver of the step nor company admin, for somebody who could not accept, and where too few would be left.
 */
export function reassign(asked: AskedOfStep, from: PersonId, to: PersonId): Approval | Refusal {
  const { approval, people, at, timeZone } = asked
  const step = approval.steps[approval.step - 1]
  const named = step && (step.approvers.length > 0 ? step.approvers : approversInOwnRight(people))
  if (!named?.includes(from)) return notAsked(from, asked, '/from')
  if (from === to) return samePerson()
  const refused = mayAsk(asked) ?? notDecided(asked, from, '/from') ?? notDecided(asked, to, '/to')
  if (refused) return refused
  const others = named.filter((person) => person !== from && person !== to)
  const next: Approval = {
    ...approval,
    steps: approval.steps.map((each) => (each === step ? { ...each, approvers: [...others, to] } : each)),
    approvers: [...approval.approvers.filter((person) => person !== from && person !== to), to],
  }
  return cannotAccept(asked, next, to) ?? tooFew({ people, at, timeZone }, approval, next) ?? next
}

/** Whose mail may be sent once more, and that it was; refused where the person may not decide now, or had it too often. */
export function resend(asked: AskedOfStep, to: PersonId): Approval | Refusal {
  const { approval, at } = asked
  const person = asked.people.find(({ id }) => id === to)
  const refused =
    mayAsk(asked) ??
    notDecided(asked, to, '/to') ??
    (!person || mayReject({ ...asked, person }) ? notAsked(to, asked, '/to') : undefined)
  if (refused) return refused
  const resent = oneMore(approval.resent, to, at)
  return resent ? { ...approval, resent } : enoughMails(to, asked)
}

/** That the person who asks is mailed a code; refused where none is needed, the person may not accept now, or had enough. */
export function askCode(asked: AskedOfStep): Approval | Refusal {
  const { approval, by, at, timeZone } = asked
  const person = asked.people.find(({ id }) => id === by)
  if (!person) return notAnApprover()
  const refused =
    mayAcceptNow({ ...asked, person, timeZone }) ?? (takesCode(approval) ? undefined : noCodeNeeded())
  if (refused) return refused
  const codes_mailed = oneMore(approval.codes_mailed, person.id, at)
  return codes_mailed ? { ...approval, codes_mailed } : enoughCodes()
}

const noCodeNeeded = (): Refusal =>
  refusal('INVALID_INPUT', 'This budget is accepted without a code.', 'Record the decision.')

const enoughCodes = (): Refusal =>
  refusal(
    'TOO_MANY_MAILS',
    `You were mailed ${String(mostAnHour)} codes within the hour.`,
    'Use the newest of them, or ask again in an hour.',
    { retry_after: hour / 1000 },
  )

/** The mails of the last hour with this one; undefined where the person had enough of them. */
function oneMore(mailed: AskedMails | undefined, to: PersonId, at: Instant): AskedMails | undefined {
  const hourAgo = Date.parse(addMilliseconds(at, -hour))
  const lately = (mailed ?? []).filter((mail) => Date.parse(mail.at) > hourAgo)
  return lately.filter((mail) => mail.to === to).length < mostAnHour ? [...lately, { to, at }] : undefined
}

const hour = 3_600_000
// Enough for a mail that was overlooked or deleted; more would fill a mailbox at the wish of another.
const mostAnHour = 3

const approversInOwnRight = (people: readonly Person[]): readonly PersonId[] =>
  people.filter(({ active, roles }) => active && roles.includes('accounting_approver')).map(({ id }) => id)

/** Why nobody, or not this person, may ask for it now. */
function mayAsk(asked: AskedOfStep): Refusal | undefined {
  const over = stepOver(asked.approval) ?? timeIsUp(asked.approval, asked.at)
  if (over || asked.admin) return over
  const person = asked.people.find(({ id }) => id === asked.by)
  return person && !mayReject({ ...asked, person }) ? undefined : notAnApprover()
}

const notAnApprover = (): Refusal =>
  refusal(
    'NOT_ELIGIBLE',
    'This takes an approver of the step, or a company admin.',
    'Ask an approver of the step, or a company admin.',
  )

const nameOf = (id: PersonId, people: readonly Person[]): string =>
  people.find((person) => person.id === id)?.name ?? id

const wrongPerson = (sentence: string, what_to_do: string, pointer: string, code: string): Refusal =>
  refusal('INVALID_INPUT', sentence, what_to_do, { places: [{ pointer, code, sentence }] })

const samePerson = (): Refusal =>
  wrongPerson('One person is named twice.', 'Name another approver to pass it on to.', '/to', 'SAME_PERSON')

const notAsked = (id: PersonId, { people }: AskedOfStep, pointer: string): Refusal =>
  wrongPerson(
    `${nameOf(id, people)} is not an approver of the open step.`,
    'Name one of the approvers whom the step waits for.',
    pointer,
    'NOT_APPROVER',
  )

const notDecided = ({ approval, people }: AskedOfStep, id: PersonId, pointer: string): Refusal | undefined =>
  approval.decisions.some(({ person }) => person === id)
    ? wrongPerson(
        `${nameOf(id, people)} has decided already.`,
        'Name somebody who has not decided yet.',
        pointer,
        'DECIDED_ALREADY',
      )
    : undefined

function cannotAccept(asked: AskedOfStep, next: Approval, to: PersonId): Refusal | undefined {
  const person = asked.people.find(({ id }) => id === to)
  if (!person || !approversInOwnRight([person]).includes(to))
    return wrongPerson(
      `${nameOf(to, asked.people)} is not an active accounting approver.`,
      'Name an accounting approver who is active, or ask a company admin for the role.',
      '/to',
      'NOT_ELIGIBLE',
    )
  const refused = mayAccept({ ...asked, approval: next, person })
  return refused && wrongPerson(refused.sentence, 'Name another approver.', '/to', 'NOT_ELIGIBLE')
}

/** Fewer may be left than there were, but never too few to end the step. */
function tooFew(
  asking: Pick<AskedOfStep, 'people' | 'at' | 'timeZone'>,
  approval: Approval,
  next: Approval,
): Refusal | undefined {
  if (anyEligible({ ...asking, approval: next }) || !anyEligible({ ...asking, approval })) return undefined
  return refusal(
    'NOT_ELIGIBLE',
    'The step needs more accepts than people could give who would be left.',
    'Name somebody who is not an approver of the step yet.',
  )
}

const enoughMails = (to: PersonId, { people }: AskedOfStep): Refusal =>
  refusal(
    'TOO_MANY_MAILS',
    `${nameOf(to, people)} was sent this mail ${String(mostAnHour)} times within the hour.`,
    'Ask the person to look for it among unwanted mail, or send it again in an hour.',
    { retry_after: hour / 1000 },
  )

/** Whom a mail to an approver reaches today: the person, and who stands in by delegation; but none who has decided. */
export function reachedInPlaceOf(
  { approval, people, at, timeZone }: Pick<AskedOfStep, 'approval' | 'people' | 'at' | 'timeZone'>,
  approvers: readonly PersonId[],
): PersonId[] {
  const decided = new Set<string>(approval.decisions.map(({ person }) => person))
  return approversOf({ approvers: [...approvers] }, people, at, timeZone).filter((id) => !decided.has(id))
}

import type { Dependencies } from '../cycle/dependencies.ts'
import type { Approval, ApprovalStep } from '../domain/approval.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import {
  type AcceptChoice,
  type Already,
  decide,
  type Deciding,
  type RejectChoice,
} from '../domain/decide.ts'
import type { EventDetail } from '../domain/events/domain-event.ts'
import type { Instant, PersonId, ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import type { Person } from '../domain/person.ts'
import { type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import { told, type Who } from '../exporting/record.ts'
import type { Commit, Decided, DecisionRows } from '../store/budget-store.ts'
import type { Link } from '../store/company-store.ts'
import { keptFor } from '../store/idempotency.ts'
import { tellSignal } from '../store/workflow.ts'

export interface DecisionWanted {
  readonly key: ProjectKey
  /** The mailed link names it; for a signed-in approver it is the one that is open. */
  readonly of: ApprovalStep
  readonly person: PersonId
  readonly choice: AcceptChoice | RejectChoice
  readonly from?: EventDetail<'decision_accept'>['decided_from']
  /** What a mailed link knows of where to look; a decision is right without it, and takes a call or two more. */
  readonly near?: Pick<Link, 'sage_company' | 'delegators'>
}

/** What stands after a decision: this one, or the one that was there before. */
export interface DecisionAnswer {
  readonly decided: 'now' | 'before'
  /** Absent while the step needs more accepts. */
  readonly outcome?: NonNullable<Approval['outcome']>
  readonly decision?: NonNullable<Already['already']['decision']>
}

const noApproval = (): Refusal =>
  refusal(
    'NOT_FOUND',
    'There is nothing to decide here.',
    'Open the newest mail, or look at what waits for you.',
  )

/**
 * Records one person's accept or reject, with the signal that tells the workflow, in one transaction.
 * A repeat, and a decision that comes after another ended the approval, are answered with what is stored.
 * Throws what `decide` refuses: NOT_ELIGIBLE, SHOWN_IS_NOT_STORED, TICK_MISSING, CODE_MISSING, APPROVAL_ENDED, NOT_SENT ...
 */
export const decideApproval = async (
  dependencies: Pick<Dependencies, 'store' | 'companies' | 'clock'>,
  who: Pick<Who, 'request' | 'idempotency'>,
  wanted: DecisionWanted,
): Promise<DecisionAnswer> =>
  await dependencies.store.decideOver<DecisionRows, DecisionAnswer>(
    wanted.key,
    async () =>
      await dependencies.store.decisionRows(wanted.key, {
        approval: wanted.of,
        code_of: 'code' in wanted.choice ? wanted.person : undefined,
        people: [...new Set([wanted.person, ...(wanted.near?.delegators ?? [])])],
        sage_company: wanted.near?.sage_company,
      }),
    async (rows) => {
      const standing = await standingFor(dependencies, rows, wanted)
      if (isRefusal(standing)) return standing
      const at = dependencies.clock.now()
      const { came, people } = await decided(dependencies, standing, wanted, at)
      if (isRefusal(came)) return came
      if ('already' in came) return { answer: before(came) }
      const rights = people.filter(
        ({ id, delegate }) => id === wanted.person || delegate?.person === wanted.person,
      )
      return committed({ ...who, by: wanted.person }, wanted, standing.head, came, rights, at)
    },
    who.idempotency,
  )

type Readers = Pick<Dependencies, 'companies'>
type Standing = Omit<Deciding, 'choice' | 'at'>

/** Everything that decides, as it is now. */
async function standingFor(
  { companies }: Readers,
  { head, approval, version, project, people, code, sage: near }: DecisionRows,
  { key, person: id, choice: { choice } }: DecisionWanted,
): Promise<Standing | Refusal> {
  // Never sent: there is no approval whose end could be told.
  const notSent = head && !approval && allowed(head, choice)
  if (notSent) return notSent
  const person = people.find((each) => each.id === id)
  const sage = near ?? (project?.job && (await companies.sageCompany(key.company, project.job.sage_company)))
  return head && approval && version && person && sage
    ? { head, approval, version, person, people, code, sage }
    : noApproval()
}

/**
 * Over the people who were read; whoever is in the directory besides can only add a right, as one who delegates since
 * the mail. So a yes stands, and before a no the whole directory is asked.
 */
async function decided({ companies }: Readers, standing: Standing, wanted: DecisionWanted, at: Instant) {
  const asked = { ...standing, choice: wanted.choice, at }
  const came = decide(asked)
  if (!isRefusal(came) || came.code !== 'NOT_ELIGIBLE') return { came, people: standing.people }
  const people = await companies.people(wanted.key.company)
  return { came: decide({ ...asked, people }), people }
}

const before = ({ already: { outcome, decision } }: Already): DecisionAnswer => ({
  decided: 'before',
  ...(outcome && { outcome }),
  ...(decision && { decision }),
})

const kindOf = (approval: Approval, last: boolean) =>
  approval.outcome === 'rejected' ? 'rejected' : last ? 'accepted' : 'step_accepted'

function committed(
  who: Who,
  { key, choice: { choice }, from }: DecisionWanted,
  head: BudgetHead,
  { approval, signal, last }: { approval: Approval; signal: boolean; last: boolean },
  rights: readonly Person[],
  at: Instant,
): Decided<DecisionAnswer> {
  const decision = approval.decisions.at(-1)
  const { version, send, step, outcome } = approval
  const answer: DecisionAnswer = {
    decided: 'now',
    ...(outcome && { outcome }),
    ...(decision && { decision }),
  }
  const toldNow = signal
    ? tellSignal(key, head, kindOf(approval, last), at, { version, send, step })
    : { head }
  const commit: Commit = {
    ...toldNow,
    history: [{ ...told(who), event: `decision_${choice}`, detail: detailOf(approval, from) }],
    approvals: [approval],
    people: rights,
    ...keptFor(who, answer),
  }
  return { answer, commit }
}

/** What was accepted or rejected, by its hashes, how the person was known, and from where. */
function detailOf(approval: Approval, from: DecisionWanted['from']): EventDetail<'decision_accept'> {
  const { version, send, step, version_hash, export_hash, decisions } = approval
  const decision = decisions.at(-1)
  return {
    version,
    send,
    step,
    version_hash,
    export_hash,
    by: decision?.by ?? '',
    ...(decision?.entry_date !== undefined && { entry_date: decision.entry_date }),
    ...(decision?.reason !== undefined && { reason: decision.reason }),
    ...(from && { decided_from: from }),
  }
}

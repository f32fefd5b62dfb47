import { directoryFor } from '../../shared/approving/directory.ts'
import { nobodyCanAccept } from '../../shared/approving/nobody-left.ts'
import { type CarriedOut, carryOut, earlier, passed, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { aboutApproval, mails, occasionOf } from '../../shared/cycle/mails.ts'
import { openApprovalStep } from '../../shared/cycle/open-approval.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import { stepUnderWay } from '../../shared/domain/budget-head.ts'
import { addDays, addMilliseconds } from '../../shared/domain/clock.ts'
import { deadline } from '../../shared/domain/durations.ts'
import { anyEligible } from '../../shared/domain/eligibility.ts'
import type { EventDetail, ProjectEvent } from '../../shared/domain/events/domain-event.ts'
import type { Instant, PersonId } from '../../shared/domain/ids.ts'
import { reachedInPlaceOf } from '../../shared/domain/reassign.ts'
import { nextStage, type Stage, stageDue } from '../../shared/domain/stages.ts'

/**
 * After an accept that completes a step: opens the next one. When time is up: reminds, escalates or expires, as the
 * policy said when the step was opened, unless a decision came first, which the next wait then finds.
 */
export const closeOrContinue = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head, signal, at } = standing
    const of = stepUnderWay(head)
    const approval = await dependencies.store.approval(key, of)
    if (!approval) throw new Broken('ApprovalMissing', `${key.project}: no approval ${JSON.stringify(of)}.`)
    if (signal) return await openNext(dependencies, standing, approval)
    if (approval.outcome === 'expired') return expiredBefore(standing)
    const due = approval.outcome === undefined ? stageDue(approval, at) : undefined
    if (!due) return waitOn(standing, approval)
    return due.stage === 'expire'
      ? expire(standing, approval)
      : await mailStage(dependencies, standing, approval, due)
  })

/** A decision that is stored but not yet handed over finds the next wait; there is no hurry after it. */
function waitOn({ head, at, day300 }: Standing, approval: Approval): CarriedOut {
  const over = passed(day300, at)
  const until = approval.outcome === undefined ? nextStage(approval).at : addDays(at, 1)
  return {
    commit: { head, history: [{ event: over ? 'day_300' : 'waited', by: 'clock', detail: {} }] },
    output: { outcome: over ? 'day_300' : 'waiting', until: earlier(until, day300) },
  }
}

/** The run before this one ended between the expiry and the budget's way back. */
const expiredBefore = ({ head, day300 }: Standing): CarriedOut => ({
  commit: { head, history: [{ event: 'waited', by: 'clock', detail: {} }] },
  output: { outcome: 'expired', until: day300 },
})

const expire = ({ head, at, day300 }: Standing, approval: Approval): CarriedOut => ({
  commit: {
    head,
    history: [{ event: 'expired', by: 'clock', detail: { send: head.send, step: approval.step } }],
    approvals: [{ ...approval, outcome: 'expired', ended_at: at }],
  },
  output: { outcome: 'expired', until: day300 },
})

/** Reminds whoever may decide and has not, or adds the fallback approver; the step stays open. */
async function mailStage(
  dependencies: Dependencies,
  { key, head, at, day300 }: Standing,
  before: Approval,
  due: Exclude<Stage, { stage: 'expire' }>,
): Promise<CarriedOut> {
  const { people, timeZone } = await directoryFor(dependencies, key)
  const { send, step } = before
  const told = due.stage === 'remind' ? remind(before, due.number) : escalate(before, at)
  const to = reachedInPlaceOf({ approval: before, people, at, timeZone }, told.to)
  return {
    commit: {
      head,
      history: [{ by: 'clock', ...told.event({ send, step, to }) }],
      approvals: [told.approval],
      outbox: mails(told.mail, to, told.occasion, aboutApproval(before)),
    },
    output: { outcome: 'waiting', until: earlier(nextStage(told.approval).at, day300) },
  }
}

interface MailedStage {
  readonly event: (of: EventDetail<'escalated'>) => ProjectEvent
  readonly mail: 'reminder' | 'escalation'
  readonly approval: Approval
  readonly to: readonly PersonId[]
  readonly occasion: string
}

const remind = (approval: Approval, number: number): MailedStage => ({
  event: (of) => ({ event: 'reminded', detail: { ...of, number } }),
  mail: 'reminder',
  approval: { ...approval, reminded: number },
  to: approval.steps[approval.step - 1]?.approvers ?? [],
  occasion: `${occasionOf(approval)}-${String(number)}`,
})

/** Who may decide is read from the step, so that is where the fallback approver is added; empty are all approvers. */
function escalate(approval: Approval, at: Instant): MailedStage {
  const fallback = approval.steps[approval.step - 1]?.escalation?.to
  const to = fallback === undefined ? [] : [fallback]
  const steps = approval.steps.map((step, i) =>
    i === approval.step - 1 && step.approvers.length > 0
      ? { ...step, approvers: [...new Set([...step.approvers, ...to])] }
      : step,
  )
  return {
    event: (detail) => ({ event: 'escalated', detail }),
    mail: 'escalation',
    approval: { ...approval, steps, escalated_at: at },
    to,
    occasion: occasionOf(approval),
  }
}

async function openNext(
  dependencies: Dependencies,
  { key, head, at, day300 }: Standing,
  before: Approval,
): Promise<CarriedOut> {
  const { people, timeZone } = await directoryFor(dependencies, key)
  const step = before.step + 1
  const until = untilOf(before, step, at)
  const { approval, outbox } = openApprovalStep(before, step, before, people, at, until, timeZone)
  // Eligible at send is not eligible now: people leave, and limits and delegations change meanwhile.
  const nobody = !anyEligible({ people, approval, at, timeZone })
  return {
    commit: {
      head: { ...head, approval_step: step },
      history: [{ event: 'approval_step_opened', by: 'system', detail: { send: head.send, step } }],
      approvals: [nobody ? { ...approval, nobody_since: at } : approval],
      outbox: [...outbox, ...(nobody ? nobodyCanAccept(approval, people, occasionOf(approval)) : [])],
    },
    output: { outcome: 'waiting', until: earlier(nextStage(approval).at, day300) },
  }
}

/** The policy may have changed since the send, which never disturbs what is open: it was stored then. */
function untilOf({ steps, expiry, opened_at, until }: Approval, step: number, at: Instant): Instant {
  const stored = steps[step - 1]?.expiry ?? expiry
  // Before the policy's expiry was stored, every step had the time of the first.
  return stored === undefined
    ? addMilliseconds(at, Date.parse(until) - Date.parse(opened_at))
    : deadline(at, stored)
}

export const handler = onLambda(closeOrContinue)

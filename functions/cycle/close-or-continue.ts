import { carryOut, earlier, passed, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { aboutApproval, mails, occasionOf, peopleWith } from '../../shared/cycle/mails.ts'
import { openApprovalStep } from '../../shared/cycle/open-approval.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import { stepUnderWay } from '../../shared/domain/budget-head.ts'
import { addDays } from '../../shared/domain/clock.ts'
import { anyEligible } from '../../shared/domain/eligibility.ts'
import { Instant } from '../../shared/domain/ids.ts'

/**
 * After an accept that completes a step: opens the next one. When time is up: expires the approval,
 * unless a decision came first, which the next wait then finds.
 */
export const closeOrContinue = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head, signal } = standing
    const of = stepUnderWay(head)
    const approval = await dependencies.store.approval(key, of)
    if (!approval) throw new Broken('ApprovalMissing', `${key.project}: no approval ${JSON.stringify(of)}.`)
    return signal === undefined
      ? lookAtTheClock(standing, approval)
      : await openNext(dependencies, standing, approval)
  })

function lookAtTheClock({ head, at, day300 }: Standing, approval: Approval) {
  const open = approval.outcome === undefined
  if (open && passed(approval.until, at))
    return {
      commit: {
        head,
        history: [
          { event: 'expired', by: 'clock' as const, detail: { send: head.send, step: approval.step } },
        ],
        approvals: [{ ...approval, outcome: 'expired' as const, ended_at: at }],
      },
      output: { outcome: 'expired', until: day300 },
    }
  const over = passed(day300, at)
  // A decision that is stored but not yet handed over finds the next wait; there is no hurry after it.
  const until = open ? approval.until : addDays(at, 1)
  return {
    commit: { head, history: [{ event: over ? 'day_300' : 'waited', by: 'clock' as const, detail: {} }] },
    output: { outcome: over ? 'day_300' : 'waiting', until: earlier(until, day300) },
  }
}

async function openNext(
  { store, companies }: Dependencies,
  { key, head, at, day300 }: Standing,
  before: Approval,
) {
  const [people, project] = await Promise.all([companies.people(key.company), store.project(key)])
  const sage = project?.job && (await companies.sageCompany(key.company, project.job.sage_company))
  const step = before.step + 1
  const until = asLongAs(before, at)
  const { approval, outbox } = openApprovalStep(before, step, before, people, at, until, sage?.time_zone)
  // Eligible at send is not eligible now: people leave, and limits and delegations change meanwhile.
  const stuck = !anyEligible({ people, approval, at, timeZone: sage?.time_zone })
  const concerned = stuck ? [before.sender, ...peopleWith(people, 'company_admin')] : []
  return {
    commit: {
      head: { ...head, approval_step: step },
      history: [{ event: 'approval_step_opened', by: 'system' as const, detail: { send: head.send, step } }],
      approvals: [approval],
      outbox: [
        ...outbox,
        ...mails('nobody_can_accept', concerned, occasionOf(approval), aboutApproval(approval)),
      ],
    },
    output: { outcome: 'waiting', until: earlier(until, day300) },
  }
}

/** The policy may have changed since the send, which never disturbs what is open: every step has the time of the first. */
const asLongAs = ({ opened_at, until }: Approval, at: Instant): Instant =>
  Instant.parse(new Date(Date.parse(at) + Date.parse(until) - Date.parse(opened_at)).toISOString())

export const handler = onLambda(closeOrContinue)

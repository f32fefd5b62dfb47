import type { Approval, ApprovalPolicy } from './approval.ts'
import { addMilliseconds } from './clock.ts'
import { deadline, lengthOf } from './durations.ts'
import type { Instant } from './ids.ts'

type Timed = Pick<Approval, 'steps' | 'step' | 'opened_at' | 'until' | 'reminded' | 'escalated_at'>

/** A time of an open step at which something is written: to remind once more, to escalate, or to expire. */
export type Stage =
  | { readonly stage: 'remind'; readonly at: Instant; readonly number: number }
  | { readonly stage: 'escalate'; readonly at: Instant }
  | { readonly stage: 'expire'; readonly at: Instant }

/**
 * What is due next of an open step, by the policy that was stored when it opened; of two at one time, expiry before
 * escalation before a reminder. Nothing of a step comes after its expiry.
 */
export function nextStage(approval: Timed): Stage {
  const expire: Stage = { stage: 'expire', at: approval.until }
  return [escalation(approval), reminder(approval)].reduce<Stage>(
    (first, stage) => (stage && Date.parse(stage.at) < Date.parse(first.at) ? stage : first),
    expire,
  )
}

/**
 * The stage that is due now; undefined while none is. A look that comes late finds one reminder in the place of all
 * that were due: its number is that of the last.
 */
export function stageDue(approval: Timed, at: Instant): Stage | undefined {
  if (Date.parse(at) >= Date.parse(approval.until)) return { stage: 'expire', at: approval.until }
  const stage = nextStage(approval)
  if (Date.parse(at) < Date.parse(stage.at)) return undefined
  return stage.stage === 'remind' ? lastDue(approval, stage, at) : stage
}

function escalation({ steps, step, opened_at, escalated_at }: Timed): Stage | undefined {
  const after = steps[step - 1]?.escalation?.after
  if (after === undefined || escalated_at !== undefined) return undefined
  return { stage: 'escalate', at: deadline(opened_at, after) }
}

function reminder(approval: Timed): Extract<Stage, { stage: 'remind' }> | undefined {
  const number = (approval.reminded ?? 0) + 1
  const at = reminderAt(approval, number)
  return at && { stage: 'remind', at, number }
}

/** When the reminder of a number, from 1, is due; undefined where the policy names no such one. */
function reminderAt({ steps, step, opened_at }: Timed, number: number): Instant | undefined {
  const wanted = steps[step - 1]?.reminder
  if (!wanted || (number > 1 && wanted.every === undefined)) return undefined
  const more = wanted.every === undefined ? 0 : (number - 1) * lengthOf(wanted.every)
  return addMilliseconds(opened_at, lengthOf(wanted.after) + more)
}

function lastDue(approval: Timed, stage: Extract<Stage, { stage: 'remind' }>, at: Instant): Stage {
  let last = stage
  for (;;) {
    const next = reminderAt(approval, last.number + 1)
    if (next === undefined || Date.parse(next) > Date.parse(at)) return last
    last = { stage: 'remind', at: next, number: last.number + 1 }
  }
}

/** Reminders and escalations of a policy that would never come, since their step has expired by then. */
export const stagesAfterTheEnd = ({ steps, expiry: whole }: Pick<ApprovalPolicy, 'steps' | 'expiry'>) =>
  steps.flatMap((step, index) => {
    const { name, expiry = whole } = step
    const late = (['reminder', 'escalation'] as const).filter((stage) => {
      const after = step[stage]?.after
      return after !== undefined && lengthOf(after) >= lengthOf(expiry)
    })
    return late.map((stage) => ({ index, name, stage, expiry }))
  })

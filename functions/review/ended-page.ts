import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Approval, Decision } from '../../shared/domain/approval.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { Instant, PersonId } from '../../shared/domain/ids.ts'
import { whenToStop } from '../../shared/mail/words.ts'
import { messagePage } from '../../shared/pages/frame.ts'

export interface Ending {
  readonly approval: Approval
  readonly head: BudgetHead
  readonly person: PersonId
  readonly at: Instant
  readonly nameOf: (id: string) => string
}

const said = (decision: Decision): string => (decision.choice === 'accept' ? 'accepted' : 'rejected')

/** Every end of an approval has its page; undefined while this person may still decide. */
export async function endedPage(ending: Ending): Promise<APIGatewayProxyStructuredResultV2 | undefined> {
  const { approval, head, person, at, nameOf } = ending
  const own = approval.decisions.find((decision) => decision.person === person)
  if (own) return await decidedByYou(approval, own)
  const last = approval.decisions.at(-1)
  switch (approval.outcome) {
    case 'accepted':
    case 'rejected':
      return await messagePage(
        200,
        `Already ${approval.outcome}`,
        `${last ? nameOf(last.person) : 'Another approver'} ${approval.outcome} this budget on ${whenToStop(approval.ended_at)}.`,
        'There is nothing left for you to do.',
      )
    case 'retrieved':
      return await messagePage(
        410,
        'Taken back by the project',
        'The project took this budget back before it was decided. You get another mail when it is sent again.',
      )
    case 'expired':
      return await closedPage(approval)
    case undefined:
      break
  }
  if (head.send !== approval.send || (head.approval_step ?? 1) !== approval.step)
    return await messagePage(
      410,
      'Replaced by a newer version',
      'This budget was sent again since. Use the link in the newest mail.',
    )
  return Date.parse(at) >= Date.parse(approval.until) ? await closedPage(approval) : undefined
}

const closedPage = async (approval: Approval) =>
  await messagePage(
    410,
    'Not decided in time',
    `This request closed on ${whenToStop(approval.until)}. Ask the project to send the budget again.`,
  )

async function decidedByYou(approval: Approval, own: Decision) {
  const waits = approval.outcome === undefined
  const next =
    own.choice === 'reject'
      ? 'The budget went back to the project, unlocked, with your reason.'
      : waits
        ? 'It needs another approver before it is exported.'
        : 'The budget is exported to Sage now; accounting gets a mail when the file is ready.'
  return await messagePage(
    200,
    `You ${said(own)} this budget`,
    `Recorded on ${whenToStop(own.at)}. It cannot be changed.`,
    next,
  )
}

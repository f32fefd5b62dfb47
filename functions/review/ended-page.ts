import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Approval, Decision } from '../../shared/domain/approval.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { Instant, PersonId } from '../../shared/domain/ids.ts'
import { dayInWords, whenToStop } from '../../shared/mail/words.ts'
import { messagePage } from '../../shared/pages/frame.ts'

export interface Ending {
  readonly approval: Approval
  readonly head: BudgetHead
  readonly person: PersonId
  readonly at: Instant
  readonly nameOf: (id: string) => string
  /** Project and version, as the review page is called. */
  readonly title: string
  /** Time zone of the Sage company; absent where it is not known. */
  readonly timeZone: string | undefined
  /** Whether a form came that was not recorded, since the approval had ended before. */
  readonly late: boolean
}

type Answered = Promise<APIGatewayProxyStructuredResultV2>

const said = (decision: Decision): string => (decision.choice === 'accept' ? 'accepted' : 'rejected')

/** Every end of an approval has its page; undefined while this person may still decide. */
export async function endedPage(ending: Ending): Promise<APIGatewayProxyStructuredResultV2 | undefined> {
  const { approval, head, person, at } = ending
  const own = approval.decisions.find((decision) => decision.person === person)
  if (own) return await decidedByYou(ending, own)
  switch (approval.outcome) {
    case 'accepted':
    case 'rejected':
      return await decidedByAnother(ending, approval.outcome)
    case 'retrieved':
      return await told(
        ending,
        410,
        'Taken back by the project',
        'The project took this budget back before it was decided. You get another mail when it is sent again.',
      )
    case 'expired':
      return await closedPage(ending)
    case undefined:
      break
  }
  if (head.send !== approval.send || (head.approval_step ?? 1) !== approval.step)
    return await told(
      ending,
      410,
      'Replaced by a newer version',
      'This budget was sent again since. Use the link in the newest mail.',
    )
  return Date.parse(at) >= Date.parse(approval.until) ? await closedPage(ending) : undefined
}

/** The page names its budget: the reader may have several mails open. An answer that came late is never passed over. */
const told = async (
  { title, late }: Ending,
  status: number,
  heading: string,
  ...sentences: readonly string[]
): Answered =>
  await messagePage(
    late ? 409 : status,
    heading,
    `${title}.`,
    ...(late ? ['Your answer came after that, and was not recorded.'] : []),
    ...sentences,
  )

const closedPage = async (ending: Ending): Answered =>
  await told(
    ending,
    410,
    'Not decided in time',
    `This request closed on ${whenToStop(ending.approval.until, ending.timeZone)}. Ask the project to send the budget again.`,
  )

const dated = (decision: Decision | undefined): string[] =>
  decision?.entry_date === undefined
    ? []
    : [`Its entries are dated ${dayInWords(decision.entry_date)} in Sage.`]

async function decidedByAnother(ending: Ending, outcome: 'accepted' | 'rejected'): Answered {
  const { approval, nameOf, timeZone } = ending
  const last = approval.decisions.at(-1)
  return await told(
    ending,
    200,
    `Already ${outcome}`,
    `${last ? nameOf(last.person) : 'Another approver'} ${outcome} this budget on ${whenToStop(approval.ended_at, timeZone)}.`,
    ...dated(last),
    'There is nothing left for you to do.',
  )
}

async function decidedByYou(ending: Ending, own: Decision): Answered {
  const { approval, title, timeZone, late } = ending
  const waits = approval.outcome === undefined
  const next =
    own.choice === 'reject'
      ? 'The budget went back to the project, unlocked, with your reason.'
      : waits
        ? 'It needs another approver before it is exported.'
        : 'The budget is exported to Sage now; accounting gets a mail when the file is ready.'
  return await messagePage(
    late ? 409 : 200,
    `You ${said(own)} this budget`,
    `${title}.`,
    ...(late ? ['Your second answer was not recorded.'] : []),
    `Recorded on ${whenToStop(own.at, timeZone)}. It cannot be changed.`,
    ...dated(own),
    next,
  )
}

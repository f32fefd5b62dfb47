import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { html } from 'hono/html'
import type { Approval, Decision } from '../../shared/domain/approval.ts'
import type { BudgetHead, ErpState } from '../../shared/domain/budget-head.ts'
import type { Instant, PersonId } from '../../shared/domain/ids.ts'
import { erpStateInWords } from '../../shared/domain/shown-as.ts'
import { dayInWords, whenToStop } from '../../shared/mail/words.ts'
import { type Html, messagePage } from '../../shared/pages/frame.ts'

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
  if (approval.outcome === 'accepted' || approval.outcome === 'rejected')
    return await decidedByAnother(ending, approval.outcome)
  if (head.send !== approval.send)
    return await told(ending, 410, 'Replaced by a newer request', ...undecided(ending), sentAgain)
  if (approval.outcome === 'retrieved')
    return await told(
      ending,
      410,
      'Taken back by the project',
      ...undecided(ending),
      'You get another mail when it is sent again.',
    )
  const closed = approval.outcome === 'expired' || Date.parse(at) >= Date.parse(approval.until)
  return closed
    ? await told(
        ending,
        410,
        'Not decided in time',
        ...undecided(ending),
        'Ask the project to send the budget again.',
      )
    : undefined
}

const sentAgain = 'The budget was sent again since. Use the link in the newest mail.'

/** How a request ended that nobody decided; nothing while it is open. */
function undecided({ approval, at, timeZone }: Ending): string[] {
  const { outcome, ended_at, until } = approval
  if (outcome === 'retrieved')
    return [`The project took this budget back on ${whenToStop(ended_at, timeZone)}, before it was decided.`]
  return outcome === 'expired' || Date.parse(at) >= Date.parse(until)
    ? [`This request closed on ${whenToStop(until, timeZone)}.`]
    : []
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
    subject(title),
    ...(late ? [strong('Your answer came after that, and was not recorded.')] : []),
    ...sentences,
  )

export const subject = (title: string): Html => html`<span class="soft">${title}</span>`
const strong = (sentence: string): Html => html`<strong>${sentence}</strong>`

const dated = (decision: Decision | undefined): string[] =>
  decision?.entry_date === undefined
    ? []
    : [`Its entries are dated ${dayInWords(decision.entry_date)} in Sage.`]

async function decidedByAnother(ending: Ending, outcome: 'accepted' | 'rejected'): Answered {
  const { approval, timeZone } = ending
  const last = approval.decisions.at(-1)
  return await told(
    ending,
    200,
    `Already ${outcome}`,
    `${nameOfLast(ending)} ${outcome} this budget on ${whenToStop(approval.ended_at, timeZone)}.`,
    ...dated(last),
    ...standsNow(ending),
    'There is nothing left for you to do here.',
  )
}

const nameOfLast = ({ approval, nameOf }: Ending): string => {
  const last = approval.decisions.at(-1)
  return last ? nameOf(last.person) : 'Another approver'
}

async function decidedByYou(ending: Ending, own: Decision): Answered {
  const { title, timeZone, late } = ending
  return await messagePage(
    late ? 409 : 200,
    `You ${said(own)} this budget`,
    subject(title),
    ...(late ? [strong('Your second answer was not recorded.')] : []),
    `Recorded on ${whenToStop(own.at, timeZone)}. It cannot be changed.`,
    ...dated(own),
    ...after(ending, own),
  )
}

/** What came of one's own decision; one accept of several may still have been followed by another end. */
function after(ending: Ending, own: Decision): string[] {
  const { approval, timeZone, head } = ending
  if (own.choice === 'reject')
    return [
      'The budget went back to the project, unlocked, with your reason.',
      ...(head.send === approval.send ? [] : [sentAgain]),
    ]
  if (approval.outcome === 'rejected')
    return [
      `${nameOfLast(ending)} rejected it on ${whenToStop(approval.ended_at, timeZone)}.`,
      ...standsNow(ending),
    ]
  const ended = undecided(ending)
  return approval.outcome === 'accepted' || ended.length === 0
    ? standsNow(ending)
    : [...ended, ...(head.send === approval.send ? tooFew(ending) : [sentAgain])]
}

const tooFew = ({ approval: { outcome } }: Ending): string[] =>
  outcome === 'retrieved' ? [] : ['Too few had accepted it by then.']

const exportUnderWay: ReadonlySet<ErpState> = new Set(['sent', 'accepted', 'exporting'])

/** What the budget waits for, or where it stands by now. */
function standsNow({ approval, head }: Ending): string[] {
  const { steps, step, send, outcome, decisions } = approval
  if (head.send !== send) return [sentAgain]
  if (outcome === undefined) {
    const more = (steps[step - 1]?.accepts ?? 1) - decisions.length
    return [more === 1 ? 'It needs one more approver.' : `It needs ${String(more)} more approvers.`]
  }
  const next = steps[step]
  if (outcome === 'accepted' && next && head.erp === 'sent')
    return [`Its next step, ${next.name}, decides now.`]
  if (outcome === 'accepted' && exportUnderWay.has(head.erp))
    return ['The budget is exported to Sage now; accounting gets a mail when the file is ready.']
  if (head.erp === 'rejected') return ['The budget went back to the project, unlocked.']
  return head.erp === 'sent' ? [] : [`By now: ${erpStateInWords[head.erp]}.`]
}

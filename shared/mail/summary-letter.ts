import type { WaitingBudget } from '../approving/waiting-budgets.ts'
import { showCents } from '../domain/cents.ts'
import { dayIn } from '../domain/entry-date.ts'
import type { Instant } from '../domain/ids.ts'
import { millisecondsADay } from '../domain/clock.ts'
import type { Secret } from '../domain/secret.ts'
import { facts, type Letter, type LetterPart, link, oneLine, text } from './letter.ts'
import { summaryName, whenToStop } from './words.ts'

/** A budget of the summary with the reader's own link to it. */
export interface SummaryRow extends WaitingBudget {
  readonly url: Secret
}

/** What waits for its reader; the longest waiting first. `more` counts what stands in the list of the API only. */
export function summaryLetter(
  rows: readonly SummaryRow[],
  more: number,
  at: Instant,
  nameOf: (id: string) => string,
): Letter {
  const count = rows.length + more
  const waiting = count === 1 ? '1 budget waits' : `${String(count)} budgets wait`
  return {
    subject: `${summaryName}: ${waiting} for your decision`,
    parts: [
      text(`${waiting} for your decision, the longest waiting first.`),
      ...rows.flatMap((row) => rowParts(row, at, nameOf)),
      ...(more === 0
        ? []
        : [text(`${String(more)} more stand in the list of budgets ready to be exported.`)]),
      text('Opening a link decides nothing. The links are yours: whoever holds one can decide in your name.'),
    ],
  }
}

function rowParts(
  { head, project, approval, timeZone, url }: SummaryRow,
  at: Instant,
  nameOf: (id: string) => string,
): LetterPart[] {
  const name = oneLine(project?.name ?? head.project)
  return [
    facts(
      ['Project', name],
      ['Job in Sage', project?.job?.number ?? 'not linked'],
      ['Budget version', String(approval.version)],
      ['Sent by', oneLine(nameOf(approval.sender))],
      ['Amount', showCents(approval.amount)],
      [
        'Waits since',
        `${whenToStop(approval.opened_at, timeZone)}, ${age(approval.opened_at, at, timeZone)}`,
      ],
      ['Decide before', whenToStop(approval.until, timeZone)],
    ),
    link(`Review ${name}, version ${String(approval.version)}`, url),
  ]
}

/** In days of the calendar, as people count them. */
function age(from: Instant, at: Instant, timeZone = 'UTC'): string {
  const days = (Date.parse(dayIn(timeZone, at)) - Date.parse(dayIn(timeZone, from))) / millisecondsADay
  return days === 0 ? 'today' : days === 1 ? 'for a day' : `for ${String(days)} days`
}

import type { Approval } from '../domain/approval.ts'
import { showCode } from '../domain/budget-code.ts'
import type { BudgetHead, LastCommand, Project } from '../domain/budget-head.ts'
import { showCents, sum } from '../domain/cents.ts'
import { type BudgetExport, type ExportPart, waitsStill } from '../domain/export.ts'
import { errorsInWords } from '../domain/finding.ts'
import type { Secret } from '../domain/secret.ts'
import type { BudgetMailKind, MailKind, Undelivered } from '../store/outbox.ts'
import type { MailedCode } from './confirmation-code.ts'
import { facts, type Letter, type LetterPart, link, loud, oneLine, steps, text } from './letter.ts'
import { boxOf, dayInWords, fileOf, planned, summaryName, totalInWords, whenToStop } from './words.ts'

/** Everything a letter may tell. `url` is the reader's own link, for the kinds that carry one. */
export interface LetterFacts {
  readonly head: BudgetHead
  readonly project: Project | undefined
  readonly approval: Approval | undefined
  readonly export: BudgetExport | undefined
  readonly part: ExportPart | undefined
  readonly parts: readonly ExportPart[]
  readonly last: LastCommand | undefined
  /** The mail that did not arrive. */
  readonly undelivered: Undelivered | undefined
  /** How often the version of the approval was sent, this time included. */
  readonly sends: number
  /** Time zone of the Sage company; absent where the project is linked to none. */
  readonly timeZone: string | undefined
  readonly url: Secret | undefined
  /** For the mail that carries one. */
  readonly code: MailedCode | undefined
  /** Name of a person by id; the id where the directory knows no name. */
  readonly nameOf: (id: string | undefined) => string
}

/** Kinds whose reader gets a link, and what it opens: the board after a sign-in, the others as the reader's own. */
export const linkOpens: Partial<Record<BudgetMailKind, 'review' | 'posting' | 'board'>> = {
  ready_for_review: 'review',
  reminder: 'review',
  escalation: 'review',
  reassigned: 'review',
  file_ready: 'posting',
  not_posted: 'posting',
  mismatch: 'posting',
  do_not_import: 'posting',
  export_failed: 'board',
}

type Write = (about: LetterFacts) => { readonly subject: string; readonly parts: readonly LetterPart[] }

const nameOf = ({ project, head }: LetterFacts): string => oneLine(project?.name ?? head.project)
const jobOf = ({ project, export: of }: LetterFacts): string =>
  of?.job ?? project?.job?.number ?? 'not linked'
const versionOf = ({ approval, export: of, head }: LetterFacts): string =>
  String(approval?.version ?? of?.version ?? head.version)
const fileNumber = ({ part }: LetterFacts): string => String(part?.part ?? 1)

const subjectOf = (words: string, about: LetterFacts): string =>
  `${words}: ${nameOf(about)}, budget version ${versionOf(about)}`

const projectFacts = (about: LetterFacts): readonly (readonly [string, string])[] => [
  ['Project', nameOf(about)],
  ['Job in Sage', jobOf(about)],
  ['Budget version', versionOf(about)],
]

const open = ({ url }: LetterFacts, label: string): readonly LetterPart[] =>
  url === undefined ? [] : [link(label, url)]

/** A version that is sent again unchanged must not look like the mail that its reader has seen to. */
const sentAgain = ({ sends }: LetterFacts): string =>
  sends < 2 ? '' : sends === 2 ? ', sent again' : `, sent again (${String(sends)} times in all)`

/** All parts together; the increases are not known where one of them was stored without. */
function wholeExport({ approval }: LetterFacts) {
  const parts = approval?.parts ?? []
  const increases = parts.flatMap((part) => (part.increases === undefined ? [] : [part.increases]))
  return {
    total: sum(parts.map(({ total }) => total)),
    ...(increases.length === parts.length && { increases: sum(increases) }),
  }
}

/** A request to decide; each says by its subject and its first sentence why it comes. */
const toReview =
  (words: string, sentence: (about: LetterFacts) => string): Write =>
  (about) => ({
    subject: `${subjectOf(words, about)}${sentAgain(about)}`,
    parts: [
      text(sentence(about)),
      facts(
        ...projectFacts(about),
        ['Original budget', showCents(about.head.original)],
        ['Budget changes', showCents(about.head.changes)],
        ['Revised estimate', showCents(sum([about.head.original, about.head.changes]))],
        ['This export', totalInWords(wholeExport(about))],
        ['Decide before', whenToStop(about.approval?.until, about.timeZone)],
      ),
      ...open(about, 'Review the budget'),
      text('Opening the link decides nothing. The link is yours: whoever holds it can decide in your name.'),
    ],
  })

const senderOf = ({ approval, nameOf: person }: LetterFacts): string => person(approval?.sender)
const waitsSince = ({ approval, timeZone }: LetterFacts): string => whenToStop(approval?.opened_at, timeZone)

/** The code is not in the subject: a locked phone shows that to anybody. */
function confirmationCode(about: LetterFacts) {
  const { code, timeZone } = about
  return {
    subject: subjectOf('Code to accept', about),
    parts: [
      text(
        'This code confirms your accept. Type it on the page of the review, under the date of the entries:',
      ),
      loud(code?.code.open() ?? ''),
      facts(...projectFacts(about), ['Valid until', whenToStop(code?.until, timeZone)]),
      text(
        'If you did not ask for it, somebody else has opened your link. Nothing is accepted without this code: pass it to nobody, and tell a company admin.',
      ),
    ],
  }
}

function fileReady(about: LetterFacts) {
  const { part, parts } = about
  return {
    subject: subjectOf(`File ready for Sage, file ${fileNumber(about)}`, about),
    parts: [
      text(`${fileOf(part, planned(parts))} of an accepted budget is ready to be imported into Sage.`),
      ...toImport(about),
    ],
  }
}

/** Who is told to import a file that moved something in Sage already, imports it once too often. */
function notPosted(about: LetterFacts) {
  const { observation: seen } = about.part ?? {}
  return {
    subject: subjectOf(`Not posted yet, file ${fileNumber(about)}`, about),
    parts: waitsStill(seen)
      ? [...(seen === undefined ? [] : [text(seen.sentence), text(seen.what_to_do)]), ...toImport(about)]
      : mismatch(about).parts,
  }
}

function toImport(about: LetterFacts): readonly LetterPart[] {
  const { part, export: of } = about
  return [
    loud(boxOf(part?.mode)),
    facts(
      ...projectFacts(about),
      ['Export', of?.id ?? ''],
      ['File', part?.file_name ?? ''],
      ['Where', part?.receipt?.where ?? 'the posting page'],
      ['Lines', String(part?.entries ?? 0)],
      ['Total', part === undefined ? '' : totalInWords(part)],
      ['Date of the entries', of === undefined ? '' : dayInWords(of.entry_date)],
    ),
    steps(
      'In Sage, open Job Cost > Tools > Import Estimates and choose the file.',
      boxOf(part?.mode),
      'Import it once, and look at the Estimate Import Report.',
      'Open Tasks > Post Entries and post the entries.',
      'Say on the posting page that they are posted, or let the connector see it.',
    ),
    ...open(about, 'Open the posting page'),
  ]
}

function toTheProject(words: string, sentence: (about: LetterFacts) => string, next: string): Write {
  return (about) => ({
    subject: subjectOf(words, about),
    parts: [text(sentence(about)), facts(...projectFacts(about)), text(next)],
  })
}

function rejected(about: LetterFacts) {
  const decision = about.approval?.decisions.find(({ choice }) => choice === 'reject')
  return {
    subject: subjectOf('Budget rejected', about),
    parts: [
      text(`${about.nameOf(decision?.person)} rejected the budget. It is unlocked, and yours to change.`),
      facts(...projectFacts(about), ['Reason', oneLine(decision?.reason ?? '')]),
      ...(decision?.comments ?? []).map(({ code, comment }) =>
        text(`${showCode(code)}: ${oneLine(comment)}`),
      ),
      text('Correct it, lock it again and send it again.'),
    ],
  }
}

const refusedInWords: ReadonlyMap<string | undefined, string> = new Map([
  ['lock', 'locked'],
  ['unlock', 'unlocked'],
])

function commandRefused(about: LetterFacts) {
  const { last } = about
  return {
    subject: subjectOf(`The budget could not be ${refusedInWords.get(last?.command) ?? 'sent'}`, about),
    parts: [
      text(oneLine(last?.sentence ?? '')),
      facts(...projectFacts(about)),
      text(oneLine(last?.what_to_do ?? '')),
    ],
  }
}

function nobodyCanAccept(about: LetterFacts) {
  const { approval } = about
  const step = approval?.steps[approval.step - 1]
  return {
    subject: subjectOf('Nobody can accept the budget', about),
    parts: [
      text(
        `The budget waits at the step ${oneLine(step?.name ?? '')}, which needs ${String(step?.accepts ?? 1)} accepts, and fewer people could give one now: approvers have left, or their limits, roles or part in the budget are in the way.`,
      ),
      facts(...projectFacts(about), ['Closes', whenToStop(approval?.until)]),
      text(
        'A company admin brings an approver of this step back, or raises a limit. Or the project takes the budget back and sends it again, under the policy as it is then.',
      ),
    ],
  }
}

const messagesTold = 5
const longestMessage = 300

const shortened = (words: string): string => {
  const line = oneLine(words)
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line
}

/** The first of them, each shortened: the API has all that was said. */
const told = (messages: readonly string[]): LetterPart[] => [
  ...messages.slice(0, messagesTold).map((message) => text(shortened(message))),
  ...(messages.length > messagesTold ? [text(`And ${String(messages.length - messagesTold)} more.`)] : []),
]

/** What the connector said; or, where no file was made, what the check found. */
function exportFailed(about: LetterFacts) {
  const { part, last } = about
  return {
    subject: subjectOf('Export failed', about),
    parts: [
      text(
        part === undefined
          ? 'An accepted budget did not reach Sage: no file was made.'
          : 'An accepted budget did not reach Sage. Nothing is lost: it can be retried with the same file.',
      ),
      facts(...projectFacts(about), ['Export', about.export?.id ?? 'not made']),
      ...told(part?.failure?.messages ?? [last?.sentence ?? 'The check before the export found errors.']),
      ...told(
        part === undefined
          ? errorsInWords(last?.findings)
          : (part.failure?.lines ?? []).map(({ code, message }) => `${showCode(code)}: ${message}`),
      ),
      text(
        (part === undefined ? last?.what_to_do : undefined) ??
          'An approver retries it or returns it to the project; accounting may close it.',
      ),
      ...open(about, 'See what to do'),
    ],
  }
}

function mismatch(about: LetterFacts) {
  const seen = about.part?.observation
  return {
    subject: subjectOf(
      `${seen?.kind === 'import_stopped' ? 'Sage stopped the import' : 'Sage shows something else'}, file ${fileNumber(about)}`,
      about,
    ),
    parts: [
      text(oneLine(seen?.sentence ?? 'Sage shows other figures than were sent.')),
      facts(...projectFacts(about), ['File', about.part?.file_name ?? '']),
      text(oneLine(seen?.what_to_do ?? '')),
      ...open(about, 'Open the posting page'),
    ],
  }
}

const whyUndelivered: Record<Undelivered['why'], string> = {
  bounced: 'it came back',
  complained: 'it was marked as spam',
  refused: 'it was not sent, since it was taken for harmful',
}

/** What a mail was called, without its project and version. */
const nameOfMail = (mail: MailKind, about: LetterFacts): string =>
  mail === 'daily_summary' ? summaryName : (letters[mail](about).subject.split(':')[0] ?? '')

function mailNotDelivered(about: LetterFacts) {
  const { undelivered } = about
  const person = about.nameOf(undelivered?.to)
  const called = undelivered === undefined ? '' : nameOfMail(undelivered.mail, about)
  return {
    subject: subjectOf(`A mail did not reach ${oneLine(person)}`, about),
    parts: [
      text(
        `The mail "${called}" did not reach ${oneLine(person)}: ${undelivered === undefined ? '' : whyUndelivered[undelivered.why]}. What it asks for waits until somebody else sees to it.`,
      ),
      facts(...projectFacts(about)),
      text(
        `A company admin corrects the address of ${oneLine(person)} in the directory. Until then, tell ${oneLine(person)} by another way, or ask a colleague who was mailed too.`,
      ),
    ],
  }
}

const letters: Record<BudgetMailKind, Write> = {
  ready_for_review: toReview(
    'Budget ready for review',
    (about) => `${senderOf(about)} sent a budget to accounting. Look at it, then accept or reject it.`,
  ),
  reminder: toReview(
    'Reminder, budget waits for review',
    (about) =>
      `A budget that ${senderOf(about)} sent has waited for you since ${waitsSince(about)}. Accept or reject it.`,
  ),
  escalation: toReview(
    'Budget waits for review, now for you too',
    (about) =>
      `A budget that ${senderOf(about)} sent has waited since ${waitsSince(about)}, and its approvers have not decided. You may decide it as well: accept or reject it.`,
  ),
  reassigned: toReview(
    'Budget passed on to you for review',
    (about) =>
      `A budget that ${senderOf(about)} sent was passed on to you. Look at it, then accept or reject it.`,
  ),
  confirmation_code: confirmationCode,
  accepted: toTheProject(
    'Budget accepted',
    () => 'Accounting accepted the budget. It is being exported to Sage.',
    'It stays locked until the entries are posted in Sage.',
  ),
  nobody_can_accept: nobodyCanAccept,
  mail_not_delivered: mailNotDelivered,
  rejected,
  expired: toTheProject(
    'Nobody decided in time',
    () => 'The budget was not decided in time. That is not a rejection. It is still locked.',
    'Send it again, or unlock it to change it.',
  ),
  retrieved: toTheProject(
    'Budget retrieved',
    () => 'The budget was taken back from accounting before it was decided. It is still locked.',
    'Send it again, or unlock it to change it.',
  ),
  returned: toTheProject(
    'Export returned',
    () => 'Accounting returned the budget: its export failed, and nothing of it is in Sage. It is unlocked.',
    'Correct it, lock it again and send it again.',
  ),
  closed: toTheProject(
    'Export closed',
    () => 'Accounting closed the export with an outcome for every entry.',
    'Look at the budget for what Sage took; what it did not take goes with the next export.',
  ),
  command_refused: commandRefused,
  file_ready: fileReady,
  do_not_import: (about) => ({
    subject: subjectOf('Do not import the file', about),
    parts: [
      loud(`DO NOT IMPORT ${about.part?.file_name ?? 'the file'}`),
      text('The export was taken back: nothing of this file counts as being in Sage.'),
      facts(...projectFacts(about)),
      text(
        'If it was imported already, delete its entries in Sage before anybody posts them. If they are posted, reverse them there: until then Sage shows more than the budget sent.',
      ),
      ...open(about, 'Look at the export'),
    ],
  }),
  export_failed: exportFailed,
  receipt_overdue: (about) => ({
    subject: subjectOf('No word from the connector', about),
    parts: [
      text('A file for Sage was handed to the connector a day ago, and it has not said where the file is.'),
      facts(...projectFacts(about), ['Export', about.export?.id ?? '']),
      text('Look whether the agent runs and its queue is read. See the runbook receipt-overdue.'),
    ],
  }),
  mismatch,
  not_posted: notPosted,
  posted: toTheProject(
    'Posted in Sage',
    ({ head }) =>
      head.confirmed === 'verified'
        ? 'The budget is posted in Sage, checked against the totals in Sage.'
        : 'The budget is posted in Sage, as accounting declared.',
    'It may be changed again: unlock it, or make budget changes and send them.',
  ),
}

/** Writes the letter of a kind. The subject is one line, whatever people named their projects. */
export function writeLetter(kind: BudgetMailKind, about: LetterFacts): Letter {
  const { subject, parts } = letters[kind](about)
  return { subject: oneLine(subject), parts }
}

import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2'
import * as z from 'zod'
import { type WaitingBudget, waitingBudgets } from '../../shared/approving/waiting-budgets.ts'
import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import { type Approval, approvalId } from '../../shared/domain/approval.ts'
import { exportId } from '../../shared/domain/export-id.ts'
import { CompanyId, type PersonId, ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import type { Project } from '../../shared/domain/budget-head.ts'
import type { Person } from '../../shared/domain/person.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { mayDo } from '../../shared/domain/roles.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { type Letter, letterAsHtml, letterAsText } from '../../shared/mail/letter.ts'
import { makeCode } from '../../shared/mail/confirmation-code.ts'
import { type LetterFacts, linkOpens, writeLetter } from '../../shared/mail/letters.ts'
import { boardAddress, makeLink } from '../../shared/mail/links.ts'
import { summaryLetter, type SummaryRow } from '../../shared/mail/summary-letter.ts'
import type { Link } from '../../shared/store/company-store.ts'
import { Broken } from '../../shared/store/errors.ts'
import { mailTags } from './mail-tags.ts'
import type { MailLog } from '../../shared/store/mail-log.ts'
import { type BudgetMailKind, MailRequest } from '../../shared/store/outbox.ts'

export interface Mailer extends Pick<Dependencies, 'store' | 'companies' | 'clock' | 'logger'> {
  readonly ses: SESv2Client
  readonly log: MailLog
  readonly from: string
  readonly publicUrl: string
  /** SES's configuration set, which tells of mails that do not arrive. */
  readonly settings: string
}

/** The message on the mail queue: who is told what about which budget, and nothing of the budget itself. */
const MailMessage = z.object({
  v: z.literal(1),
  company: CompanyId,
  project: ProjectId,
  /** Id of the request that led to it; none led to what the clock does. */
  request: z.string().optional(),
  mail: MailRequest,
})

type MailMessage = z.infer<typeof MailMessage>

export type Mailed = 'sent' | 'sent_before' | 'nobody'

/** Sends one mail to one person: recorded before it is sent, and not sent again once it is known to be out. */
export async function sendMail(mailer: Mailer, body: unknown): Promise<Mailed> {
  const message = MailMessage.parse(body)
  const outcome = await sendOrNot(mailer, message)
  const { company, project, request, mail } = message
  mailer.logger.info('mail', {
    outcome,
    company,
    project,
    request,
    mail: mail.id,
    to: mail.to,
    ...(mail.approval && { approval: approvalId(project, mail.approval) }),
    ...(mail.export && { export: exportId(project, mail.export.number) }),
  })
  return outcome
}

async function sendOrNot(mailer: Mailer, message: MailMessage): Promise<Mailed> {
  const key = keyOfTask(message)
  const people = await mailer.companies.people(key.company)
  const person = people.find(({ id }) => id === message.mail.to)
  if (!person?.active) return 'nobody'
  const { mail } = message.mail
  const write =
    mail === 'daily_summary'
      ? await summaryFor(mailer, key.company, person.id, people)
      : async () => writeLetter(mail, await factsFor(mailer, key, { ...message.mail, mail }, people))
  if (!write) return 'nobody'
  const logged = await mailer.log.begin(key, message.mail)
  if (!logged) return 'sent_before'
  await send(mailer, person, await write(), mailTags(key, message.mail), message.request)
  await mailer.log.sent(key, message.mail)
  return 'sent'
}

// Its facts and links come to about 1.5 KB a budget, and mail programs cut what is over 100 KB.
const mostInSummary = 50

/** How the reader's summary is written; undefined where nothing waits for the reader any more. */
async function summaryFor(
  mailer: Mailer,
  company: CompanyId,
  person: PersonId,
  people: readonly Person[],
): Promise<(() => Promise<Letter>) | undefined> {
  const { companies, clock } = mailer
  const waiting: WaitingBudget[] = []
  const sage = await companies.sageCompanies(company)
  for await (const budget of waitingBudgets(mailer, company, people, sage))
    if (budget.waitsFor.includes(person)) waiting.push(budget)
  if (waiting.length === 0) return undefined
  const names = new Map<string, string>(people.map(({ id, name }) => [id, name]))
  return async () => {
    const listed = waiting.slice(0, mostInSummary)
    const rows = await Promise.all(
      listed.map(async (budget) => await withLink(mailer, budget, person, people)),
    )
    return summaryLetter(rows, waiting.length - listed.length, clock.now(), (id) => names.get(id) ?? id)
  }
}

async function withLink(
  mailer: Mailer,
  budget: WaitingBudget,
  person: PersonId,
  people: readonly Person[],
): Promise<SummaryRow> {
  const { head, project, approval } = budget
  const { version, send: number, step } = approval
  const url = await makeLink(mailer.companies, mailer.publicUrl, {
    kind: 'review',
    company: head.company,
    project: head.project,
    person,
    made_at: mailer.clock.now(),
    approval: { version, send: number, step },
    ...whatDecides(person, project, people),
  })
  return { ...budget, url }
}

/** A mail about one budget. */
type AboutBudget = MailRequest & { readonly mail: BudgetMailKind }

async function factsFor(
  mailer: Mailer,
  key: ProjectKey,
  { mail, to, approval: of, export: about, undelivered }: AboutBudget,
  people: readonly Person[],
): Promise<LetterFacts> {
  const { store } = mailer
  const [head, project, approval, open, parts, last, approvals] = await Promise.all([
    store.head(key),
    store.project(key),
    of && store.approval(key, of),
    about && store.export(key, about.number),
    about ? store.parts(key, about.number) : [],
    store.lastCommand(key),
    of ? store.approvals(key) : [],
  ])
  const sage = project?.job && (await mailer.companies.sageCompany(key.company, project.job.sage_company))
  if (!head)
    throw new Broken(
      'BudgetMissing',
      `No budget ${key.project} of ${key.company} to write about; see the runbook mail-not-sent.`,
    )
  const names = new Map<string, string>(people.map(({ id, name }) => [id, name]))
  return {
    head,
    project,
    approval,
    export: open,
    part: parts.find(({ part }) => part === about?.part),
    parts,
    last,
    sends: of === undefined ? 1 : timesSent(approvals, of),
    timeZone: sage?.time_zone,
    undelivered,
    url: mayOpen(
      mail,
      people.find(({ id }) => id === to),
    )
      ? await ownLink(mailer, key, to, mail, of, about?.number, whatDecides(to, project, people))
      : undefined,
    code:
      mail === 'confirmation_code' && approval
        ? await makeCode(store, key, approval, to, mailer.clock.now())
        : undefined,
    nameOf: (id) => (id === undefined ? 'Somebody' : (names.get(id) ?? id)),
  }
}

/** How often a version was sent until and with this send; every step of an approval has the send's number. */
const timesSent = (approvals: readonly Approval[], of: Pick<Approval, 'version' | 'send'>): number =>
  new Set(
    approvals.flatMap((each) => (each.version === of.version && each.send <= of.send ? [each.send] : [])),
  ).size

/** The posting page is for those who post; approvers and operators, who hear of a mismatch too, get no link to it. */
const mayOpen = (mail: BudgetMailKind, person: Person | undefined): boolean =>
  linkOpens[mail] !== 'posting' || (person !== undefined && !isRefusal(mayDo(person, 'confirm_posted')))

/** Where the rows of a decision by this person are found: kept with the link, so that they are read in one call. */
const whatDecides = (
  to: PersonId,
  project: Project | undefined,
  people: readonly Person[],
): Pick<Link, 'sage_company' | 'delegators'> => ({
  ...(project?.job && { sage_company: project.job.sage_company }),
  delegators: people.filter(({ delegate }) => delegate?.person === to).map(({ id }) => id),
})

async function ownLink(
  { companies, publicUrl, clock }: Mailer,
  { company, project }: ProjectKey,
  person: PersonId,
  mail: BudgetMailKind,
  approval: MailRequest['approval'],
  exportNumber: number | undefined,
  decides: Pick<Link, 'sage_company' | 'delegators'>,
): Promise<Secret | undefined> {
  const kind = linkOpens[mail]
  if (kind === undefined) return undefined
  if (kind === 'board') return new Secret(boardAddress(publicUrl, { company, project }))
  return await makeLink(companies, publicUrl, {
    kind,
    company,
    project,
    person,
    made_at: clock.now(),
    ...(approval === undefined ? {} : { approval, ...decides }),
    ...(exportNumber === undefined ? {} : { export: exportNumber }),
  })
}

/** Click tracking is off: it would lead our readers' links through another house. */
async function send(
  { ses, from, settings }: Mailer,
  person: Person,
  letter: Letter,
  tags: Readonly<Record<string, string>>,
  request: string | undefined,
): Promise<void> {
  await ses.send(
    new SendEmailCommand({
      ConfigurationSetName: settings,
      EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
      ConfigurationOverrides: {
        Tracking: { ClickTrackingEnabled: 'DISABLED', OpenTrackingEnabled: 'DISABLED' },
      },
      FromEmailAddress: from,
      Destination: { ToAddresses: [person.email] },
      Content: {
        Simple: {
          ...(request !== undefined && { Headers: [{ Name: 'X-Request-Id', Value: request }] }),
          Subject: { Data: letter.subject, Charset: 'UTF-8' },
          Body: {
            Text: { Data: letterAsText(letter), Charset: 'UTF-8' },
            Html: { Data: await letterAsHtml(letter), Charset: 'UTF-8' },
          },
        },
      },
    }),
  )
}

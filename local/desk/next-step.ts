import { html } from 'hono/html'
import { people, sageFolder } from '../local-company.ts'
import type { Mail } from '../runtime/mailbox.ts'
import { type Finding, findingList } from './findings.ts'
import type { Html } from './frame.ts'

/** What a person reads on the desk when a budget stands somewhere. */
export interface Standing {
  readonly name: string
  readonly edit_state: string
  readonly erp_state: string
  readonly pending: unknown
  /** Whether the execution that should go on has ended. */
  readonly stopped: boolean
  /** What the pre-check finds, where the next act would be a send. */
  readonly findings: readonly Finding[]
  /** What Sage shows besides what was sent, and its way out. */
  readonly drift: { readonly sentence: string; readonly what_to_do: string } | null
}

const sagePlace = (place: string): string => `/sage/companies/${sageFolder}/${place}`

const button = (href: string, words: string): Html => html`<a class="button" href="${href}">${words}</a>`

/** The newest mail to a person about a project, whose subject begins so. */
const mailAbout = (mails: readonly Mail[], to: string, subject: string, project: string): Mail | undefined =>
  mails.find(
    (mail) => mail.to.includes(to) && mail.subject.startsWith(subject) && mail.subject.includes(project),
  )

const openMail = (mail: Mail | undefined, words: string): Html =>
  mail === undefined
    ? button('/desk/mailbox', 'Open the mailbox')
    : button(`/desk/mailbox/${encodeURIComponent(mail.id)}`, words)

/** The next act, in words, with the way there. */
export function nextStep(budget: Standing, mails: readonly Mail[]): Html {
  const { sentence, ways, list } = next(budget, mails)
  return html`<div class="next">
    ${rejection(budget, mails)}
    <p><strong>Next:</strong> ${sentence}</p>
    ${list ?? ''} ${ways.length === 0 ? '' : html`<p class="actions">${ways}</p>`}
  </div>`
}

/** Why accounting sent the budget back, as the project manager's mail tells it. */
function rejection({ name, erp_state }: Standing, mails: readonly Mail[]): Html | '' {
  if (erp_state !== 'rejected') return ''
  const mail = mailAbout(mails, people.paula.email, 'Budget rejected', name)
  const reason = /^Reason: +(.+)$/m.exec(mail?.text ?? '')?.[1]
  return mail === undefined || reason === undefined
    ? ''
    : html`<p>
        <strong>Rejected:</strong> ${reason}
        <a href="/desk/mailbox/${encodeURIComponent(mail.id)}">Read the mail</a>
      </p>`
}

interface Next {
  readonly sentence: string
  readonly ways: readonly Html[]
  readonly list?: Html
}

const look: Html = html`<a href="/desk">Look again</a>`
const reload = (sentence: string): Next => ({ sentence, ways: [look] })

function next(standing: Standing, mails: readonly Mail[]): Next {
  const { name, erp_state, pending, stopped } = standing
  const { anna, peter } = people
  if (stopped)
    return {
      sentence:
        'The workflow of this budget has stopped. An operator looks at it, and restarts it (docs/operations.md).',
      ways: [button('/desk/executions', 'See the executions')],
    }
  if (pending !== null) return reload('The workflow carries out the last command. It takes a moment.')
  switch (erp_state) {
    case 'sent': {
      const mail = mailAbout(mails, anna.email, 'Budget ready for review', name)
      return {
        sentence: `A mail waits for ${anna.name} of accounting: open it, follow its link, accept or reject.`,
        ways: [openMail(mail, 'Read Anna’s mail')],
      }
    }
    case 'accepted':
    case 'exporting':
      return reload('The file for Sage is being made, and taken to the server by the agent.')
    case 'exported': {
      const mail = mailAbout(mails, peter.email, 'File ready for Sage', name)
      return {
        sentence: `A file waits for ${peter.name}: his mail says which box to tick. Import it in Sage, then post the entries.`,
        ways: [
          openMail(mail, 'Read Peter’s mail'),
          button(sagePlace('import'), 'Import in Sage'),
          button(sagePlace('entries'), 'Post Entries'),
        ],
      }
    }
    case 'export_failed':
    case 'partly_posted':
    case 'mismatch':
      return {
        sentence: 'A person has to look. The newest mail says what happened and what to do.',
        ways: [openMail(undefined, '')],
      }
    case 'synced':
      if (standing.drift)
        return {
          sentence: `${standing.drift.sentence} ${standing.drift.what_to_do}`,
          ways: [
            openMail(mailAbout(mails, peter.email, 'Sage shows something else', name), 'Read Peter’s mail'),
            button(sagePlace('totals'), 'See the totals in Sage'),
          ],
        }
      return {
        sentence: 'Nothing: every entry is posted. See what the workflow did, and the totals in Sage.',
        ways: [
          button('/desk/executions', 'See the executions'),
          button(sagePlace('totals'), 'See the totals in Sage'),
        ],
      }
    default:
      return { sentence: turnOfTheProject(standing), ways: [], list: findingList(standing.findings) }
  }
}

/** A send that the pre-check would refuse is not the next act: what it finds is. */
function turnOfTheProject({ edit_state, findings }: Standing): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (errors > 0)
    return `The check before sending found ${errors === 1 ? 'an error' : `${String(errors)} errors`}. It is ${people.paula.name}’s turn to put right what is listed; then the budget can be sent.`
  const act = edit_state === 'locked' ? 'send the budget to accounting' : 'lock the budget, then send it'
  return `It is ${people.paula.name}’s turn: ${act}.`
}

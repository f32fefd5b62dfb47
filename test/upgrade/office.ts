import { Logger } from '@aws-lambda-powertools/logger'
import type { Context } from 'aws-lambda'
import { review } from '../../functions/review/index.ts'
import { sendMail } from '../../functions/mailer/send-mail.ts'
import { takeSageEvent } from '../../functions/sage-events/index.ts'
import type { Role } from '../../shared/domain/person.ts'
import { createApi } from '../functions/api/create-api.ts'
import { eventOf } from '../functions/api/api-event.ts'
import { cameOf } from '../functions/api/local-api.ts'
import { type Field, filled, pageEvent } from '../functions/page-event.ts'
import { messageOf, postOffice, textOf } from '../functions/post-office.ts'
import { key } from '../statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine, type Kept } from '../statemachines/cycle/machine.ts'
import type { LocalDatabase } from '../store/local-database.ts'

/** A request to the API, as it can be made again, and how it was answered. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly as: string
  readonly role: Role
  readonly body?: unknown
  /** What If-Match names. */
  readonly match?: string
  /** Idempotency-Key. */
  readonly key: string
  readonly answer: string
}

/** A mail that went out; `link` is the reference of the page that it opens. */
export interface SentMail {
  readonly id: string
  readonly to: string
  readonly link?: string
}

/** All that is kept of an office: what its machine keeps, and what lies between the API, the queues and the mailboxes. */
export interface Office {
  readonly machine: CycleMachine
  readonly asked: Asked[]
  /** Reports of connectors on the inside queue. */
  readonly reports: unknown[]
  readonly sent: SentMail[]
  ask(wanted: Omit<Asked, 'key' | 'answer'>): Promise<void>
  /** The same request with the same key; how it is answered now. */
  askAgain(asked: Asked): Promise<string>
  /** Fills in and sends the page that the last link mailed to a person opens. */
  decideByLink(person: string, fields: readonly Field[]): Promise<void>
  /** Sends what is on the mail queue; what an office began with is there once more, as a queue may deliver it. */
  post(): Promise<void>
  /** Takes the reports and delivers the outbox, until nothing moves. */
  settle(): Promise<void>
}

export interface KeptOffice extends Kept {
  readonly asked: readonly Asked[]
  readonly reports: readonly unknown[]
  readonly sent: readonly SentMail[]
}

/** API, mailed pages, mailer and report queue of today, over the machine and its table. */
export async function openOffice(database: LocalDatabase, from?: KeptOffice): Promise<Office> {
  const machine = await cycleMachine(database, from)
  const asked = [...(from?.asked ?? [])]
  const reports = [...(from?.reports ?? [])]
  const sent = [...(from?.sent ?? [])]
  const mailer = postOffice(database, machine)
  const api = createApi({
    ...machine,
    roleClaim: 'cognito:groups',
    logger: new Logger({ logLevel: 'SILENT' }),
    report: async (event) => {
      reports.push(JSON.parse(JSON.stringify(event)))
      await Promise.resolve()
    },
    fileUrl: async (file) => await Promise.resolve(`https://files.example/${file}`),
    uploads: { offer: refuse, read: refuse },
  })
  let posted = 0

  const answerTo = async (request: Omit<Asked, 'answer'>): Promise<string> => {
    const { method, path, as, role, body, match, key: idempotency } = request
    const signedIn = { sub: `sub-${as}`, groups: [`${key.company}:${role}`] }
    const headers = { 'idempotency-key': idempotency, ...(match !== undefined && { 'if-match': match }) }
    const event = eventOf(method, path, { as: signedIn, body, headers })
    const { status, text } = cameOf(await api(event, {} as Context))
    return `${String(status)} ${text}`
  }

  return {
    machine,
    asked,
    reports,
    sent,
    async ask(wanted) {
      const request = { ...wanted, key: `request-${String(asked.length + 1)}` }
      const answer = await answerTo(request)
      if (!answer.startsWith('2')) throw new Error(`${wanted.method} ${wanted.path}: ${answer}`)
      asked.push({ ...request, answer })
    },
    askAgain: answerTo,
    async decideByLink(person, fields) {
      const reference = sent.findLast(({ to, link }) => to === person && link?.startsWith('review/'))?.link
      if (reference === undefined) throw new Error(`no link was mailed to ${person}`)
      const call = { reference: reference.slice('review/'.length) }
      const form = filled(await review(machine, pageEvent(call)), fields)
      const { statusCode, body } = await review(machine, pageEvent({ ...call, form }))
      if (statusCode !== 303) throw new Error(`${String(statusCode)} ${body ?? ''}`)
    },
    async post() {
      for (; posted < machine.mails.length; posted += 1) {
        const mail = machine.mails[posted]
        if (!mail || (await sendMail(mailer, messageOf(mail))) !== 'sent') continue
        const [, link] = /\/((?:review|posting)\/[\w-]+)/.exec(textOf(mailer.sent.at(-1))) ?? []
        sent.push({ id: mail.id, to: mail.to, ...(link !== undefined && { link }) })
      }
    },
    async settle() {
      await machine.settle()
      while (reports.length > 0) {
        await takeSageEvent(machine, reports.shift())
        await machine.settle()
      }
    },
  }
}

const refuse = (): never => {
  throw new Error('Nothing is uploaded here')
}

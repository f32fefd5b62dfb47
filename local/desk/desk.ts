import type { IncomingMessage, ServerResponse } from 'node:http'
import { html } from 'hono/html'
import {
  agentToken,
  groupsOf,
  type LocalPerson,
  people,
  readersSageCompany,
  subjectOf,
} from '../local-company.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { budgetsPage, giveCommand, isOffered } from './budgets.ts'
import { executionPage, executionsPage } from './executions.ts'
import { page } from './frame.ts'
import { mailboxPage, mailPage } from './mailbox.ts'

type Answered = { readonly status: number; readonly body: string } | { readonly to: string }

/** Style and nothing else, for the frame in which a mail is shown as well: it takes over the policy of its page. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}

/** The one local page from which a person sees what the stack does: budgets, mailbox, executions, and the way to Sage. */
export const desk = (runtime: Runtime) => {
  // Ids of the mails that were read since the start.
  const opened = new Set<string>()
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://desk')
    const site = request.headers['sec-fetch-site']
    const foreign =
      request.method === 'POST' && site !== undefined && site !== 'same-origin' && site !== 'none'
    const answered = foreign
      ? await notHere()
      : await answer(runtime, opened, request.method ?? 'GET', pathname)
    if ('to' in answered) response.writeHead(303, { location: answered.to }).end()
    else response.writeHead(answered.status, headers).end(answered.body)
  }
}

const ok = (body: string): Answered => ({ status: 200, body })

async function answer(
  runtime: Runtime,
  opened: Set<string>,
  method: string,
  path: string,
): Promise<Answered> {
  const [, , place, ...rest] = path.split('/')
  if (place === undefined || place === '') return ok(await budgetsPage(runtime))
  const [name = '', command = ''] = rest.map(decodeURIComponent)
  if (place === 'budgets' && method === 'POST' && isOffered(command)) {
    const fault = await giveCommand(runtime, name, command)
    return fault === undefined ? { to: '/desk' } : { status: 409, body: await budgetsPage(runtime, fault) }
  }
  if (place === 'token') return await token(runtime, name)
  if (place === 'mailbox') return await mailbox(runtime, opened, name, command === 'text')
  if (place === 'executions') return await executions(runtime, name)
  return await notHere()
}

/** A token of one of the sample people, for trying the API by hand, or of the reader's own agent. */
async function token({ issueToken }: Runtime, name: string): Promise<Answered> {
  if (name === 'agent') return ok(await issueToken(agentToken(readersSageCompany)))
  const person: LocalPerson | undefined = Object.values(people).find(({ id }) => id === name)
  if (!person) return await notHere()
  const { email } = person
  return {
    status: 200,
    body: await issueToken({ subject: subjectOf(person), email, groups: groupsOf(person) }),
  }
}

async function mailbox(
  { readMailbox }: Runtime,
  opened: Set<string>,
  id: string,
  asText: boolean,
): Promise<Answered> {
  const mails = readMailbox()
  if (id === '') return ok(await mailboxPage(mails, opened))
  const mail = mails.find((each) => each.id === id)
  if (!mail) return await notHere()
  opened.add(id)
  return ok(await mailPage(mail, asText))
}

async function executions({ engine }: Runtime, name: string): Promise<Answered> {
  if (name === '') return ok(await executionsPage(engine))
  const found = await executionPage(engine, name)
  return found === undefined ? await notHere() : ok(found)
}

async function notHere(): Promise<Answered> {
  const body = await page(
    '',
    'Not here',
    html`<p class="note">There is nothing at this address of the desk.</p>`,
  )
  return { status: 404, body }
}

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import ses from 'aws-ses-v2-local'
import * as z from 'zod'
import { type DataFolder, writeWhole } from './data-folder.ts'

const StoredMail = z.object({
  messageId: z.string(),
  from: z.string(),
  replyTo: z.array(z.string()),
  destination: z.object({ to: z.array(z.string()), cc: z.array(z.string()), bcc: z.array(z.string()) }),
  subject: z.string(),
  body: z.object({ html: z.string().optional(), text: z.string().optional() }),
  headers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  attachments: z.array(
    z.object({ filename: z.string().optional(), contentType: z.string(), content: z.string() }),
  ),
  at: z.number(),
})

/** A mail as its receiver has it. */
export interface Mail {
  readonly id: string
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly replyTo: readonly string[]
  readonly subject: string
  readonly text: string | undefined
  readonly html: string | undefined
  /** By lower-cased name. */
  readonly headers: Readonly<Record<string, string>>
  /** Content in base64. */
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly content: string }[]
  /** ISO 8601, to the second. */
  readonly at: string
}

/** A mail that its receiver's side gave back, or called spam. */
export interface Undeliverable {
  readonly eventType: 'Bounce' | 'Complaint'
  readonly messageId: string
  readonly to: readonly string[]
  /** As SES gives them back: those of the mail, and its own. */
  readonly tags: Readonly<Record<string, readonly string[]>>
}

/** Addresses of SES's mailbox simulator, which on AWS behave the same (Amazon SES, "Using the mailbox simulator"). */
const simulators: Readonly<Record<string, Undeliverable['eventType']>> = {
  'bounce@simulator.amazonses.com': 'Bounce',
  'complaint@simulator.amazonses.com': 'Complaint',
}

export interface Mailbox {
  readonly endpoint: string
  /** Every mail ever sent, the newest first. */
  readonly read: () => readonly Mail[]
  /** Calls this for every mail from now on that goes to one of the mailbox simulator's addresses. */
  readonly onUndeliverable: (listen: (mail: Undeliverable) => void) => void
  readonly stop: () => Promise<void>
}

/** Name of the error of SES with which it refuses a mail now; undefined where it takes it. */
export type FaultOfMail = () => string | undefined

/**
 * Serves SES. aws-ses-v2-local checks and understands what is sent but keeps it in memory only, so it stands behind a
 * server that writes each mail into the data folder before the sender gets an answer: no mail answered for is lost.
 */
export async function startMailbox(
  folder: DataFolder,
  port: number,
  refuse: FaultOfMail = () => undefined,
): Promise<Mailbox> {
  const kept = mailFolder(folder)
  let listen: ((mail: Undeliverable) => void) | undefined
  const inner = await serveSes({ host: '127.0.0.1', port: 0 })
  const inside = `http://127.0.0.1:${String(portOf(inner))}`
  // One at a time, so that what the store holds afterwards is what this request sent.
  let last: Promise<unknown> = Promise.resolve()
  const front = createServer((request, response) => {
    last = afterwards(last, async () => {
      const error = request.method === 'POST' ? refuse() : undefined
      if (error !== undefined)
        response.writeHead(400, { 'x-amzn-errortype': error }).end(JSON.stringify({ message: error }))
      else
        await pass(request, response, inside, kept.add, (mail) => {
          listen?.(mail)
        })
    }).catch(() => {
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => {
    front.listen(port, '127.0.0.1', resolve)
  })
  return {
    endpoint: `http://127.0.0.1:${String(portOf(front))}`,
    read: kept.read,
    onUndeliverable: (told) => {
      listen = told
    },
    stop: async () => {
      await Promise.all([closed(front), closed(inner)])
    },
  }
}

/** The package is CommonJS with a `default` of its own, which some loaders have unwrapped already. */
const serveSes = 'default' in ses ? ses.default : ses

async function afterwards(earlier: Promise<unknown>, work: () => Promise<void>): Promise<void> {
  await earlier
  await work()
}

const Store = z.object({ emails: z.array(StoredMail) })

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  inside: string,
  keep: (mail: z.output<typeof StoredMail>) => void,
  giveBack: (mail: Undeliverable) => void,
): Promise<void> {
  const body = await buffer(request)
  const { method = 'GET', url = '/', headers } = request
  const answer = await fetch(`${inside}${url}`, {
    method,
    headers: {
      'content-type': headers['content-type'] ?? 'application/json',
      authorization: headers.authorization ?? '',
    },
    ...(body.length === 0 ? {} : { body }),
  })
  if (method === 'POST' && answer.ok) {
    const { emails } = Store.parse(await (await fetch(`${inside}/store`)).json())
    for (const mail of emails) keep(mail)
    await fetch(`${inside}/clear-store`, { method: 'POST' })
  }
  const answered = Buffer.from(await answer.arrayBuffer())
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'application/json',
  })
  response.end(answered)
  if (url === '/v2/email/outbound-emails' && answer.ok)
    for (const mail of undeliverable(body, answered)) giveBack(mail)
}

const Sending = z.object({
  Destination: z.object({ ToAddresses: z.array(z.string()).default([]) }),
  ConfigurationSetName: z.string().optional(),
  EmailTags: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
})

/** Without a configuration set SES tells nobody. */
function undeliverable(request: Buffer, answered: Buffer): Undeliverable[] {
  const { Destination, ConfigurationSetName, EmailTags } = Sending.parse(JSON.parse(request.toString()))
  if (ConfigurationSetName === undefined) return []
  const { MessageId } = z.object({ MessageId: z.string() }).parse(JSON.parse(answered.toString()))
  const to = Destination.ToAddresses
  const tags = {
    'ses:configuration-set': [ConfigurationSetName],
    ...Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, [Value]])),
  }
  return to.flatMap((address) => {
    const eventType = simulators[address]
    return eventType === undefined ? [] : [{ eventType, messageId: MessageId, to, tags }]
  })
}

/** One file per mail, named by a number that grows. */
function mailFolder(folder: DataFolder) {
  mkdirSync(folder.path('mail'), { recursive: true })
  const names = readdirSync(folder.path('mail'))
    .filter((name) => /^\d{9}\.json$/.test(name))
    .toSorted()
  let number = Number(names.at(-1)?.slice(0, 9) ?? 0)
  const mails = names.map((name) =>
    mailOf(StoredMail.parse(JSON.parse(readFileSync(folder.path('mail', name), 'utf8')))),
  )
  return {
    add: (mail: z.output<typeof StoredMail>): void => {
      number += 1
      const name = String(number).padStart(9, '0')
      writeWhole(folder.path('mail', `${name}.json`), JSON.stringify(mail))
      mails.push(mailOf(mail))
    },
    read: (): readonly Mail[] => mails.toReversed(),
  }
}

function mailOf(stored: z.output<typeof StoredMail>): Mail {
  return {
    id: stored.messageId,
    from: stored.from,
    to: stored.destination.to,
    cc: stored.destination.cc,
    replyTo: stored.replyTo,
    subject: stored.subject,
    text: stored.body.text,
    html: stored.body.html,
    headers: Object.fromEntries((stored.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value])),
    attachments: stored.attachments.map(({ filename, contentType, content }) => ({
      name: filename ?? '',
      type: contentType,
      content,
    })),
    at: new Date(stored.at * 1000).toISOString(),
  }
}

export const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Ends a server with whatever is connected to it. */
export async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}

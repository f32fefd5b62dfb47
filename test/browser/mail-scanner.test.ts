import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendMail } from '../../functions/mailer/send-mail.ts'
import { posting } from '../../functions/posting/index.ts'
import { review } from '../../functions/review/index.ts'
import { dailySummary } from '../../functions/schedule/daily-summary.ts'
import { routeKey, routes } from '../../infra/routes.ts'
import { type ApiServer, startApiServer } from '../../local/runtime/api/api-server.ts'
import { anyPorts, choosePorts } from '../../local/runtime/ports.ts'
import { choose, openPage } from '../../local/story/approver.ts'
import { reassignApproval } from '../../shared/approving/ask-approver.ts'
import { defaultPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { MailKind, type MailRequest } from '../../shared/store/outbox.ts'
import { everyRow } from '../functions/page-event.ts'
import { htmlOf, messageOf, type PostOffice, postOffice, textOf } from '../functions/post-office.ts'
import {
  accept,
  amounts,
  approver,
  change,
  clinic,
  clinicLines,
  close,
  command,
  head,
  key,
  poster,
  receipt,
  totals,
} from '../statemachines/cycle/clinic.ts'
import { days, second } from '../statemachines/cycle/days.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import { type CycleMachine, cycleMachine, machineArn } from '../statemachines/cycle/machine.ts'
import { summaryOf } from '../statemachines/cycle/summary.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { launchChromium } from './chromium.ts'
import { addressesIn, scanTwice } from './scanner.ts'

// One budget goes its way, and at each stop a scanner goes over the mails that the product has sent there. Time is
// moved by hand, since reminders and summaries come after days; steps, mailer, pages and routes are the real ones.

const database = useMemoryDatabase()
const [bert, cara] = [PersonId.parse('bert'), PersonId.parse('cara')]

interface Letter {
  readonly kind: MailKind
  readonly addresses: readonly string[]
}

interface Stop {
  readonly before: unknown
  readonly after: unknown
  /** By route, as the access log has them. */
  readonly asked: readonly { readonly routeKey: string; readonly status: number }[]
  readonly logged: readonly unknown[]
}

const stops = {
  'before the decision': ['ready_for_review', 'reminder', 'escalation', 'daily_summary'],
  'after it was passed on': ['reassigned'],
  'before the posting': ['file_ready', 'not_posted'],
  'while Sage shows another movement': ['mismatch'],
  'when Sage has changed after the settlement': ['mismatch'],
  'after the export was given up': ['do_not_import'],
} as const satisfies Record<string, readonly MailKind[]>
type StopName = keyof typeof stops
const names = Object.keys(stops) as StopName[]

let browser: Browser
let page: Page
let server: ApiServer
let machine: CycleMachine
let office: PostOffice
const access: Stop['asked'][number][] = []
const seen = new Map<StopName, Stop>()
const links = new Map<MailKind, string>()
/** How the budget stood after a person had answered by a link that the scanner had been over. */
const answered: Record<string, string> = {}
let brokeAt: unknown

beforeAll(async () => {
  machine = await cycleMachine(database())
  const [started, url] = [await launchChromium(), await servePages()]
  browser = started
  page = await browser.newPage()
  office = { ...postOffice(database(), machine), publicUrl: url }
  // Where a scanner did something, what comes after cannot be done: the stop is to say so.
  brokeAt = await wholeWay().catch((error: unknown) => error)
}, 300_000)

async function wholeWay(): Promise<void> {
  await decide()
  await post()
  await answerForAChange()
  await giveUpTheNext()
  await holds(machine)
}

afterAll(async () => {
  await browser.close()
  await server.stop()
})

const pages = { review, posting }

/** The deployed routes of the mailed pages, in front of the functions that serve them. */
async function servePages(): Promise<string> {
  const { api: port } = await choosePorts(anyPorts)
  const open = routes.filter((route) => Object.keys(pages).includes(route.function))
  server = await startApiServer({
    port,
    apiId: 'pages',
    account: '000000000000',
    routes: open.map((route) => ({
      kind: 'route',
      id: routeKey(route),
      apiId: 'pages',
      routeKey: routeKey(route),
      integrationId: route.function,
      authorizerId: undefined,
      scopes: [],
    })),
    integrations: Object.keys(pages).map((name) => ({
      kind: 'integration',
      id: name,
      integrationId: name,
      functionArn: name,
      timeoutMillis: 30_000,
    })),
    tokenChecks: new Map(),
    functions: {
      invoke: async (name, event) => ({
        outcome: 'returned',
        requestId: '',
        payload: await pages[name as keyof typeof pages](machine, event as APIGatewayProxyEventV2),
      }),
    },
    now: Date.now,
    writeLine: (line) => void access.push(JSON.parse(line) as Stop['asked'][number]),
  })
  return `http://127.0.0.1:${String(port)}`
}

/** Sends a mail of the queue, and answers what its reader finds in it. */
async function delivered(mail: MailRequest): Promise<Letter> {
  const outcome = await sendMail(office, messageOf(mail))
  if (outcome !== 'sent') throw new Error(`The mail ${mail.id} was not sent: ${outcome}`)
  const sent = office.sent.at(-1)
  return { kind: mail.mail, addresses: addressesIn({ text: textOf(sent), html: htmlOf(sent) }) }
}

/** All that is stored, and where every execution stands. */
const everything = async () => ({
  rows: await everyRow(database(), machine),
  executions: machine.engine
    .listExecutions({ stateMachineArn: machineArn, maxResults: 1000 })
    .executions.map(({ executionArn }) =>
      machine.engine.getExecutionHistory({ executionArn, maxResults: 1000 }),
    ),
})

/** The mails of the queue go out, and a scanner goes over those that are looked at here. */
async function stop(name: StopName): Promise<void> {
  const letters: Letter[] = []
  for (const mail of machine.mails.splice(0)) letters.push(await delivered(mail))
  const before = await everything()
  const [asked, logged] = [access.length, machine.logged.length]
  for (const kind of stops[name]) {
    // Of a mail that several get, who may not open its page gets one without a link.
    const letter = letters.find((each) => each.kind === kind && each.addresses.length > 0)
    if (!letter) throw new Error(`No mail ${kind} with a link went out ${name}.`)
    for (const address of letter.addresses) {
      await scanTwice(page, address)
      links.set(kind, address)
    }
  }
  await machine.settle()
  seen.set(name, {
    before,
    after: await everything(),
    asked: access.slice(asked),
    logged: machine.logged.slice(logged),
  })
}

/** A person opens the link of a mail that was scanned, and answers; then the workflow goes on. */
async function answer(kind: MailKind, choice: Readonly<Record<string, string>>): Promise<void> {
  const opened = await openPage(links.get(kind) ?? '')
  await choose(opened, choice, opened.ticks)
  await machine.settle()
}

const standsAt = async (): Promise<string> => (await head(machine)).erp

async function decide(): Promise<void> {
  await clinic(machine)
  for (const id of [bert, cara])
    await machine.companies.putPerson(
      key.company,
      {
        id,
        name: id,
        email: `${id}@example.com`,
        subjects: [],
        roles: ['accounting_approver'],
        active: true,
      },
      'system',
    )
  const stages = { reminder: { after: 'P1D' }, escalation: { after: 'P2D', to: cara } }
  const step = { name: 'Accounting', approvers: [approver], accepts: 1, ...stages }
  // With a button that has a code mailed, which no scanner is to press with success.
  const policy = { ...defaultPolicy, steps: [step], code_from_amount: cents(0) }
  await machine.companies.putPolicy(key.company, policy, 'system')
  await command(machine, 'lock')
  await command(machine, 'send')
  await machine.pass(days(2.5))
  await dailySummary(summaryOf(machine, database().document))
  await machine.settle()
  await stop('before the decision')
  await reassignApproval(
    machine,
    { by: approver },
    { key, by: approver, admin: false, from: approver, to: bert },
  )
  await machine.settle()
  await stop('after it was passed on')
  await answer('reassigned', { choice: 'accept', mail_code: '1' })
  for (const mail of machine.mails.splice(0)) await delivered(mail)
  const [, code = ''] = /\*\*\* (\S+) \*\*\*/.exec(textOf(office.sent.at(-1))) ?? []
  await answer('reassigned', { choice: 'accept', code })
  answered['accept'] = await standsAt()
}

const [first, later] = [
  ['', '31-2000', 'L', 12_300, 0],
  ['', '31-2000', 'M', 700, 0],
] as const

async function post(): Promise<void> {
  await receipt(machine)
  await machine.pass(days(3) + second)
  await stop('before the posting')
  await totals(machine, [first])
  await stop('while Sage shows another movement')
  await answer('mismatch', { choice: 'acknowledge', reason: 'Owner change order 7.' })
  await totals(machine, [first])
  answered['acknowledge'] = await standsAt()
  await answer('file_ready', { choice: 'posted' })
  answered['posted'] = await standsAt()
}

async function answerForAChange(): Promise<void> {
  const posted = [first, ...amounts(clinicLines)]
  await totals(machine, posted)
  await totals(machine, [...posted, later])
  await stop('when Sage has changed after the settlement')
  await answer('mismatch', { choice: 'acknowledge', reason: 'Owner change order 8.' })
  const [part] = await machine.store.parts(key, 1)
  answered['acknowledge later'] = part?.observation ? 'still observed' : 'answered for'
}

async function giveUpTheNext(): Promise<void> {
  await machine.companies.putPolicy(key.company, defaultPolicy, 'system')
  await change(machine, 1, 500)
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  await close(machine, { outcome: 'withdrawn' })
  await stop('after the export was given up')
}

test('the budget goes all its way', () => {
  expect(brokeAt).toBeUndefined()
})

/** A mail of a kind about the first export, outside its time. */
const outOfTime = (mail: MailKind): MailRequest => ({
  id: `${mail}/out-of-time`,
  mail,
  to: poster,
  approval: { version: 1, send: 1, step: 1 },
  export: { number: 1, part: 1 },
})

/** The board shows a scanner nothing but its sign-in: no address of it is a key (test/functions/api/board.test.ts). */
const asksForSignIn = (address: string): boolean => new URL(address).pathname.startsWith('/board/')

test.each(MailKind.options)('a mail %s was scanned, or holds no link that is a key', async (kind) => {
  const unscanned = links.has(kind) ? [] : (await delivered(outOfTime(kind))).addresses
  expect(unscanned.filter((address) => !asksForSignIn(address))).toEqual([])
})

describe.each(names)('a scanner that goes over the mails %s', (name) => {
  const at = (): Stop => seen.get(name)!
  const posts = (): Stop['asked'] => at().asked.filter(({ routeKey: route }) => route.startsWith('POST '))

  test('changes nothing that is stored, and moves no execution', () => {
    expect(at().after).toEqual(at().before)
  })

  test('leaves a line in the log for every form that it sent', () => {
    expect(posts().length).toBeGreaterThan(0)
    expect(at().logged.length).toBe(posts().length)
  })
})

test.each([
  ['review', ['form', 'own origin', 'mark of the page', 'choice']],
  ['posting', ['form', 'own origin', 'mark of the page', 'choice']],
])('the log counts the incomplete forms of the page %s, by what they lacked', (of, kinds) => {
  const lines = names.flatMap((name) => seen.get(name)?.logged ?? []) as [string, Record<string, string>][]
  const lacking = lines.filter(([message, { page: on }]) => message === 'incomplete form' && on === of)
  expect(new Set(lacking.map(([, { lacks }]) => lacks))).toEqual(new Set(kinds))
})

test('no line of the log tells where a link leads', () => {
  const references = [...links.values()].map((link) => link.split('/').at(-1) ?? '')
  expect(references.filter((each) => JSON.stringify([machine.logged, access]).includes(each))).toEqual([])
})

test('the scanner was shown every page, form and file that there is', () => {
  const asked = names.flatMap((name) => seen.get(name)?.asked ?? [])
  const shown = new Set(asked.filter(({ status }) => status === 200).map(({ routeKey: route }) => route))
  expect(shown).toEqual(
    new Set([
      'GET /review/{reference}',
      'HEAD /review/{reference}',
      'GET /posting/{reference}',
      'HEAD /posting/{reference}',
      'GET /posting/{reference}/file/{part}',
    ]),
  )
  expect(asked.filter(({ status }) => status >= 500)).toEqual([])
})

test.each([
  ['accept', 'exporting'],
  ['acknowledge', 'exported'],
  ['posted', 'synced'],
  ['acknowledge later', 'answered for'],
])('a person then answers by the same link: %s', (choice, stands) => {
  expect(answered[choice]).toBe(stands)
})

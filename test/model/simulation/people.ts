import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import * as z from 'zod'
import type { Approval } from '../../../shared/domain/approval.ts'
import { formatCents } from '../../../shared/domain/cents.ts'
import { stepUnderWay } from '../../../shared/domain/budget-head.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import { machineArn } from '../../statemachines/cycle/machine.ts'
import { eventOf } from '../../functions/api/api-event.ts'
import { filled, pageEvent } from '../../functions/page-event.ts'
import { otherCompany, ours, theirs } from './another-company.ts'
import { roles, signIn } from './sign-in.ts'
import type { World } from './world.ts'

// Those who use the product, each with what only that person or program has: a token, a link, a folder, Sage.

type Who = keyof typeof roles
export const everybody = Object.keys(roles) as Who[]

export interface Answered {
  readonly status: number
  readonly code: string
  readonly body: Record<string, unknown>
  readonly etag: string
}

const AnyBody = z.record(z.string(), z.unknown())
const Problem = z.object({ type: z.string().catch('') })

/** What an approver sees of an approval, as a decision says it back. */
export const shownOf = ({
  version_hash,
  export_hash,
  parts,
}: {
  readonly version_hash: string
  readonly export_hash: string
  readonly parts: Approval['parts']
}) => ({
  version_hash,
  export_hash,
  parts: parts.map(({ part, total }) => ({ part, total: formatCents(total) })),
})

/** The project's people, approvers and operators, and how everybody asks. */
export class People {
  readonly world: World
  /** Answers by status and code. */
  readonly answers = new Map<string, number>()
  /** Every request, with its answer in short. */
  readonly asked: string[] = []
  #requests = 0

  constructor(world: World) {
    this.world = world
  }

  async ask(
    who: Who,
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    company: string = key.company,
  ): Promise<Answered> {
    this.#requests += 1
    const event = eventOf(method, path, {
      as: signIn(who, roles[who], company),
      body,
      headers,
      request: `r${String(this.#requests)}`,
    })
    const given = await this.world.api(event)
    const answer = this.#read(given)
    this.asked.push(`${who} ${method} ${path}: ${String(answer.status)} ${answer.code}`.trim())
    if (answer.status === 500) this.world.found.add(`S31: ${who} ${method} ${path} is answered 500`)
    this.#staysAtHome(company, given.body ?? '')
    return answer
  }

  /** Nothing of one company is in an answer to another. */
  #staysAtHome(company: string, body: string): void {
    const strange = company === key.company ? theirs : ours
    const found = strange.find((word) => body.includes(word))
    if (found !== undefined) this.world.found.add(`I13: ${company} is shown ${found}`)
  }

  #read({ statusCode = 0, body = '', headers = {} }: APIGatewayProxyStructuredResultV2): Answered {
    const parsed = AnyBody.catch({}).parse(body.startsWith('{') ? JSON.parse(body) : {})
    const code = Problem.parse(parsed).type.split(':').at(-1) ?? ''
    const mark = `${String(statusCode)} ${code}`.trim()
    this.answers.set(mark, (this.answers.get(mark) ?? 0) + 1)
    return { status: statusCode, code, body: parsed, etag: String(headers['etag'] ?? '') }
  }

  /** A command with a key of its own, asked again under the same while nothing that answers is heard. */
  async command(who: Who, path: string, body?: object): Promise<Answered> {
    const headers = { 'idempotency-key': `k${String((this.#requests += 1))}` }
    let answer = await this.ask(who, 'POST', path, body, headers)
    for (let tries = 1; tries < 3 && answer.status >= 500; tries += 1)
      answer = await this.ask(who, 'POST', path, body, headers)
    return answer
  }

  get #budget(): string {
    return `/projects/${key.project}/budget`
  }

  async project(command: 'lock' | 'send' | 'retrieve'): Promise<Answered> {
    return await this.command('paula', `${this.#budget}/${command}`)
  }

  async unlock(): Promise<void> {
    await this.command('bob', `${this.#budget}/unlock`, {})
  }

  async edit(): Promise<void> {
    const { draws } = this.world
    const { etag } = await this.ask('paula', 'GET', this.#budget)
    if (etag === '') return
    const code = draws.one([
      { cost_code: '03-3000', cost_type: 'S' },
      { cost_code: '03-3000', cost_type: 'L' },
      { sub_job: 'SITE', cost_code: '31-2000', cost_type: 'S' },
    ])
    const original_budget_amount = formatCents((draws.whole(-5, 50) * 1_234_567) as never)
    const upserts = [{ ...code, original_budget_amount, calculation_strategy: 'manual' }]
    await this.ask('paula', 'PATCH', `${this.#budget}/line_items`, { upserts }, { 'if-match': etag })
  }

  async change(): Promise<void> {
    const { draws } = this.world
    const changes = `/projects/${key.project}/budget_changes`
    const { etag } = await this.ask('paula', 'GET', this.#budget)
    if (etag === '') return
    const amount = formatCents((draws.whole(1, 9) * 100_001) as never)
    const line = { cost_code: '03-3000', cost_type: draws.one(['S', 'L']), amount }
    const made = await this.ask(
      'paula',
      'POST',
      changes,
      { title: 'Change', adjustment_line_items: [line] },
      { 'if-match': etag, 'idempotency-key': `k${String((this.#requests += 1))}` },
    )
    const number = Number(made.body['number'])
    if (made.status !== 201) return
    const { etag: now } = await this.ask('paula', 'GET', this.#budget)
    await this.ask(
      'paula',
      'POST',
      `${changes}/${String(number)}/approve`,
      {},
      { 'if-match': now, 'idempotency-key': `k${String((this.#requests += 1))}` },
    )
  }

  /** A link that was mailed, the newest more often. */
  #link(): string | undefined {
    const links = this.world.mailbox.flatMap(({ text }) => /\/review\/([\w-]+)/.exec(text)?.[1] ?? [])
    return this.world.draws.whole(1, 4) > 1
      ? links.at(-1)
      : links[this.world.draws.whole(0, links.length - 1)]
  }

  async #open(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const page = await this.world.page({} as never, event)
    this.#staysAtHome(key.company, page.body ?? '')
    return page
  }

  async decideByLink(choice: 'accept' | 'reject'): Promise<void> {
    const reference = this.#link()
    if (reference === undefined) return
    const page = await this.#open(pageEvent({ reference }))
    const ticks = [...(page.body ?? '').matchAll(/name="tick"\s+value="([^"]*)"/g)].map(
      ([, tick = '']) => ['tick', tick] as const,
    )
    const fields = choice === 'accept' ? ticks : [['reason', 'Too low'] as const]
    const form = filled(page, [['choice', choice], ...fields])
    await this.#open(pageEvent({ reference, form }))
  }

  /** A program that opens a link, and sends every form of it as it stands. */
  async scan(): Promise<void> {
    const reference = this.#link()
    if (reference === undefined) return
    const page = await this.#open(pageEvent({ reference }))
    await this.#open(pageEvent({ reference, form: filled(page, []) }))
  }

  async decideByApi(choice: 'accept' | 'reject', who: 'anna' | 'ben' = 'anna'): Promise<void> {
    const head = await this.world.calm.store.head(key)
    const open = head && (await this.world.calm.store.approval(key, stepUnderWay(head)))
    // One person does one thing at a time.
    if (!open || this.#deciding.has(who)) return
    this.#deciding.add(who)
    const { ticks } = open
    const shown = shownOf(open)
    // At times from the first page that was ever opened.
    this.#shown ??= shown
    const seen = this.world.draws.whole(1, 5) === 1 ? this.#shown : shown
    const body = choice === 'accept' ? { choice, shown: seen, ticks } : { choice, reason: 'Too low' }
    const { status } = await this.command(who, `/erp/budgets/${key.project}/decision`, body).finally(
      () => void this.#deciding.delete(who),
    )
    // Who has accepted already is answered so, whatever was shown.
    const isFirst = !open.decisions.some(({ person }) => person === who)
    if (choice === 'accept' && status === 202 && isFirst) await this.#isWhatWasShown(who, seen)
  }
  readonly #deciding = new Set<Who>()
  #shown: ReturnType<typeof shownOf> | undefined

  async #isWhatWasShown(who: Who, { version_hash, export_hash }: ReturnType<typeof shownOf>): Promise<void> {
    const approvals = await this.world.calm.store.approvals(key)
    const last = approvals.findLast(({ decisions }) =>
      decisions.some(({ person, choice }) => person === who && choice === 'accept'),
    )
    const isStored = last?.version_hash === version_hash && last.export_hash === export_hash
    if (!isStored) this.world.found.add(`I2: ${who} accepted what was shown, and something else is stored`)
  }

  async answerFailure(how: 'retry' | 'return'): Promise<void> {
    const head = await this.world.calm.store.head(key)
    if (!head) return
    const id = `${key.project}-e${String(head.open_export ?? head.export + 1)}`
    await this.command(
      'anna',
      `/exports/${id}/${how}`,
      how === 'return' ? { reason: 'Wrong job' } : undefined,
    )
  }

  async operate(act: 'restart' | 'tell_again'): Promise<void> {
    await this.command('otto', `/ops/budgets/${key.project}/${act}`, { reason: 'It stands still' })
  }

  /** Somebody stops the execution in the console. */
  async stopExecution(): Promise<void> {
    const head = await this.world.calm.store.head(key)
    if (head?.execution === undefined) return
    try {
      this.world.engine.stopExecution({ executionArn: this.world.arnOf(head.execution) })
    } catch {
      // It has not been started yet.
    }
  }

  /** Also one that nothing counts on any more. */
  redriveAny(): void {
    const { engine, draws } = this.world
    const { executions } = engine.listExecutions({ stateMachineArn: machineArn, maxResults: 1000 })
    const ended = executions.filter(({ status }) => status !== 'RUNNING')
    if (ended.length > 0) this.#redrives(draws.one(ended).executionArn)
  }

  /**
   * An operator sees to an execution that has ended: redrives one that failed, restarts one that was stopped. Answers
   * whether there was anything to see to.
   */
  async mend(): Promise<boolean> {
    const head = await this.world.calm.store.head(key)
    if (head?.execution === undefined) return false
    const executionArn = this.world.arnOf(head.execution)
    const status = this.#statusOf(executionArn)
    if (status === undefined || status === 'RUNNING') return false
    const isRedriven =
      status === 'FAILED' && this.world.draws.whole(1, 2) === 1 && this.#redrives(executionArn)
    if (!isRedriven) await this.operate('restart')
    return true
  }

  /** Not one that ended more than fourteen days ago. */
  #redrives(executionArn: string): boolean {
    try {
      this.world.engine.redriveExecution({ executionArn })
      return true
    } catch {
      return false
    }
  }

  /** Undefined for one that has not been started yet. */
  #statusOf(executionArn: string): string | undefined {
    try {
      return this.world.engine.describeExecution({ executionArn }).status
    } catch {
      return undefined
    }
  }

  /** Anybody asks for anything: who may not is refused, and nobody is answered with a fault. */
  async askForAnything(): Promise<void> {
    const { draws, calm } = this.world
    const head = await calm.store.head(key)
    const exported = `/exports/${key.project}-e${String(draws.whole(1, (head?.export ?? 0) + 1))}`
    const [method, path, body] = draws.one<readonly [string, string, object?]>([
      ['GET', this.#budget],
      ['GET', `${this.#budget}/line_items`],
      ['GET', `${this.#budget}/versions`],
      ['GET', `${this.#budget}/history`],
      ['POST', `${this.#budget}/lock`],
      ['POST', `${this.#budget}/unlock`, {}],
      ['POST', `${this.#budget}/send`],
      ['POST', `${this.#budget}/retrieve`],
      ['POST', `/erp/budgets/${key.project}/decision`, { choice: 'reject', reason: 'No' }],
      ['GET', exported],
      ['POST', `${exported}/claim`, { part: 1, attempt: 1 }],
      ['POST', `${exported}/retry`],
      ['POST', `${exported}/return`, { reason: 'No' }],
      ['POST', `${exported}/posted`, { part: 2 }],
      ['POST', `/ops/budgets/${key.project}/restart`, { reason: 'No' }],
    ])
    // What the others ask for here might be granted, and is told elsewhere.
    const who = draws.one<Who>(method === 'GET' ? everybody : ['vera', 'otto', 'wes'])
    const company = draws.whole(1, 2) === 1 ? key.company : otherCompany
    const headers = { 'idempotency-key': `k${String((this.#requests += 1))}` }
    await this.ask(who, method, path, body, headers, company)
  }
}

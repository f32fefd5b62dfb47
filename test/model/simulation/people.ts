import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import * as z from 'zod'
import { formatCents } from '../../../shared/domain/cents.ts'
import { stepUnderWay } from '../../../shared/domain/budget-head.ts'
import { key, sageId } from '../../statemachines/cycle/clinic.ts'
import { filled, pageEvent } from '../../functions/page-event.ts'
import { SageBooks, type Line } from './sage.ts'
import type { World } from './world.ts'

// Those who use the product, each with what only that person or program has: a token, a link, a folder, Sage.

const roles = {
  paula: 'project_manager',
  bob: 'budget_admin',
  anna: 'accounting_approver',
  peter: 'accounting_poster',
  otto: 'operator',
  vera: 'viewer',
  'agent-nw': 'connector',
} as const
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

/** What a drop folder and a Sage hold, and who may look into them. */
export class People {
  readonly world: World
  readonly books = new SageBooks()
  /** The agent's folder: bytes and box by file name. */
  readonly folder = new Map<string, { bytes: Buffer; changes: boolean; export: string; part: number }>()
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
  ): Promise<Answered> {
    this.#requests += 1
    const sub = who === 'agent-nw' ? who : `sub-${who}`
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath: path,
      rawQueryString: '',
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      isBase64Encoded: false,
      requestContext: {
        requestId: `r${String(this.#requests)}`,
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'simulation' },
        authorizer: {
          jwt: { claims: { sub, 'cognito:groups': [`${key.company}:${roles[who]}`] }, scopes: [] },
        },
      },
    }
    const answer = this.#read(await this.world.api(event))
    this.asked.push(`${who} ${method} ${path}: ${String(answer.status)} ${answer.code}`)
    return answer
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

  async project(command: 'lock' | 'send' | 'retrieve'): Promise<void> {
    await this.command('paula', `${this.#budget}/${command}`)
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
    return await this.world.page({} as never, event)
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

  async decideByApi(choice: 'accept' | 'reject'): Promise<void> {
    const head = await this.world.calm.store.head(key)
    const open = head && (await this.world.calm.store.approval(key, stepUnderWay(head)))
    if (!open) return
    const { version_hash, export_hash, parts, ticks } = open
    const shown = {
      version_hash,
      export_hash,
      parts: parts.map(({ part, total }) => ({ part, total: formatCents(total) })),
    }
    const body = choice === 'accept' ? { choice, shown, ticks } : { choice, reason: 'Too low' }
    await this.command('anna', `/erp/budgets/${key.project}/decision`, body)
  }

  /** The agent takes one message: claims, writes, reports. It may stop after any of it, and the message comes again. */
  async agent(): Promise<void> {
    const { agent, draws } = this.world
    await agent.deliver(async (text) => {
      const { exportId, attempt, parts } = z
        .looseObject({
          exportId: z.string(),
          attempt: z.int(),
          parts: z.tuple([z.looseObject({ part: z.int(), mode: z.string(), sha256: z.string() })]),
        })
        .parse(JSON.parse(text))
      const [{ part, mode, sha256 }] = parts
      const claimed = await this.ask('agent-nw', 'POST', `/exports/${exportId}/claim`, { part, attempt })
      if (['NOT_EXPORTING', 'OTHER_EXPORT', 'NOT_FOUND', 'CLAIMED'].includes(claimed.code)) return
      if (claimed.status !== 200) throw new Error('The agent was not answered')
      const file = z.looseObject({ name: z.string(), base64: z.string() }).parse(claimed.body['file'])
      if (!this.folder.has(file.name) && draws.whole(1, 12) === 1) {
        const failure = { part, attempt, messages: ['The share is gone.'], nothing_written: true }
        const told = await this.ask('agent-nw', 'POST', `/exports/${exportId}/failure`, failure)
        if (told.status >= 500) throw new Error('The agent was not answered')
        return
      }
      const bytes = Buffer.from(file.base64, 'base64')
      const there = this.folder.get(file.name)
      if (there && !there.bytes.equals(bytes)) throw new Error(`Two files have the name ${file.name}`)
      this.folder.set(file.name, {
        bytes,
        changes: mode === 'approved_estimate_change',
        export: exportId,
        part,
      })
      if (draws.whole(1, 10) === 1) throw new Error('The agent was stopped')
      const told = await this.ask('agent-nw', 'POST', `/exports/${exportId}/receipt`, {
        part,
        attempt,
        sha256,
        where: file.name,
      })
      if (told.status >= 500) throw new Error('The agent was not answered')
    })
  }

  /** Peter imports the file that waits for him and posts it; what Sage rejects he names. */
  async post(mayReject: boolean): Promise<void> {
    const { draws, calm } = this.world
    const head = await calm.store.head(key)
    const waits = head?.erp === 'exported' || head?.erp === 'partly_posted' || head?.erp === 'mismatch'
    if (!waits || head.open_export === undefined) return
    const open = await calm.store.export(key, head.open_export)
    const part = (await calm.store.parts(key, head.open_export)).find(
      (each) => each.part === open?.current_part,
    )
    const file = part && this.folder.get(part.file_name)
    if (!open || !part || !file) return
    const exported = `/exports/${open.id}`
    const known = this.books.imported.find(({ name }) => name === part.file_name)
    let rejected: Line[] = []
    if (!known) {
      const lines = SageBooks.linesOf(file.bytes)
      const bad = mayReject && lines.length > 1 && draws.whole(1, 5) === 1 ? draws.one(lines) : undefined
      rejected = this.books.importFile(
        part.file_name,
        file.bytes,
        file.changes,
        (line) => bad !== undefined && JSON.stringify(line) === JSON.stringify(bad),
      )
      this.books.post()
      this.#rejected.set(part.file_name, rejected)
    } else rejected = this.#rejected.get(part.file_name) ?? []
    if (rejected.length > 0) {
      const lines = rejected.map(({ extra, cost_code, category }) => ({
        sub_job: extra,
        cost_code,
        cost_type: category,
      }))
      await this.command('peter', `${exported}/rejects`, { part: part.part, lines })
    } else await this.command('peter', `${exported}/posted`, { part: part.part })
  }
  readonly #rejected = new Map<string, Line[]>()

  /** The agent reads Sage's totals. */
  async readBack(): Promise<void> {
    const totals = [...this.books.totals()].map(([name, { original, changes }]) => {
      const [extra = '', cost_code = '', category = ''] = name.split('|')
      return {
        extra,
        cost_code,
        category,
        original: formatCents(original as never),
        changes: formatCents(changes as never),
      }
    })
    const as_of = new Date(this.world.time.now()).toISOString()
    const path = `/erp/master_data/${sageId}/totals/24-1007`
    await this.ask('agent-nw', 'PUT', path, { as_of, totals })
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

  /** An operator sees to an execution that has ended: redrives one that failed, restarts one that was stopped. */
  async mend(): Promise<void> {
    const head = await this.world.calm.store.head(key)
    if (head?.execution === undefined) return
    const executionArn = this.world.arnOf(head.execution)
    try {
      const { status } = this.world.engine.describeExecution({ executionArn })
      if (status === 'FAILED' && this.world.draws.whole(1, 2) === 1)
        this.world.engine.redriveExecution({ executionArn })
      else if (status !== 'RUNNING') await this.operate('restart')
    } catch {
      // It has not been started yet.
    }
  }
}

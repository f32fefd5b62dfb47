import { once } from 'node:events'
import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { createApi } from '../functions/api/create-api.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { settableClock } from '../store/budgets.ts'
import { localClient, localDocument } from '../store/local-database.ts'
import { repeatable } from '../store/trade-lines.ts'

// One writer in a process of its own: edits of a budget through an API of its own over the database it is told of.
// Node runs it as `node writer.ts <endpoint> <table> <project> <name> <edits> <seed>`. It says `ready`, begins at a word on
// its standard input, and prints what it did.

/** What a writer says it did, in cents. */
export interface Written {
  /** What it added to each line that others add to as well. */
  readonly added: Readonly<Record<string, number>>
  /** Lines of its own that it left. */
  readonly own: Readonly<Record<string, number>>
  /** Every edit as history tells it. */
  readonly edits: readonly string[]
  readonly changes: readonly string[]
  /** How often somebody else had been first. */
  readonly lost: number
}

/** Lines that all writers add to: few, so that they meet. */
export const sharedCodes = ['03-3000', '05-1200', '09-9000', '31-2000'] as const

const [endpoint = '', table = '', project = '', name = '', edits = '0', seed = '1'] = process.argv.slice(2)

function api() {
  const document = localDocument(localClient(endpoint))
  const clock = settableClock()
  const objects = memoryObjects()
  const store = createBudgetStore({ document, table, clock })
  return createApi({
    store,
    companies: createCompanyStore({ document, table, clock, objects }),
    objects,
    clock,
    roleClaim: 'cognito:groups',
    logger: new Logger({ logLevel: 'SILENT' }),
    report: async () => await Promise.reject(new Error('nobody reports here')),
    fileUrl: async () => await Promise.reject(new Error('nobody downloads here')),
    uploads: {
      offer: async () => await Promise.reject(new Error('nobody uploads here')),
      read: async () => await Promise.reject(new Error('nobody uploads here')),
    },
  })
}

interface Came {
  readonly status: number
  readonly etag: string
  readonly body: { readonly line_items: readonly { cost_code: string; original_budget_amount: string }[] }
}

const pick = <T>(from: readonly T[], draw: number): T => from[Math.floor(draw * from.length)]!

const line = (cost_code: string, amount: number, description: string) => ({
  upserts: [{ cost_code, cost_type: 'L', description, original_budget_amount: (amount / 100).toFixed(2) }],
})

async function write(count: number, random: () => number): Promise<Written> {
  const handler = api()
  const claims = { sub: 'sub-mia', 'cognito:groups': ['acme:project_manager'] }
  async function call(method: string, path: string, body?: object, headers: object = {}): Promise<Came> {
    const event = {
      version: '2.0',
      rawPath: `/projects/${project}${path}`,
      rawQueryString: '',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
      isBase64Encoded: false,
      requestContext: {
        requestId: name,
        http: { method, path: `/projects/${project}${path}` },
        authorizer: { jwt: { claims } },
      },
    } as unknown as APIGatewayProxyEventV2
    const came = await handler(event, {} as Context)
    const etag = String(came.headers?.['etag'])
    return { status: came.statusCode ?? 0, etag, body: JSON.parse(came.body ?? '{}') as Came['body'] }
  }

  const added: Record<string, number> = {}
  const own: Record<string, number> = {}
  const told: string[] = []
  const changes: string[] = []
  let lost = 0
  const cents = (): number => 1 + Math.floor(random() * 100_000)
  /** Sends one request until it is taken; now and then twice, as a client does whose answer was lost. */
  async function send(key: string, request: () => Promise<[string, string, object, object]>): Promise<void> {
    const twice = random() < 0.1
    for (let attempt = 1; ; attempt += 1) {
      const [method, path, body, headers] = await request()
      const withKey = { ...headers, 'idempotency-key': `${name}-${key}-${String(attempt)}` }
      let came = await call(method, path, body, withKey)
      // Bounded: a writer whose database is gone must end.
      for (let busy = 0; came.status === 503 && busy < 50; busy += 1)
        came = await call(method, path, body, withKey)
      if (came.status < 300 && twice) came = await call(method, path, body, withKey)
      if (came.status < 300) return
      if (came.status !== 412) throw new Error(`${String(came.status)} ${JSON.stringify(came.body)}`)
      lost += 1
    }
  }

  async function edit(index: number): Promise<void> {
    const mark = `${name}-${String(index)}`
    const chance = random()
    const mine = Object.keys(own)
    if (chance < 0.1) {
      const items = [-1, 1].map((sign, i) => ({
        cost_code: sharedCodes[i],
        cost_type: 'L',
        amount: `${String(sign)}.00`,
      }))
      await send(
        mark,
        async () =>
          await Promise.resolve([
            'POST',
            '/budget_changes',
            { title: mark, adjustment_line_items: items },
            {},
          ]),
      )
      changes.push(mark)
      return
    }
    const drop = chance < 0.2 ? pick(mine, random()) : undefined
    const code = drop ?? (chance < 0.4 ? `77-${name}${String(index)}` : pick(sharedCodes, random()))
    const amount = cents()
    await send(mark, async () => {
      const { status, body, etag } = await call('GET', '/budget/line_items')
      if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(body)}`)
      const before = Number(
        body.line_items.find((each) => each.cost_code === code)?.original_budget_amount ?? 0,
      )
      const wanted =
        drop === undefined
          ? line(code, Math.round(before * 100) + amount, mark)
          : { deletes: [{ cost_code: drop, cost_type: 'L' }] }
      return ['PATCH', '/budget/line_items', wanted, { 'if-match': etag }]
    })
    told.push(`${code}.L ${drop === undefined ? mark : 'deleted'}`)
    if (drop !== undefined) delete own[drop]
    else if (code.startsWith('77')) own[code] = amount
    else added[code] = (added[code] ?? 0) + amount
  }

  for (let index = 1; index <= count; index += 1) await edit(index)
  return { added, own, edits: told, changes, lost }
}

if (import.meta.main) {
  process.stdout.write('ready')
  await once(process.stdin, 'data')
  process.stdout.write(JSON.stringify(await write(Number(edits), repeatable(Number(seed)))))
}

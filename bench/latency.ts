import { randomUUID } from 'node:crypto'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Measure } from './bar.ts'
import { start, until } from './started-program.ts'
import { asShown, Waiting } from '../test/deployed/waiting-budgets.ts'
import { localClient, localDocument } from '../test/store/local-database.ts'

const atOnce = 8
const reads = 48
const budgets = 8
const editsOfEach = 5

const Loaded = z.object({
  large: z.string(),
  projects: z.array(z.string()),
  manager: z.string(),
  approver: z.string(),
  table: z.string(),
  database: z.string(),
})
type Loaded = z.infer<typeof Loaded> & { readonly url: string }

interface Load {
  readonly name: string
  readonly took: RecordableHistogram
  readonly seconds: number
}

/** Asks for each of them, several at once; for the same one `repeated` times, one after the other. In microseconds. */
async function load(
  name: string,
  all: readonly number[],
  ask: (one: number, time: number) => Promise<unknown>,
  repeated = 1,
): Promise<Load> {
  const took = createHistogram()
  const left = [...all]
  const began = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift())
        for (let time = 1; time <= repeated; time += 1) {
          const asked = performance.now()
          await ask(one, time)
          took.record(Math.max(1, Math.round((performance.now() - asked) * 1000)))
        }
    }),
  )
  return { name, took, seconds: (performance.now() - began) / 1000 }
}

const times = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

interface Asked {
  readonly method?: 'POST' | 'PATCH'
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** A request of somebody with this token; its answer, or an error unless it was taken. */
const askingAs =
  (url: string, token: string) =>
  async (path: string, { method, body, headers }: Asked = {}): Promise<{ text: string; etag: string }> => {
    const answer = await fetch(`${url}${path}`, {
      ...(method && { method }),
      headers: {
        authorization: `Bearer ${token}`,
        ...(method && { 'idempotency-key': randomUUID() }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${text.slice(0, 300)}`)
    return { text, etag: answer.headers.get('etag') ?? '' }
  }

/** The database's own times: the same number at once of one read, and of one transaction of four rows as an edit writes. */
async function floorOf({ database, table, large }: Loaded): Promise<{ read: Load; write: Load }> {
  const document = localDocument(localClient(database))
  const Key = { pk: `C#northwind#P#${large}`, sk: 'BUDGET' }
  const read = async (): Promise<void> => {
    const { Item } = await document.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))
    if (!Item) throw new Error('There is no such row')
  }
  const write = async (): Promise<void> => await putFour(document, table)
  await load('', times(atOnce), read)
  return {
    read: await load('GetItem', times(reads), read),
    write: await load('TransactWriteItems', times(budgets * editsOfEach), write),
  }
}

async function putFour(document: DynamoDBDocumentClient, TableName: string): Promise<void> {
  const pk = `BENCH#${randomUUID()}`
  const TransactItems = times(4).map((sk) => ({
    Put: {
      TableName,
      Item: { pk, sk: String(sk), body: 'x'.repeat(500) },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  }))
  await document.send(new TransactWriteCommand({ TransactItems }))
}

const Budget = z.looseObject({ edit_state: z.string(), erp_state: z.string(), pending: z.unknown() })

/** The address of a review page, as a mail in the desk's mailbox has it. */
async function mailedLink(url: string): Promise<string | undefined> {
  const mailbox = await (await fetch(`${url}/desk/mailbox`)).text()
  for (const [, id = ''] of mailbox.matchAll(/\/desk\/mailbox\/([^"?/]+)"/g)) {
    // oxlint-disable-next-line no-await-in-loop -- the first that is one
    const mail = await (await fetch(`${url}/desk/mailbox/${id}`)).text()
    const [, path] = /(\/review\/[\w-]{43})/.exec(mail) ?? []
    if (path !== undefined) return path
  }
  return undefined
}

const budgetOf = (project: string): string => `/projects/${project}/budget`

type MeasureLoad = (...of: Parameters<typeof load>) => Promise<void>

/** A large budget read, and every small one edited, locked and sent. */
async function projectSide({ url, manager, large, projects }: Loaded, measure: MeasureLoad): Promise<void> {
  const paula = askingAs(url, manager)
  const read = async (): Promise<unknown> => await paula(budgetOf(large))
  // Threads of a function are started by its first requests.
  await load('', times(atOnce), read)
  await measure('GET budget', times(reads), read)
  const lines = `${budgetOf(large)}/line_items?limit=100`
  await measure('GET line items, a page of 100', times(reads), async () => await paula(lines))
  const etags = new Map<string, string>()
  for (const project of projects) etags.set(project, (await paula(budgetOf(project))).etag)
  const editLine = async (i: number, time: number): Promise<void> => {
    const project = projects[i] ?? ''
    const line = { cost_code: '03-3000', cost_type: 'S', original_budget_amount: `${String(time)}.00` }
    const { etag } = await paula(`${budgetOf(project)}/line_items`, {
      method: 'PATCH',
      headers: { 'if-match': etags.get(project) ?? '' },
      body: { upserts: [line] },
    })
    etags.set(project, etag)
  }
  await measure('PATCH one line', times(projects.length), editLine, editsOfEach)
  const commandAll = async (command: 'lock' | 'send', done: (budget: z.infer<typeof Budget>) => boolean) => {
    const ask = async (i: number): Promise<unknown> =>
      await paula(`${budgetOf(projects[i] ?? '')}/${command}`, { method: 'POST' })
    await measure(`POST ${command}`, times(projects.length), ask)
    for (const project of projects)
      await until(`${project} to be through with ${command}`, async () =>
        done(Budget.parse(JSON.parse((await paula(budgetOf(project))).text))),
      )
  }
  await commandAll('lock', ({ edit_state, pending }) => edit_state === 'locked' && pending === null)
  await commandAll('send', ({ erp_state, pending }) => erp_state === 'sent' && pending === null)
}

/** What accounting reads, and every budget accepted. */
async function accountingSide({ url, approver }: Loaded, measure: MeasureLoad): Promise<void> {
  const anna = askingAs(url, approver)
  let link: string | undefined
  await until('a mail', async () => (link = await mailedLink(url)) !== undefined)
  const page = async (): Promise<void> => {
    const answer = await fetch(`${url}${link ?? ''}`)
    const text = await answer.text()
    if (answer.status !== 200 || !text.includes('name="choice"')) throw new Error('That is no review page')
  }
  await load('', times(atOnce), page)
  await measure('GET review page', times(reads), page)
  const exports = async (): Promise<unknown> => await anna('/erp/exports')
  await load('', times(atOnce), exports)
  await measure('GET exports, none under way', times(reads), exports)
  await measure('GET budgets that wait', times(reads), async () => await anna('/erp/budgets'))
  const { budgets: waiting } = Waiting.parse(JSON.parse((await anna('/erp/budgets')).text))
  await measure('POST decision', times(waiting.length), async (i) => {
    const one = waiting[i]
    if (!one) return
    const accept = { choice: 'accept', ...asShown(one), entry_date: new Date().toISOString().slice(0, 10) }
    await anna(`/erp/budgets/${one.project}/decision`, { method: 'POST', body: accept })
  })
}

const milliseconds = ({ took }: Load, percentile: number): number => took.percentile(percentile) / 1000
const both = (of: Load): string => `${milliseconds(of, 50).toFixed(1)} / ${milliseconds(of, 99).toFixed(1)}`

/** What the routes take on the running local stack under load, beside what its database alone takes. */
export const latency: Measure = async () => {
  const stack = await start('bench/loaded-stack.ts', [String(budgets)])
  try {
    const where: Loaded = {
      ...Loaded.parse(JSON.parse(await stack.said('Loaded '))),
      url: stack.url,
    }
    const floors = await floorOf(where)
    const loads: Load[] = []
    const measure: MeasureLoad = async (...of) => void loads.push(await load(...of))
    await projectSide(where, measure)
    await accountingSide(where, measure)
    const rowOf = (of: Load): readonly string[] => {
      const floor = of.name.startsWith('GET') ? floors.read : floors.write
      return [
        of.name,
        String(of.took.count),
        ...[50, 99].map((p) => milliseconds(of, p).toFixed(1)),
        (of.took.count / of.seconds).toFixed(0),
        both(floor),
        (milliseconds(of, 50) / milliseconds(floor, 50)).toFixed(1),
      ]
    }
    const [budget] = loads
    if (!budget) throw new Error('Nothing was measured')
    return [
      {
        bar: 'GET budget on the local stack under load, p50 against a read of its database',
        unit: 'times',
        at_most: 20,
        figure: milliseconds(budget, 50) / milliseconds(floors.read, 50),
        of: `${both(budget)} ms against ${both(floors.read)} ms (p50 / p99)`,
      },
      {
        heading: 'Latency on the local stack',
        words: [
          `The whole local stack in a process of its own: the API's server, functions in threads, the database, the relay, the engine, the agent; the load from this one, ${String(atOnce)} requests at once.`,
          `The reads are of a budget of 150 lines; each of ${String(budgets)} small budgets is edited ${String(editsOfEach)} times, locked, sent and accepted, all of them at once.`,
          'A function has four threads at most and takes one request at a time in each, so that half of the requests wait their turn; on Lambda none would. Of fewer than a hundred requests the p99 is the slowest.',
          'The floor is the same database from the same process in the same run, as many at once: a consistent GetItem for a read, a transaction of four new rows for a write. With other work on the machine all of it grows alike: read the ratio.',
        ].join(' '),
        columns: [
          'Route',
          'Requests',
          'p50, ms',
          'p99, ms',
          'Requests a second',
          'Floor, p50 / p99, ms',
          'p50 / floor',
        ],
        rows: loads.map(rowOf),
      },
    ]
  } finally {
    await stack.stop()
  }
}

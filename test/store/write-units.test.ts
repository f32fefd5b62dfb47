import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { CodeKey } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { type LineItem, lineKey } from '../../shared/domain/line-item.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { projectPk } from '../../shared/store/keys.ts'
import { tellCommand } from '../../shared/store/workflow.ts'
import { changed, committed, newBudget, person, projectKey, settableClock } from './budgets.ts'
import { tradeLines, withOriginal } from './trade-lines.ts'
import { useLocalDatabase } from './use-local.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { type Measured, measuredDocument } from './write-units.ts'

const database = useLocalDatabase()
const clock = settableClock()
const key = projectKey('tower', 'acme-builders-of-the-north-west')
const given = tradeLines(50_000)
let table = ''
let store: BudgetStore
let document: DynamoDBDocumentClient
let since: () => Measured
let head: BudgetHead
let whole: Measured

beforeAll(async () => {
  table = await database().createTable()
  const measured = measuredDocument(database())
  document = measured.document
  since = measured.since
  store = createBudgetStore({ document, table, clock })
  const empty = await newBudget(store, key, clock)
  since()
  const { manifest, totals } = await store.saveLines(key, given)
  whole = since()
  head = await committed(
    store,
    key,
    empty,
    changed(empty, { manifest, ...totals, revision: 2 }, { editors: [{ person, send: 0 }] }),
  )
})

/** What it costs to put other originals on some lines, the head's commit included. */
async function costOfChanging(indexes: readonly number[]): Promise<Measured> {
  const edits = new Map<CodeKey, LineItem>(
    indexes.map((i) => [lineKey(given[i]!), withOriginal(given[i]!, 123_456 + i)]),
  )
  since()
  const { manifest, totals } = await store.editLines(key, head.manifest, edits)
  const lines = since()
  const edited = changed(
    head,
    { manifest, ...totals, revision: head.revision + 1 },
    { editors: [{ person, send: 0 }] },
  )
  head = await committed(store, key, head, edited)
  const commit = since()
  return { ...lines, units: lines.units + commit.units, calls: lines.calls + commit.calls }
}

describe('50,000 lines', () => {
  test('are stored for 3 % of an item per line', () => {
    expect(whole.units).toBeLessThanOrEqual(0.03 * 50_000)
  })

  test('one changed line costs 3 % of storing the whole, its commit included', async () => {
    const costs = []
    for (const i of [7, 12_345, 23_456, 34_567, 49_999]) costs.push((await costOfChanging([i])).units)
    expect(Math.max(...costs)).toBeLessThanOrEqual(0.03 * whole.units)
  })

  test('ten adjacent changed lines are 3 % new bytes', async () => {
    const ten = Array.from({ length: 10 }, (_, i) => 20_000 + i)
    expect((await costOfChanging(ten)).bytes).toBeLessThanOrEqual(0.03 * whole.bytes)
  })

  test('ten scattered changed lines are 10 % new bytes', async () => {
    const ten = Array.from({ length: 10 }, (_, i) => 2_500 + i * 5_000)
    expect((await costOfChanging(ten)).bytes).toBeLessThanOrEqual(0.1 * whole.bytes)
  })
})

/** Locks a budget as it goes in life: command, relay, step, wait. */
async function costOfLock(of: ProjectKey, before: BudgetHead): Promise<number> {
  const at = clock.now()
  since()
  const pending = { ...before, pending: { command: 'lock' as const, by: person, at } }
  const { head: next, outbox } = tellCommand(of, pending, 'lock', at)
  const told = await committed(store, of, before, {
    head: next,
    history: [{ event: 'lock_asked', by: person, request: 'r'.repeat(36), detail: {} }],
    last_command: { command: 'lock', outcome: 'pending', by: person, at },
    outbox,
    idempotency: {
      caller: person,
      key: of.project.padEnd(36, 'k'),
      request: 'f'.repeat(64),
      answer: { status: 202, body: '{}' },
    },
  })
  await relay(of)
  const { lines, original, changes, manifest } = told
  const done = {
    execution: told.execution!,
    step: 1,
    state: 'Lock budget',
    output: { outcome: 'locked', until: at },
  }
  const locked = await committed(store, of, told, {
    head: { ...told, edit: 'locked', version: 1, pending: undefined, done },
    history: [{ event: 'locked', by: person, detail: { version: 1, hash: manifest, project: of.project } }],
    version: { number: 1, hash: manifest, lines, original, changes, by: person, at, why: 'lock' },
    last_command: { command: 'lock', outcome: 'done', by: person, at },
  })
  const order = `${at}#0000`
  const wait = { cycle: 1, state: 'Wait to be sent', kinds: ['send' as const, 'unlock' as const], order }
  // AWS gives tokens of about 700 characters.
  const token = { execution: told.execution!, token: new Secret('t'.repeat(700)) }
  await store.putWait(of, { ...wait, ...token }, { signal: locked.signal, execution: told.execution! })
  return since().units
}

/** The relay deletes what it has delivered. */
async function relay(of: ProjectKey): Promise<void> {
  const rows = await document.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :outbox)',
      ExpressionAttributeValues: { ':pk': projectPk(of), ':outbox': 'OUTBOX#' },
    }),
  )
  for (const { pk, sk } of z.array(z.object({ pk: z.string(), sk: z.string() })).parse(rows.Items))
    await document.send(new DeleteCommand({ TableName: table, Key: { pk, sk } }))
}

/** Heads of two budgets, one large and one small, that nobody has locked yet. */
async function largeAndSmall(): Promise<[ProjectKey, BudgetHead][]> {
  const pairs: [ProjectKey, BudgetHead][] = []
  for (const lines of [given, given.slice(0, 100)]) {
    const of = projectKey(`lock-${String(lines.length)}`, key.company)
    const empty = await newBudget(store, of, clock)
    const { manifest, totals } = await store.saveLines(of, lines)
    pairs.push([of, await committed(store, of, empty, changed(empty, { manifest, ...totals, revision: 2 }))])
  }
  return pairs
}

describe('a lock', () => {
  test('costs 30 write units at most, and the same for 50,000 lines as for 100', async () => {
    const costs = []
    for (const [of, before] of await largeAndSmall()) costs.push(await costOfLock(of, before))
    expect(costs[0]).toBeLessThanOrEqual(30)
    expect(costs[0]).toBe(costs[1])
  })
})

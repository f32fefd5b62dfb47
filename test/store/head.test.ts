import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { BudgetHead } from '../../shared/domain/budget-head.ts'
import { cents } from '../../shared/domain/cents.ts'
import { CompanyId, Instant, PersonId, type ProjectKey } from '../../shared/domain/ids.ts'
import { Refused } from '../../shared/domain/refusal.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { headRow, newHead, readHead } from '../../shared/store/head-row.ts'
import { executionName } from '../../shared/store/workflow.ts'
import { aHash, changed, committed, newBudget, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { rowBytes } from './row-bytes.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
let table = ''
let store: BudgetStore

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
})

const longId = 'x'.repeat(40)
const at = Instant.parse('2026-11-22T19:38:31.000Z')
const key: ProjectKey = projectKey(longId, longId)
const longPerson = PersonId.parse(longId)

/** Every field there, every id and number as long as it gets. */
const largest: BudgetHead = {
  ...newHead(key, aHash, at),
  revision: 999_999,
  sequence: 999_999_999,
  history_hash: aHash,
  erp: 'update_pending',
  lines: 999_999,
  original: cents(Number.MAX_SAFE_INTEGER),
  changes: cents(Number.MIN_SAFE_INTEGER),
  last_change: 99_999,
  cycle: 99_999,
  run: 99,
  execution: executionName(key, 99_999, 99, at),
  signal: 99_999,
  pending: { command: 'retrieve', by: longPerson, at, request: 'x'.repeat(36) },
  version: 99_999,
  send: 99_999,
  sent_version: 99_999,
  approval_step: 99,
  settled_version: 99_999,
  export: 99_999,
  open_export: 99_999,
  ledger: aHash,
  confirmed: 'declared',
  done: {
    execution: executionName(key, 99_998, 99, at),
    step: 999,
    state: 'Prepare next part',
    output: { outcome: 'x'.repeat(20), until: at, refused: `Refused.${'x'.repeat(20)}` },
  },
  ended: { run: 99, status: 'TIMED_OUT', redrives: 9, at, error: `Broken.${'x'.repeat(20)}` },
  creator: longPerson,
  sender: longPerson,
}

describe('the head', () => {
  test('names every field there is, so that its size here is the largest', () => {
    expect(Object.keys(largest).toSorted()).toEqual(Object.keys(BudgetHead.shape).toSorted())
  })

  test('is under 1 KB at its largest, while its execution runs', () => {
    const { ended, ...running } = largest
    expect(ended).toBeDefined()
    expect(rowBytes(headRow(running))).toBeLessThan(1_024)
  })

  test('is read as it was written', () => {
    expect(readHead(headRow(largest))).toEqual(largest)
  })

  test('keeps what a later release has added to it', async () => {
    const later = projectKey('later', 'later')
    const head = await newBudget(store, later, clock)
    const { document } = database()
    const pending = { command: 'lock', by: longPerson, at, wish: { within: 'new' } }
    const row = { ...headRow(head), wish: 'new', pending }
    await document.send(new PutCommand({ TableName: table, Item: row }))
    const read = (await store.head(later))!
    const next = await committed(store, later, read, changed(read, { lines: 7 }))
    expect(await store.head(later)).toEqual({ ...next, wish: 'new', pending })
  })

  test('without its optional fields is read as it was written', () => {
    const small = { ...newHead(key, aHash, at), sequence: 1, history_hash: aHash }
    expect(readHead(headRow(small))).toStrictEqual(small)
  })
})

const of = (name: string): ProjectKey => projectKey(name)

const names = (heads: readonly BudgetHead[]): string[] => heads.map(({ project }) => project)

describe('a company’s list of heads', () => {
  const company = CompanyId.parse('acme')

  beforeAll(async () => {
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      const head = await newBudget(store, of(name), clock)
      const erp = i < 3 ? 'sent' : 'synced'
      const since = Instant.parse(`2026-11-2${String(9 - i)}T00:00:00.000Z`)
      await committed(store, of(name), head, changed(head, { erp, erp_since: since }))
    }
    await newBudget(store, projectKey('foreign', 'other'), clock)
  })

  test('holds the heads of one state, the oldest first', async () => {
    expect(names((await store.heads(company, { erp: 'sent', limit: 10 })).heads)).toEqual(['c', 'b', 'a'])
  })

  test('gives full heads, as stored', async () => {
    const { heads } = await store.heads(company, { erp: 'sent', limit: 1 })
    expect(heads).toEqual([await store.head(of('c'))])
  })

  test('holds all states when none is named, and no other company’s', async () => {
    expect(names((await store.heads(company, { limit: 10 })).heads)).toEqual(['c', 'b', 'a', 'e', 'd'])
  })

  test('goes on from page to page until it ends', async () => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.heads(company, { limit: 2, ...(cursor !== undefined && { cursor }) })
      seen.push(...names(page.heads))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(['c', 'b', 'a', 'e', 'd'])
  })

  test('a cursor shows nobody another company’s heads', async () => {
    const { cursor } = await store.heads(company, { limit: 1 })
    const foreign = await store.heads('other', { limit: 10, ...(cursor !== undefined && { cursor }) })
    expect(names(foreign.heads).filter((name) => name !== 'foreign')).toEqual([])
  })

  test.each(['', 'x', 'eyJhIjoxfQ', Buffer.from('{"project":"a#b","state":""}').toString('base64url')])(
    'the cursor %j is refused',
    async (cursor) => {
      await expect(store.heads(company, { limit: 1, cursor })).rejects.toThrow(Refused)
    },
  )

  test('a state whose name begins another’s is not mixed with it', async () => {
    const head = await newBudget(store, of('f'), clock)
    await committed(store, of('f'), head, changed(head, { erp: 'exported' }))
    expect((await store.heads(company, { erp: 'export', limit: 10 })).heads).toEqual([])
  })

  test('a head that moved on while it was listed is not shown in its old state', async () => {
    const moving = of('g')
    const head = await newBudget(store, moving, clock)
    const expired = await committed(store, moving, head, changed(head, { erp: 'expired' }))
    const document = documentWithFaults(database(), async (call) => {
      if (call.name.startsWith('BatchGet'))
        await committed(store, moving, expired, changed(expired, { erp: 'retrieved' }))
      return await call.through()
    })
    const listing = createBudgetStore({ document, table, clock }).heads(company, {
      erp: 'expired',
      limit: 10,
    })
    expect((await listing).heads).toEqual([])
  })

  test('no index holds more than keys', async () => {
    for (const index of ['by_state', 'by_due']) {
      const found = await database().document.send(new ScanCommand({ TableName: table, IndexName: index }))
      for (const item of found.Items ?? []) expect(Object.keys(item)).toHaveLength(4)
    }
  })
})

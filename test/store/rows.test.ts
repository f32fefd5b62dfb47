import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { Broken } from '../../shared/store/errors.ts'
import { projectPk } from '../../shared/store/keys.ts'
import { createRows } from '../../shared/store/rows.ts'
import { newBudget, projectKey, settableClock } from './budgets.ts'
import { recordedCalls } from './faults.ts'
import { MemoryTable } from './memory-table.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const key = projectKey('tower')
let table = ''
let store: BudgetStore

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
})

const put = async (sk: string, body: Record<string, unknown>): Promise<void> => {
  await database().document.send(
    new PutCommand({ TableName: table, Item: { pk: projectPk(key), sk, ...body } }),
  )
}

describe('a row that does not parse', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['BUDGET', async () => await store.head(key)],
    ['PROJECT', async () => await store.project(key)],
    ['VERSION#00001', async () => await store.versions(key)],
    ['CHANGE#00001', async () => await store.change(key, 1)],
    ['APPROVAL#00001#00001#01', async () => await store.approvals(key)],
    ['EXPORT#00001', async () => await store.exports(key)],
    ['EXPORT#00001#PART#01', async () => await store.parts(key, 1)],
    ['SIGNAL#00001#00001', async () => await store.signal(key, 1, 1)],
    ['WAIT#00001', async () => await store.wait(key, 1)],
    ['LAST_COMMAND', async () => await store.lastCommand(key)],
    ['EDITORS', async () => await store.editors(key)],
    ['HISTORY#000000001', async () => await store.history(key, { limit: 1 })],
  ])('%s is broken, by name', async (sk, read) => {
    await put(sk, { surprise: 1 })
    const failure = read()
    await expect(failure).rejects.toThrow(Broken)
    await expect(failure).rejects.toThrow(`${projectPk(key)} ${sk}`)
  })
})

describe('reads', () => {
  test('what is not there is undefined or empty', async () => {
    const none = projectKey('nowhere')
    expect([
      await store.head(none),
      await store.project(none),
      await store.versions(none),
      await store.editors(none),
      await store.history(none, { limit: 5 }),
    ]).toEqual([undefined, undefined, [], [], []])
  })

  test('a list longer than one answer of the database is read to its end', async () => {
    const { document, calls } = recordedCalls(database())
    const rows = createRows({ document, table })
    const many = Array.from({ length: 6 }, (_, i) => ({
      pk: 'many',
      sk: `M#${String(i)}`,
      fill: 'x'.repeat(300_000),
    }))
    await rows.putMany(many)
    expect(await rows.list('many', { begins: 'M#' })).toHaveLength(6)
    expect(calls.filter(({ name }) => name.startsWith('Query')).length).toBeGreaterThan(1)
  })

  test('more rows than one batch takes are written and read, in the order asked', async () => {
    const rows = createRows({ document: database().document, table })
    const many = Array.from({ length: 130 }, (_, i) => ({ pk: 'batch', sk: String(i) }))
    await rows.putMany(many)
    const asked = [...many.toReversed(), { pk: 'batch', sk: 'absent' }]
    const found = await rows.getMany(asked)
    expect(found.map((row) => row?.sk)).toEqual([...many.toReversed().map(({ sk }) => sk), undefined])
  })

  test('rows that never change are found though a read at half the price does not show them yet', async () => {
    const memory = new MemoryTable()
    const rows = createRows({ document: memory.document, table })
    await rows.putMany([{ pk: 'p', sk: 'old' }])
    memory.lag()
    await rows.putMany([{ pk: 'p', sk: 'new' }])
    const asked = ['new', 'absent', 'old'].map((sk) => ({ pk: 'p', sk }))
    expect((await rows.getUnchanging(asked)).map((row) => row?.sk)).toEqual(['new', undefined, 'old'])
  })

  test('a row asked for twice is given twice', async () => {
    const head = await newBudget(store, projectKey('twice'), clock)
    const rows = createRows({ document: database().document, table })
    const at = { pk: projectPk(projectKey('twice')), sk: 'BUDGET' }
    const found = await rows.getMany([at, at])
    expect(found.map((row) => row?.['revision'])).toEqual([head.revision, head.revision])
  })
})

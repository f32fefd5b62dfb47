import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CompanyId, type ProjectKey } from '../../shared/domain/ids.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { Later } from '../../shared/store/errors.ts'
import { type RowKey, uploadsOfDay, workOfDay } from '../../shared/store/keys.ts'
import { createRows } from '../../shared/store/rows.ts'
import { countUpload } from '../../shared/store/spent.ts'
import { committed, newBudget, nextRevision, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock('2026-11-22T23:59:00.500Z')
const today = '2026-11-22'
const tomorrow = '2026-11-23T00:00:00.000Z'
let table = ''
let store: BudgetStore
let company: CompanyId
let key: ProjectKey
let made = 0

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
})

beforeEach(() => {
  made += 1
  company = CompanyId.parse(`c${String(made)}`)
  key = projectKey('tower', company)
  clock.set('2026-11-22T23:59:00.500Z')
})

const rows = () => createRows({ document: database().document, table })
const upload = async (of = company) => await countUpload(rows(), of, clock.now())
const spent = async (row: RowKey, count: number) => await rows().putMany([{ ...row, spent: count }])
const counted = async (row: RowKey) => (await rows().get(row))?.['spent']

const tooMany = { code: 'TOO_MANY_TODAY', retry_after: 60 }

describe('uploads of a company', () => {
  test('are counted one by one, in a row that goes two days later', async () => {
    expect([await upload(), await upload()]).toEqual([undefined, undefined])
    expect(await rows().get(uploadsOfDay(company, today))).toMatchObject({
      spent: 2,
      expires: Date.parse('2026-11-24T23:59:00.000Z') / 1000,
    })
  })

  test('are refused from the 501st of a day, which is not counted, until midnight UTC', async () => {
    await spent(uploadsOfDay(company, today), 499)
    expect([await upload(), await upload()]).toMatchObject([undefined, tooMany])
    expect(await counted(uploadsOfDay(company, today))).toBe(500)
    clock.set(tomorrow)
    expect(await upload()).toBeUndefined()
  })

  test('of one company are not another’s', async () => {
    await spent(uploadsOfDay(company, today), 500)
    expect(await upload(CompanyId.parse(`${company}-other`))).toBeUndefined()
  })

  test.each([
    ['a busy table', Object.assign(new Error('busy'), { name: 'ThrottlingException' }), Later],
    ['any other fault', new RangeError('odd'), RangeError],
  ])('%s is no refusal', async (_, fault, thrown) => {
    const document = documentWithFaults(database(), async () => await Promise.reject(fault))
    await expect(countUpload({ document, table }, company, clock.now())).rejects.toThrow(thrown)
  })
})

const costly = (head: BudgetHead) => nextRevision(head, { costly: true })

describe('what costs something of a budget', () => {
  test('is counted with what it does', async () => {
    const head = await newBudget(store, key, clock)
    await committed(store, key, head, costly(head))
    expect(await counted(workOfDay(key, today))).toBe(1)
  })

  test('is refused from the 201st time of a day, and nothing is written', async () => {
    await spent(workOfDay(key, today), 199)
    const head = await newBudget(store, key, clock)
    const after = await committed(store, key, head, costly(head))
    expect(await store.commit(key, after, costly(after))).toMatchObject({
      outcome: 'refused',
      refusal: tooMany,
    })
    expect(await store.head(key)).toEqual(after)
    clock.set(tomorrow)
    await committed(store, key, after, costly(after))
  })

  test('stops neither what costs nothing nor another budget', async () => {
    await spent(workOfDay(key, today), 200)
    const head = await newBudget(store, key, clock)
    await committed(store, key, head, nextRevision(head))
    const other = projectKey('bridge', company)
    const otherHead = await newBudget(store, other, clock)
    await committed(store, other, otherHead, costly(otherHead))
  })

  test('that lost its head is lost, however often it was done', async () => {
    await spent(workOfDay(key, today), 200)
    const head = await newBudget(store, key, clock)
    await committed(store, key, head, nextRevision(head))
    expect(await store.commit(key, head, costly(head))).toEqual({ outcome: 'lost' })
  })
})

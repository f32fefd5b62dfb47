import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BudgetStore, HistoryEnd, HistoryRow } from '../../shared/store/budget-store.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { newHead } from '../../shared/store/head-row.ts'
import { projectPk, projectSk } from '../../shared/store/keys.ts'
import { rowBody } from '../../shared/store/row-body.ts'
import { createRows } from '../../shared/store/rows.ts'
import { chain, emptyHistory } from '../../shared/store/history.ts'
import { aHash, person, projectKey, settableClock } from './budgets.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const key = projectKey('long')
let table = ''
let store: BudgetStore
let head: HistoryEnd

// More rows than are read at a time.
const length = 130

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
  let before: Awaited<ReturnType<BudgetStore['head']>>
  for (const count of [60, 60, 10]) {
    const history = Array.from({ length: count }, (_, i) => ({
      event: 'waited' as const,
      by: person,
      detail: { attempt: i },
    }))
    const next = before ?? newHead(key, aHash, clock.now())
    const came = await store.commit(key, before, { head: next, history })
    if (came.outcome !== 'done') throw new Error(came.outcome)
    before = came.head
    head = came.head
  }
})

const rows = () => createRows({ document: database().document, table })
const at = (sequence: number) => ({ pk: projectPk(key), sk: projectSk.history(sequence) })
const verify = async (limit = 1000, after?: HistoryEnd) =>
  await store.verifyHistory(key, head, { limit, ...(after && { after }) })

/** Where the history stood after so many rows. */
async function endAt(sequence: number): Promise<HistoryEnd> {
  const [row] = await store.history(key, { after: sequence - 1, limit: 1 })
  return sequence === 0 ? emptyHistory : { sequence, history_hash: row!.hash }
}

/** Looks at the history while a row is another, or gone; then it is as it was. */
async function whileRow(sequence: number, but: object | 'gone') {
  const row = (await rows().get(at(sequence)))!
  if (but === 'gone')
    await database().document.send(new DeleteCommand({ TableName: table, Key: at(sequence) }))
  else await rows().putMany([{ ...row, ...but }])
  const found = await verify()
  await rows().putMany([row])
  return found
}

describe('a stored history', () => {
  test('that nobody touched holds to the head', async () => {
    expect(await verify()).toEqual({ last: { sequence: length, history_hash: head.history_hash } })
  })

  test('is verified as far as was asked, and goes on from there', async () => {
    for (const limit of [10, 75]) {
      const first = await verify(limit)
      expect(first).toEqual({ last: await endAt(limit) })
      expect(await verify(1000, first.last)).toEqual(await verify())
    }
  })

  test.each([1, 2, 50, 51, 100, 101, 129, 130])('names row %i when it was altered', async (sequence) => {
    const fault = { sequence, fault: 'altered' }
    const last = await endAt(sequence - 1)
    expect(await whileRow(sequence, { by: 'system' })).toEqual({ last, fault })
    expect(await whileRow(sequence, { detail: 'gone' })).toEqual({ last, fault })
  })

  test('names a row in whose place another stands', async () => {
    const other = (await rows().get(at(60)))!
    expect((await whileRow(61, { ...other, sk: at(61).sk })).fault).toEqual({
      sequence: 61,
      fault: 'altered',
    })
  })

  test.each([1, 2, 50, 51, 100, 101, 129, 130])('names row %i when it is gone', async (sequence) => {
    expect(await whileRow(sequence, 'gone')).toEqual({
      last: await endAt(sequence - 1),
      fault: { sequence, fault: 'missing' },
    })
  })

  test.each([50, 100, 130])('names row %i when it was written anew with its hash', async (sequence) => {
    const before = (await store.history(key, { after: sequence - 2, limit: 1 }))[0]!
    const forged: HistoryRow = chain({ sequence: before.sequence, history_hash: before.hash }, clock.now(), [
      { event: 'day_300', by: person, detail: {} },
    ]).rows[0]!
    expect((await whileRow(sequence, rowBody(forged))).fault).toEqual({ sequence, fault: 'altered' })
  })

  test('does not count the last row as one that holds when it was written anew with its hash', async () => {
    const [before] = await store.history(key, { after: length - 2, limit: 1 })
    const end = { sequence: before!.sequence, history_hash: before!.hash }
    const forged = chain(end, clock.now(), [{ event: 'day_300', by: person, detail: {} }]).rows[0]!
    expect((await whileRow(length, rowBody(forged))).last).toEqual(end)
  })

  test('is missing where it ends before as much as was asked', async () => {
    const tail = Array.from({ length: 10 }, (_, i) => at(51 + i))
    const gone = await rows().getMany(tail)
    for (const Key of tail) await database().document.send(new DeleteCommand({ TableName: table, Key }))
    const found = await verify(60)
    await rows().putMany(gone.flatMap((row) => row ?? []))
    expect(found).toEqual({ last: await endAt(50), fault: { sequence: 51, fault: 'missing' } })
  })

  test('does not go on from a row that is not the one that was verified', async () => {
    const after = { sequence: 75, history_hash: 'f'.repeat(64) }
    expect((await verify(1000, after)).fault).toEqual({ sequence: 75, fault: 'altered' })
  })

  test('does not hold where the head says another last row, though nothing came since', async () => {
    const { last } = await verify(75)
    const other = { sequence: 75, history_hash: 'f'.repeat(64) }
    expect(await store.verifyHistory(key, other, { limit: 10, after: last })).toEqual({
      last,
      fault: { sequence: 75, fault: 'altered' },
    })
  })

  test('does not hold where the head was set back', async () => {
    const back = { sequence: 60, history_hash: 'f'.repeat(64) }
    const { last } = await verify(75)
    expect((await store.verifyHistory(key, back, { limit: 10, after: last })).fault).toEqual({
      sequence: 60,
      fault: 'altered',
    })
  })
})

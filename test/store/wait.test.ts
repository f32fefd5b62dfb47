import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { Later } from '../../shared/store/errors.ts'
import { projectPk } from '../../shared/store/keys.ts'
import { type OutboxMessage, OutboxRow } from '../../shared/store/outbox.ts'
import type { Wait } from '../../shared/store/signals.ts'
import { changed, committed, newBudget, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const execution = 'abc-c1-r1'
const nextRun = 'abc-c1-r2'
let table = ''
let store: BudgetStore
let key: ProjectKey
let head: BudgetHead
let made = 0

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
})

beforeEach(async () => {
  made += 1
  key = projectKey(`p${String(made)}`)
  const empty = await newBudget(store, key, clock)
  head = await committed(store, key, empty, changed(empty, { cycle: 1, run: 1, execution }))
})

const entered = '2026-11-22T19:38:31.000Z'
const wait = (token: string, retry = 0, at = entered): Wait => ({
  cycle: 1,
  state: 'Wait to be sent',
  kinds: ['send', 'unlock'],
  execution,
  token: new Secret(token),
  order: `${at}#${String(retry).padStart(4, '0')}`,
})
const seen = { signal: 0, execution }
const signalCame = async (): Promise<BudgetHead> =>
  await committed(store, key, head, changed(head, { signal: 1 }, { signal: { kind: 'send', reference: {} } }))
const token = async (): Promise<string | undefined> => (await store.wait(key, 1))?.token.open()
const outbox = async (): Promise<OutboxMessage[]> => {
  const rows = await database().document.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :outbox)',
      ExpressionAttributeValues: { ':pk': projectPk(key), ':outbox': 'OUTBOX#' },
    }),
  )
  return (rows.Items ?? []).map((row) => OutboxRow.parse(row).message)
}

describe('opening a wait', () => {
  test('stores where the execution waits', async () => {
    expect(await store.putWait(key, wait('t1'), seen)).toBe('stored')
    expect(await store.wait(key, 1)).toEqual(wait('t1'))
  })

  test('a signal that came after the head was read stops it', async () => {
    await signalCame()
    expect(await store.putWait(key, wait('t1'), seen)).toBe('signal_came')
    expect(await token()).toBeUndefined()
  })

  test('an older token does not replace a newer one', async () => {
    await store.putWait(key, wait('t2', 1), seen)
    expect(await store.putWait(key, wait('t1', 0), seen)).toBe('newer_wait_stored')
    expect(await token()).toBe('t2')
  })

  test('a later visit replaces an earlier one, whatever its retries', async () => {
    await store.putWait(key, wait('t1', 9), seen)
    const later = wait('t2', 0, '2026-11-22T19:38:32.000Z')
    expect(await store.putWait(key, later, seen)).toBe('stored')
    expect(await token()).toBe('t2')
  })

  test('the same wait may be stored again', async () => {
    await store.putWait(key, wait('t1'), seen)
    expect(await store.putWait(key, wait('t1'), seen)).toBe('stored')
  })

  test('an execution that another has taken over from stores nothing', async () => {
    await committed(store, key, head, changed(head, { run: 2, execution: 'abc-c1-r2' }))
    expect(await store.putWait(key, wait('t1'), seen)).toBe('moved_on')
    expect(await token()).toBeUndefined()
  })

  test('an execution that another has taken over from has moved on, whatever wait it stored', async () => {
    await store.putWait(key, wait('t2', 1), seen)
    await committed(store, key, head, changed(head, { run: 2, execution: nextRun }))
    expect(await store.putWait(key, wait('t1', 0), seen)).toBe('moved_on')
  })

  test('an execution whose cycle has ended stores nothing', async () => {
    await committed(store, key, head, changed(head, { execution: undefined }))
    expect(await store.putWait(key, wait('t1'), seen)).toBe('moved_on')
  })

  test('a project that is not there has moved on', async () => {
    expect(await store.putWait(projectKey('nowhere'), wait('t1'), seen)).toBe('moved_on')
  })

  test('the wait of a run that was superseded stands in no other run’s way', async () => {
    await store.putWait(key, wait('t1', 1), seen)
    const after = await committed(store, key, head, changed(head, { run: 2, execution: nextRun }))
    const next = { ...wait('t2', 0), execution: nextRun }
    expect(await store.putWait(key, next, { signal: after.signal, execution: nextRun })).toBe('stored')
    expect(await store.putWait(key, wait('t3', 2), seen)).toBe('moved_on')
    expect(await token()).toBe('t2')
  })

  test('with a newer wait stored it stops, even when a signal came too', async () => {
    await store.putWait(key, wait('t2', 1), seen)
    await signalCame()
    expect(await store.putWait(key, wait('t1', 0), seen)).toBe('newer_wait_stored')
  })

  test('each cycle has its own wait', async () => {
    const after = await committed(store, key, head, changed(head, { cycle: 2, execution: 'abc-c2-r1' }))
    await store.putWait(
      key,
      { ...wait('t9', 0, '2026-01-01T00:00:00.000Z'), cycle: 2, execution: 'abc-c2-r1' },
      { signal: after.signal, execution: 'abc-c2-r1' },
    )
    expect([(await store.wait(key, 1))?.token.open(), (await store.wait(key, 2))?.token.open()]).toEqual([
      undefined,
      't9',
    ])
  })
})

describe('an execution that ended and was redriven', () => {
  const ended = { run: 1, status: 'FAILED', redrives: 0, at: clock.now() } as const
  const again = { ...seen, redriven: true }
  beforeEach(async () => {
    head = await committed(store, key, head, changed(head, { ended }))
  })

  test('runs again once it waits again, and the head stays as it was but for that', async () => {
    expect(await store.putWait(key, wait('t1'), again)).toBe('stored')
    const { ended: gone, ...running } = head
    expect(gone).toEqual(ended)
    expect(await store.head(key)).toEqual(running)
  })

  test.each([
    ['a signal came', { signal: 1 }, { signal: { kind: 'send', reference: {} } }, 'signal_came'],
    ['another run has taken over', { run: 2, execution: nextRun }, {}, 'moved_on'],
  ] as const)('is left as ended where %s', async (_, to, more, outcome) => {
    await committed(store, key, head, changed(head, to, more))
    expect(await store.putWait(key, wait('t1'), again)).toBe(outcome)
    expect([(await store.head(key))?.ended, await token()]).toEqual([ended, undefined])
  })

  test('is left as ended by a wait of which nobody says that it was redriven', async () => {
    expect(await store.putWait(key, wait('t1'), seen)).toBe('stored')
    expect((await store.head(key))?.ended).toEqual(ended)
  })
})

describe('a signal that was there already', () => {
  const message: OutboxMessage = { kind: 'signal', cycle: 1, n: 1 }

  test('is handed to the relay again, with the wait', async () => {
    await signalCame()
    await store.putWait(key, wait('t1'), { ...seen, signal: 1 }, message)
    expect(await outbox()).toEqual([message])
  })

  test('is not handed on by a wait that was not stored', async () => {
    await signalCame()
    await store.putWait(key, wait('t1'), seen, message)
    expect(await outbox()).toEqual([])
  })

  test('has a row for every wait, beside those of commits', async () => {
    const after = await signalCame()
    const told = { outbox: [message] }
    await committed(store, key, after, changed(after, {}, told))
    await store.putWait(key, wait('t1', 0), { ...seen, signal: 1 }, message)
    await store.putWait(key, wait('t2', 1), { ...seen, signal: 1 }, message)
    expect(await outbox()).toHaveLength(3)
  })

  test('has a row for the wait of each run, though both opened in the same instant', async () => {
    const after = await signalCame()
    await store.putWait(key, wait('t1'), { ...seen, signal: 1 }, message)
    await committed(store, key, after, changed(after, { run: 2, execution: nextRun }))
    await store.putWait(
      key,
      { ...wait('t2'), execution: nextRun },
      { signal: 1, execution: nextRun },
      message,
    )
    expect(await outbox()).toHaveLength(2)
  })
})

const stopped = (Code: string): Error =>
  new TransactionCanceledException({
    message: Code,
    $metadata: {},
    CancellationReasons: [{ Code: 'None' }, { Code }],
  })

let tried = 0
const failing = (times: number, error = stopped('TransactionConflict')): BudgetStore => {
  tried = 0
  const document = documentWithFaults(database(), async (call) => {
    if (!call.name.startsWith('TransactWrite')) return await call.through()
    tried += 1
    if (tried > times) return await call.through()
    throw error
  })
  return createBudgetStore({ document, table, clock, pause: async () => {} })
}

describe('a wait that meets another write', () => {
  test.each([
    ['in a conflict', stopped('TransactionConflict')],
    ['in progress', new TransactionInProgressException({ message: 'x', $metadata: {} })],
  ])('asks its conditions again: %s', async (_, error) => {
    expect(await failing(3, error).putWait(key, wait('t1'), seen)).toBe('stored')
    expect(tried).toBe(4)
  })

  test('is later when it meets one twelve times', async () => {
    const never = failing(Number.POSITIVE_INFINITY).putWait(key, wait('t1'), seen)
    await expect(never).rejects.toThrow(Later)
    await expect(never).rejects.toThrow(`${execution} met other writes 12 times`)
    expect(tried).toBe(12)
  })

  test('is later at once when the table is too busy', async () => {
    await expect(failing(1, stopped('ThrottlingError')).putWait(key, wait('t1'), seen)).rejects.toThrow(Later)
  })
})

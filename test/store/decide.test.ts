import { TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { Refused, refusal } from '../../shared/domain/refusal.ts'
import { pauseOf, tries } from '../../shared/store/again.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore, Decided } from '../../shared/store/budget-store.ts'
import { AnsweredBefore, Later } from '../../shared/store/errors.ts'
import { verifyHistory } from '../../shared/store/history.ts'
import { newBudget, nextRevision, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
let table = ''
let store: BudgetStore
let key: ProjectKey
let made = 0

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
})

beforeEach(async () => {
  made += 1
  key = projectKey(`p${String(made)}`)
  await newBudget(store, key, clock)
})

const edit = (head: BudgetHead | undefined): Decided<number> => ({
  answer: head!.revision + 1,
  commit: nextRevision(head!),
})
const no = refusal('BUDGET_LOCKED', 'The budget is locked.', 'Unlock it.')
const asked = { caller: 'mia', key: 'k1', request: 'hash-1' }

/** A lock as the API records it: refused while one is under way. */
const lock = (head: BudgetHead | undefined): Decided<string> =>
  head!.edit === 'locked'
    ? no
    : {
        answer: 'locked',
        commit: {
          ...nextRevision(head!),
          head: { ...head!, edit: 'locked' },
          idempotency: { ...asked, answer: { status: 202, body: 'first' } },
        },
      }

describe('decide', () => {
  test('fifty commands at once are all carried out, one after another', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, async () => await store.decide(key, edit)))
    expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 2))
    const head = (await store.head(key))!
    const history = await store.history(key, { limit: 1_000 })
    expect(verifyHistory(history, head)).toBeUndefined()
    expect(history).toHaveLength(51)
  })

  test('a command that lost decides over the head that won', async () => {
    const seen: number[] = []
    await store.decide(key, async (head) => {
      seen.push(head!.revision)
      if (seen.length === 1) await store.decide(key, edit)
      return edit(head)
    })
    expect(seen).toEqual([1, 2])
  })

  test('a refusal is thrown, and nothing is written', async () => {
    await expect(store.decide(key, () => no)).rejects.toThrow(Refused)
    expect((await store.head(key))?.sequence).toBe(1)
  })

  test('a decision with nothing to write gives its answer', async () => {
    expect(await store.decide(key, () => ({ answer: 7 }))).toBe(7)
    expect((await store.head(key))?.sequence).toBe(1)
  })

  test('what the commit itself refuses is thrown', async () => {
    const changes = Array.from({ length: 101 }, () => ({ number: 1 }) as never)
    await expect(
      store.decide(key, (head) => ({ answer: 0, commit: nextRevision(head!, { changes }) })),
    ).rejects.toMatchObject({ refusal: { code: 'TOO_LARGE' } })
  })

  test('a fault in the decision comes through at once', async () => {
    let asks = 0
    const fault = store.decide(key, () => {
      asks += 1
      throw new RangeError('odd')
    })
    await expect(fault).rejects.toThrow(RangeError)
    expect(asks).toBe(1)
  })
})

const loses = (): BudgetStore =>
  createBudgetStore({
    document: documentWithFaults(database(), async (call) => {
      if (call.name.startsWith('TransactWrite'))
        throw new TransactionInProgressException({ message: 'busy', $metadata: {} })
      return await call.through()
    }),
    table,
    clock,
    pause: async () => {},
  })

describe('a command that never wins', () => {
  test('is later, after twelve tries', async () => {
    let asks = 0
    const never = loses().decide(key, (head) => {
      asks += 1
      return edit(head)
    })
    await expect(never).rejects.toThrow(Later)
    await expect(never).rejects.toThrow(`acme/${key.project} were first 12 times`)
    expect(asks).toBe(12)
  })

  test('is told apart by its name, which Step Functions retries', async () => {
    await expect(loses().decide(key, edit)).rejects.toMatchObject({ name: 'Later.Busy' })
  })
})

describe('pauses between tries', () => {
  test('grow threefold, up to a second and a half', () => {
    const longest = Array.from({ length: tries }, (_, i) => pauseOf(i + 1, () => 1))
    expect(longest).toEqual([30, 90, 270, 810, 1500, 1500, 1500, 1500, 1500, 1500, 1500, 1500])
  })

  test('are drawn from nothing to that', () => {
    expect(pauseOf(12, () => 0)).toBe(0)
  })
})

describe('a repeated command', () => {
  test('is answered as before', async () => {
    const twice = (head: BudgetHead | undefined): Decided<string> => ({
      answer: 'second',
      commit: nextRevision(head!, {
        idempotency: { ...asked, key: key.project, answer: { status: 202, body: 'first' } },
      }),
    })
    await store.decide(key, twice)
    await expect(store.decide(key, twice)).rejects.toMatchObject({ answer: { status: 202, body: 'first' } })
  })

  test('is not refused by what it did the first time', async () => {
    const mine = { ...asked, key: key.project }
    const decide = (head: BudgetHead | undefined): Decided<string> => {
      const decided = lock(head)
      return 'commit' in decided && decided.commit
        ? {
            ...decided,
            commit: { ...decided.commit, idempotency: { ...mine, answer: { status: 202, body: 'first' } } },
          }
        : decided
    }
    await store.decide(key, decide, mine)
    await expect(store.decide(key, decide, mine)).rejects.toThrow(AnsweredBefore)
  })

  test('with another request under the same key is refused as such', async () => {
    const mine = { ...asked, key: key.project }
    await store.decide(key, (head) => ({
      answer: '',
      commit: nextRevision(head!, { idempotency: { ...mine, answer: { status: 202, body: 'first' } } }),
    }))
    const other = store.decide(key, () => no, { ...mine, request: 'hash-2' })
    await expect(other).rejects.toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  test('that was refused the first time is decided again', async () => {
    const mine = { ...asked, key: key.project }
    await expect(store.decide(key, () => no, mine)).rejects.toMatchObject({
      refusal: { code: 'BUDGET_LOCKED' },
    })
    await expect(store.decide(key, () => no, mine)).rejects.toMatchObject({
      refusal: { code: 'BUDGET_LOCKED' },
    })
  })

  test('whose answer was lost on the way is answered when it comes again', async () => {
    // The transaction is carried out, and the caller learns nothing of it.
    const hidden = documentWithFaults(database(), async (call) => {
      const output = await call.through()
      if (call.name.startsWith('TransactWrite'))
        throw Object.assign(new Error('gone'), { name: 'TimeoutError' })
      return output
    })
    const mine = { ...asked, key: key.project }
    const decide = (head: BudgetHead | undefined): Decided<string> => ({
      answer: 'x',
      commit: nextRevision(head!, { idempotency: { ...mine, answer: { status: 202, body: 'first' } } }),
    })
    const first = createBudgetStore({ document: hidden, table, clock }).decide(key, decide, mine)
    await expect(first).rejects.toThrow(Later)
    await expect(store.decide(key, decide, mine)).rejects.toThrow(AnsweredBefore)
    expect((await store.head(key))?.revision).toBe(2)
  })
})

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CompanyId, Day, Instant, type ProjectKey } from '../../shared/domain/ids.ts'
import { defaultPolicy } from '../../shared/domain/approval.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { Broken, Later } from '../../shared/store/errors.ts'
import { companyPk, companySk } from '../../shared/store/keys.ts'
import { createNights, type Nights } from '../../shared/store/nightly-table.ts'
import type { OutboxMessage } from '../../shared/store/outbox.ts'
import { createSummaries, type Summaries } from '../../shared/store/summary-table.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { person, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const [monday, tuesday, wednesday] = ['2026-11-23', '2026-11-24', '2026-11-25'].map((day) => Day.parse(day))
let table = ''
let company: CompanyId
let key: ProjectKey
let made = 0

beforeAll(async () => {
  table = await database().createTable()
})

beforeEach(() => {
  made += 1
  company = CompanyId.parse(`c${String(made)}`)
  key = projectKey('tower', company)
})

describe('the nightly check of a company', () => {
  let nights: Nights
  beforeAll(() => {
    nights = createNights({ document: database().document, table })
  })

  test('was done on no day before the first', async () => {
    expect(await nights.last(company)).toBeUndefined()
  })

  test.each([
    ['a later day follows an earlier one', monday, tuesday, tuesday],
    ['an earlier day never replaces a later one', wednesday, tuesday, wednesday],
    ['the same day may be recorded again', monday, monday, monday],
  ])('%s', async (_, one, then, last) => {
    await nights.record(company, one!)
    await nights.record(company, then!)
    expect(await nights.last(company)).toBe(last)
  })

  test('on a day that is none is a fault', async () => {
    const row = { pk: companyPk(company), sk: companySk.nightlyCheck, day: 'yesterday' }
    await database().document.send(new PutCommand({ TableName: table, Item: row }))
    await expect(nights.last(company)).rejects.toThrow(Broken)
  })

  test('is not that of another company, and not its summary', async () => {
    await nights.record(company, monday!)
    expect(await nights.last(CompanyId.parse(`${company}-other`))).toBeUndefined()
    expect(await summariesOf().last(company)).toBeUndefined()
  })
})

const summariesOf = (document = database().document): Summaries => createSummaries({ document, table })
const mail: OutboxMessage = { kind: 'mail', mail: { id: 'summary', mail: 'daily_summary', to: [person] } }
const at = Instant.parse('2026-11-23T07:00:00.000Z')
const record = async (day = monday!, summaries = summariesOf()): Promise<boolean> =>
  await summaries.record(key, day, mail, at)
const mailed = async () =>
  (await createBudgetStore({ document: database().document, table, clock }).undelivered(key)).map(
    ({ sk, message }) => [sk, message],
  )

describe('the daily summary of a company', () => {
  test('is recorded with its mail', async () => {
    expect(await record()).toBe(true)
    expect(await summariesOf().last(company)).toBe(monday)
    expect(await mailed()).toEqual([[`OUTBOX#SUMMARY#${monday!}`, mail]])
  })

  test.each([
    ['of the same day', tuesday, 1],
    ['of an earlier day', monday, 1],
    ['of the next day', wednesday, 2],
  ])('%s is mailed only where it is a later one', async (_, day, mails) => {
    await record(tuesday)
    expect(await record(day)).toBe(mails === 2)
    expect(await mailed()).toHaveLength(mails)
  })

  test('of two at once one is mailed', async () => {
    const both = await Promise.all([record(), record()])
    expect(both.toSorted()).toEqual([false, true])
  })

  test.each([
    ['that meets another is later', 'TransactionConflict', Later, 'Another summary'],
    ['of a busy table is later', 'ThrottlingError', Later, 'too busy'],
    ['whose mail cannot be left is a fault', 'ConditionalCheckFailed', Broken, 'OUTBOX#SUMMARY#'],
  ])('%s', async (_, Code, thrown, words) => {
    const stopped = new TransactionCanceledException({
      message: 'stopped',
      $metadata: {},
      CancellationReasons: [{ Code: 'None' }, { Code }],
    })
    const document = documentWithFaults(database(), async () => await Promise.reject(stopped))
    const came = record(monday, summariesOf(document))
    await expect(came).rejects.toThrow(thrown)
    await expect(came).rejects.toThrow(words)
  })

  test('is made of every company that has a directory, in the order of their ids', async () => {
    const alone = await database().createTable()
    const { document } = database()
    const companies = createCompanyStore({ document, table: alone, clock, objects: memoryObjects() })
    for (const name of ['zenith', 'acme', 'northwind'])
      await companies.putPolicy(CompanyId.parse(name), defaultPolicy, 'system')
    const oneAtATime = documentWithFaults(database(), async ({ name, input, through }) => {
      if (name.startsWith('Query')) Object.assign(input, { Limit: 1 })
      return await through()
    })
    for (const over of [document, oneAtATime]) {
      const listed = await createSummaries({ document: over, table: alone }).companies()
      expect(listed).toEqual(['acme', 'northwind', 'zenith'])
    }
  })
})

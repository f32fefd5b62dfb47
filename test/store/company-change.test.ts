import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { CompanyId, type ProjectId } from '../../shared/domain/ids.ts'
import { refusal } from '../../shared/domain/refusal.ts'
import type { SageCompany } from '../../shared/domain/sage-company.ts'
import type { ChangeAsked } from '../../shared/store/company-change.ts'
import type { CompanyStore } from '../../shared/store/company-store.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { AnsweredBefore, Broken, Later } from '../../shared/store/errors.ts'
import { companyPk, sageFolderKey } from '../../shared/store/keys.ts'
import { createRows } from '../../shared/store/rows.ts'
import { givenSage, givenPerson, id } from '../given.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { projectKey, settableClock } from './budgets.ts'
import { type Call, documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const admin = id('admin')
let table = ''
let store: CompanyStore
let company: CompanyId
let made = 0

const storeOver = (document: DynamoDBDocumentClient): CompanyStore =>
  createCompanyStore({ document, table, clock, objects: memoryObjects(), pause: async () => {} })

beforeAll(async () => {
  table = await database().createTable()
  store = storeOver(database().document)
})

beforeEach(() => {
  made += 1
  company = CompanyId.parse(`c${String(made)}`)
})

const sageOf = (but: Partial<SageCompany> = {}): SageCompany =>
  givenSage('s1', { folder: `ACME ${company}`, ...but })

const answer = { status: 200, body: '{"revision":1}' }
const keyed = (request = 'hash-1'): ChangeAsked => ({
  idempotency: { caller: 'admin', key: 'k1', request, answer },
})
const changedMeanwhile = refusal('CHANGED_MEANWHILE', 'Changed.', 'Look again.')
const overRevision = (seen: number): ChangeAsked => ({
  stale: (revision) => (revision === seen ? undefined : changedMeanwhile),
})
const overFirst = overRevision(0)
const put = async (name: string, asked: ChangeAsked = {}, over = store): Promise<number> =>
  await over.putPerson(company, givenPerson(name), admin, asked)
const historyOf = async () => await store.history(company, { limit: 100 })
const state = async () => [await store.revision(company), (await historyOf()).length]

describe('a change of the set-up', () => {
  test('answers the revision that stands then, also where it changes nothing', async () => {
    expect([await put('ann'), await put('bob'), await put('bob')]).toEqual([1, 2, 2])
  })

  test('is told in the history with the request that asked for it', async () => {
    await put('ann', { request: 'r1' })
    await put('bob')
    expect((await historyOf()).map(({ event, request }) => [event, request])).toEqual([
      ['person_added', 'r1'],
      ['person_added', undefined],
    ])
  })

  test('that stands already is none', async () => {
    for (const _ of [1, 2]) await store.putPolicy(company, defaultPolicy, admin)
    for (const _ of [1, 2]) await store.putSageCompany(company, sageOf(), admin)
    expect(await state()).toEqual([2, 2])
  })

  test('is read page by page in its history', async () => {
    for (const name of ['ann', 'bob', 'cleo']) await put(name)
    const page = await store.history(company, { after: 1, limit: 1 })
    expect(page.map(({ sequence }) => sequence)).toEqual([2])
  })

  test('of more records than one transaction takes is refused', async () => {
    const subjects = Array.from({ length: 98 }, (_, i) => `google#${String(i)}`)
    const many = store.putPerson(company, givenPerson('ann', { subjects }), admin)
    await expect(many).rejects.toMatchObject({ refusal: { code: 'TOO_LARGE' } })
    expect(await store.putPerson(company, givenPerson('ann', { subjects: subjects.slice(1) }), admin)).toBe(1)
  })
})

describe('a repeated change', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['that would change nothing', async () => await put('ann', keyed())],
    ['whose revision it ended itself', async () => await put('ann', { ...keyed(), ...overFirst })],
    ['that would change something else now', async () => await put('bob', keyed())],
  ])('%s is answered as before', async (_, again) => {
    await put('ann', keyed())
    const before = await state()
    await expect(again()).rejects.toMatchObject({ name: 'AnsweredBefore', answer })
    expect(await state()).toEqual(before)
  })

  test.each([
    ['that would change nothing', 'ann', {}],
    ['over another revision', 'ann', overFirst],
    ['of something else', 'bob', {}],
  ])('under the key of another request is refused, %s', async (_, name, asked) => {
    await put('ann', keyed())
    const reused = put(name, { ...keyed('hash-2'), ...asked })
    await expect(reused).rejects.toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  test('that was refused the first time is decided again', async () => {
    await put('ann')
    const late = async () => await put('bob', { ...keyed(), ...overFirst })
    await expect(late()).rejects.toMatchObject({ refusal: { code: 'CHANGED_MEANWHILE' } })
    await expect(late()).rejects.toMatchObject({ refusal: { code: 'CHANGED_MEANWHILE' } })
    expect(await put('bob', keyed())).toBe(2)
  })

  test('whose answer was lost on the way is answered when it comes again', async () => {
    const hidden = documentWithFaults(database(), async (call) => {
      const output = await call.through()
      if (call.name.startsWith('TransactWrite'))
        throw Object.assign(new Error('gone'), { name: 'TimeoutError' })
      return output
    })
    await expect(put('ann', keyed(), storeOver(hidden))).rejects.toThrow(Later)
    await expect(put('ann', keyed())).rejects.toThrow(AnsweredBefore)
  })
})

/** A store whose first `times` transactions are stopped so, each reason for the member at its place. */
function stopping(times: number, ...codes: readonly string[]): { over: CompanyStore; tried: () => number } {
  let tried = 0
  const over = storeOver(
    documentWithFaults(database(), async (call: Call) => {
      if (!call.name.startsWith('TransactWrite')) return await call.through()
      tried += 1
      if (tried > times) return await call.through()
      throw new TransactionCanceledException({
        message: 'stopped',
        $metadata: {},
        CancellationReasons: codes.map((Code) => ({ Code })),
      })
    }),
  )
  return { over, tried: () => tried }
}

describe('a change that another one meets', () => {
  test.each([
    ['a conflict', ['TransactionConflict']],
    ['a head that moved on', ['ConditionalCheckFailed']],
    ['a head that moved on, and more', ['ConditionalCheckFailed', 'None', 'ConditionalCheckFailed']],
  ])('%s: is decided again', async (_, codes) => {
    expect(await put('ann', {}, stopping(3, ...codes).over)).toBe(1)
  })

  test('loses to it over a set-up that stood before as well', async () => {
    await put('ann')
    const both = await Promise.allSettled(
      ['bob', 'cleo'].map(async (name) => {
        const idempotency = { caller: 'admin', key: name, request: name, answer }
        return await put(name, { ...overRevision(1), idempotency })
      }),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const lost = both.find(({ status }) => status === 'rejected')
    expect(lost).toMatchObject({ reason: { refusal: { code: 'CHANGED_MEANWHILE' } } })
    expect(await state()).toEqual([2, 2])
  })

  test('every time is later, after twelve tries', async () => {
    const { over, tried } = stopping(Number.POSITIVE_INFINITY, 'TransactionConflict')
    const never = put('ann', {}, over)
    await expect(never).rejects.toThrow(Later)
    await expect(never).rejects.toThrow(`${company} were first 12 times`)
    expect(tried()).toBe(12)
  })

  test('is later when the table is too busy', async () => {
    await expect(put('ann', {}, stopping(1, 'ThrottlingError').over)).rejects.toThrow(Later)
  })

  test('is a fault where nobody knows what stopped it', async () => {
    for (const change of [
      async (over: CompanyStore) => await put('ann', {}, over),
      async (over: CompanyStore) => await over.putPolicy(company, defaultPolicy, admin),
      async (over: CompanyStore) => await over.putSageCompany(company, sageOf(), admin),
    ])
      await expect(change(stopping(1, 'None', 'ConditionalCheckFailed').over)).rejects.toThrow(Broken)
  })

  test('is a fault over a head that somebody altered', async () => {
    await rows().putMany([{ pk: companyPk(company), sk: 'COMPANY', revision: 'one', sequence: 1 }])
    await expect(put('ann')).rejects.toThrow('COMPANY cannot be read')
  })
})

const step = { name: 'Accounting', approvers: [], accepts: 1 }
const policyFor = async (project: ProjectId, expiry: string): Promise<number> =>
  await store.putProjectPolicy({ company, project }, { steps: [], expiry }, admin)

describe('the policy of a project', () => {
  const { project } = projectKey('tower')

  test('is the company’s until it narrows it', async () => {
    expect(await store.projectPolicy(company, project)).toEqual({ steps: [] })
    expect(await store.putProjectPolicy({ company, project }, { steps: [] }, admin)).toBe(0)
    expect(await policyFor(project, 'P7D')).toBe(1)
    expect(await store.projectPolicy(company, project)).toEqual({ steps: [], expiry: 'P7D' })
    expect(await policyFor(project, 'P7D')).toBe(1)
  })

  test('only narrows the company’s, or the default where there is none', async () => {
    const wider = { refusal: { code: 'INVALID_INPUT', places: [{ pointer: '/expiry' }] } }
    await expect(policyFor(project, 'P31D')).rejects.toMatchObject(wider)
    await store.putPolicy(company, { ...defaultPolicy, expiry: 'P14D' }, admin)
    await expect(policyFor(project, 'P15D')).rejects.toMatchObject(wider)
    expect(await policyFor(project, 'P14D')).toBe(2)
  })

  test('stops a policy of the company over which it would be wider', async () => {
    await policyFor(projectKey('bridge').project, 'P7D')
    await policyFor(project, 'P20D')
    const shorter = store.putPolicy(company, { ...defaultPolicy, expiry: 'P14D' }, admin)
    await expect(shorter).rejects.toMatchObject({
      refusal: { code: 'INVALID_INPUT', places: [{ pointer: '/steps', code: 'NOT_WIDER' }] },
    })
    await expect(shorter).rejects.toThrow(/ tower /)
    expect(await store.putPolicy(company, { ...defaultPolicy, expiry: 'P20D' }, admin)).toBe(3)
  })

  test('is told with its amounts as decimals', async () => {
    const from = { ...step, from_amount: cents(100) }
    const narrower = { steps: [{ name: 'Accounting', from_amount: cents(50) }], code_from_amount: cents(700) }
    await store.putPolicy(company, { ...defaultPolicy, steps: [from] }, admin)
    await store.putProjectPolicy({ company, project }, narrower, admin)
    await policyFor(project, 'P7D')
    const told = {
      steps: [{ name: 'Accounting', from_amount: '0.50' }],
      code_from_amount: '7.00',
    }
    expect((await historyOf()).slice(1).map(({ event, detail }) => [event, detail])).toEqual([
      ['project_policy_changed', { project: 'tower', before: null, after: told }],
      ['project_policy_changed', { project: 'tower', before: told, after: { steps: [], expiry: 'P7D' } }],
    ])
  })
})

const having = async (name: string, ...subjects: readonly string[]) =>
  await store.putPerson(company, givenPerson(name, { subjects: [...subjects] }), admin)
const rows = () => createRows({ document: database().document, table })

describe('the sign-ins of a person', () => {
  test('may be kept while others come and go', async () => {
    await having('ann', 'a', 'b')
    await having('ann', 'b', 'c')
    await having('bob', 'a')
    const found = await Promise.all(['a', 'b', 'c'].map((name) => store.personOfSubject(company, name)))
    expect(found.map((person) => person?.id)).toEqual(['bob', 'ann', 'ann'])
  })

  test('name each one once, however often it is given', async () => {
    expect(await having('ann', 'a', 'a')).toBe(1)
  })

  test('that another person has by now are not taken off that one', async () => {
    await having('ann', 'a')
    await rows().putMany([{ pk: companyPk(company), sk: 'SUBJECT#a', person: 'bob' }])
    await expect(having('ann')).rejects.toThrow(Broken)
    expect((await rows().get({ pk: companyPk(company), sk: 'SUBJECT#a' }))?.['person']).toBe('bob')
  })

  test('that another person has are named as what is wrong', async () => {
    await having('ann', 'a')
    await expect(having('bob', 'a')).rejects.toMatchObject({
      refusal: { code: 'INVALID_INPUT', places: [{ pointer: '/subjects', code: 'SUBJECT_TAKEN' }] },
    })
  })

  test('name nobody where the row says none', async () => {
    await rows().putMany([{ pk: companyPk(company), sk: 'SUBJECT#a', person: 'no # id' }])
    await expect(store.personOfSubject(company, 'a')).rejects.toThrow(Broken)
  })
})

describe('the data folder of a Sage company that moves', () => {
  test('is not given up where another has it by now', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    const key = sageFolderKey(sageOf().folder)
    await rows().putMany([{ ...key, company: 'other', sage_company: 's1' }])
    const moved = store.putSageCompany(company, sageOf({ folder: `NEW ${company}` }), admin)
    await expect(moved).rejects.toThrow(Broken)
    expect((await rows().get(key))?.['company']).toBe('other')
  })
})

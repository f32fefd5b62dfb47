import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../shared/domain/approval.ts'
import { cents } from '../../shared/domain/cents.ts'
import { CompanyId, Instant, PersonId, SageCompanyId, Sha256 } from '../../shared/domain/ids.ts'
import { Person } from '../../shared/domain/person.ts'
import { refusal } from '../../shared/domain/refusal.ts'
import { type JobTotals, type MasterData, type SageCompany } from '../../shared/domain/sage-company.ts'
import { companyPk, companySk, jobKey, uploadsOfDay } from '../../shared/store/keys.ts'
import { rowBody } from '../../shared/store/row-body.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import type { CompanyStore, Link } from '../../shared/store/company-store.ts'
import { canonicalJson, referenceHash } from '../../shared/store/content-hash.ts'
import { Broken } from '../../shared/store/errors.ts'
import { verifyHistory } from '../../shared/store/history.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { committed, newBudget, nextRevision, projectKey, settableClock } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'
import { givenSage } from '../given.ts'

const database = useLocalDatabase()
const objects = memoryObjects()
const clock = settableClock()
const admin = PersonId.parse('admin')
const s1 = SageCompanyId.parse('s1')
let table = ''
let store: CompanyStore
let company: CompanyId
let made = 0

beforeAll(async () => {
  table = await database().createTable()
  store = createCompanyStore({ document: database().document, table, clock, objects })
})

beforeEach(() => {
  made += 1
  company = CompanyId.parse(`c${String(made)}`)
})

const personOf = (id: string, more: Partial<Person> = {}): Person =>
  Person.parse({
    id,
    name: id,
    email: `${id}@example.com`,
    subjects: [`sub-${id}`],
    roles: ['estimator'],
    active: true,
    ...more,
  })

const sageOf = (more: Partial<SageCompany> = {}): SageCompany =>
  givenSage(s1, { folder: `ACME ${company}`, ...more })

const historyOf = async () => await store.history(company, { limit: 100 })

describe('the directory', () => {
  test('keeps a person, found by id and by each sign-in', async () => {
    const mia = personOf('mia', { subjects: ['google#1', 'okta|2'], limit: cents(500_000) })
    await store.putPerson(company, mia, admin)
    expect([
      await store.person(company, mia.id),
      await store.personOfSubject(company, 'google#1'),
      await store.personOfSubject(company, 'okta|2'),
    ]).toMatchObject([mia, mia, mia])
  })

  test('remembers when a role was granted and by whom, whatever else is changed later', async () => {
    await store.putPerson(company, personOf('mia', { roles: ['viewer'] }), admin)
    const first = (await store.person(company, PersonId.parse('mia')))?.granted
    await store.putPerson(company, personOf('mia', { roles: ['viewer'], name: 'Mia B.' }), 'system')
    expect(first).toMatchObject({ viewer: { by: admin } })
    expect((await store.person(company, PersonId.parse('mia')))?.granted).toEqual(first)
  })

  test('writes nothing where a person of an earlier release is saved as it stands', async () => {
    const mia = personOf('mia')
    const row = { pk: companyPk(company), sk: companySk.person(mia.id), ...rowBody(mia) }
    await database().document.send(new PutCommand({ TableName: table, Item: row }))
    await store.putPerson(company, mia, admin)
    expect(await historyOf()).toEqual([])
  })

  test('lists everybody, and nothing but people', async () => {
    await store.putPerson(company, personOf('mia'), admin)
    await store.putPerson(company, personOf('tom'), admin)
    await store.putPolicy(company, defaultPolicy, admin)
    expect((await store.people(company)).map(({ id }) => id)).toEqual(['mia', 'tom'])
  })

  test('a sign-in is one person', async () => {
    await store.putPerson(company, personOf('mia', { subjects: ['shared'] }), admin)
    const second = store.putPerson(company, personOf('tom', { subjects: ['shared'] }), admin)
    await expect(second).rejects.toMatchObject({ refusal: { code: 'INVALID_INPUT' } })
    expect(await store.person(company, PersonId.parse('tom'))).toBeUndefined()
  })

  test('a sign-in taken off one person is free for another', async () => {
    await store.putPerson(company, personOf('mia', { subjects: ['shared', 'own'] }), admin)
    await store.putPerson(company, personOf('mia', { subjects: ['own'] }), admin)
    await store.putPerson(company, personOf('tom', { subjects: ['shared'] }), admin)
    expect((await store.personOfSubject(company, 'shared'))?.id).toBe('tom')
  })

  test('the same sign-in in another company is another person', async () => {
    await store.putPerson(company, personOf('mia', { subjects: ['shared'] }), admin)
    const other = CompanyId.parse(`${company}-other`)
    await store.putPerson(other, personOf('tom', { subjects: ['shared'] }), admin)
    expect((await store.personOfSubject(company, 'shared'))?.id).toBe('mia')
  })
})

describe('the company’s revision', () => {
  const overFirst = {
    stale: (revision: number) => (revision === 0 ? undefined : refusal('CHANGED_MEANWHILE', 'Changed.', '')),
  }

  test('begins at nought and grows by one with each change', async () => {
    expect(await store.revision(company)).toBe(0)
    await store.putPerson(company, personOf('mia'), admin)
    await store.putPolicy(company, defaultPolicy, admin)
    expect(await store.revision(company)).toBe(2)
  })

  test('stays when what is written stands already', async () => {
    await store.putPerson(company, personOf('mia'), admin)
    await store.putPerson(company, personOf('mia'), admin)
    expect([await store.revision(company), (await historyOf()).length]).toEqual([1, 1])
  })

  test('another than the one seen refuses the change', async () => {
    await store.putPerson(company, personOf('mia'), admin, overFirst)
    const late = store.putPerson(company, personOf('tom'), admin, overFirst)
    await expect(late).rejects.toMatchObject({ refusal: { code: 'CHANGED_MEANWHILE' } })
  })

  test('lets one of two writers who saw the same go through', async () => {
    const writers = await Promise.allSettled([
      store.putPerson(company, personOf('mia'), admin, overFirst),
      store.putPerson(company, personOf('tom'), admin, overFirst),
    ])
    expect(writers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('without one, writers go one after another', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `p${String(i)}`)
    await Promise.all(names.map(async (name) => await store.putPerson(company, personOf(name), admin)))
    expect([await store.revision(company), (await store.people(company)).length]).toEqual([10, 10])
  })
})

describe('the company’s history', () => {
  test('holds who changed what, from what to what, and can be verified', async () => {
    await store.putPerson(company, personOf('mia'), admin)
    await store.putPerson(company, personOf('mia', { active: false }), admin)
    const rows = await historyOf()
    expect(verifyHistory(rows)).toBeUndefined()
    expect(rows[1]).toMatchObject({
      event: 'person_changed',
      by: admin,
      detail: { before: { active: true }, after: { active: false } },
    })
  })

  test('tells amounts as decimals', async () => {
    await store.putPerson(company, personOf('mia', { limit: cents(500_000) }), admin)
    const steps = [{ name: 'Board', approvers: [], accepts: 1, from_amount: cents(100) }]
    await store.putPolicy(company, { ...defaultPolicy, steps }, admin)
    await store.putSageCompany(company, sageOf(), admin)
    expect((await historyOf()).map(({ detail }) => detail['after'])).toMatchObject([
      { limit: '5000.00' },
      { steps: [{ from_amount: '1.00' }] },
      { limits: { amount: '99999999.99' } },
    ])
  })

  test('tells of policy, Sage set-up and master data as well', async () => {
    await store.putPolicy(company, defaultPolicy, admin)
    await store.putSageCompany(company, sageOf(), admin)
    await store.putMasterData(company, s1, master('2026-11-01T00:00:00.000Z'), admin)
    expect((await historyOf()).map(({ event }) => event)).toEqual([
      'policy_changed',
      'sage_company_added',
      'master_data_stored',
    ])
  })
})

describe('the policy', () => {
  test('is the default until one is set', async () => {
    expect(await store.policy(company)).toEqual(defaultPolicy)
  })

  test('is the one that was set', async () => {
    for (const expiry of ['P7D', 'P14D']) {
      await store.putPolicy(company, { ...defaultPolicy, expiry }, admin)
      expect(await store.policy(company)).toEqual({ ...defaultPolicy, expiry })
    }
  })
})

describe('a Sage company', () => {
  test('is kept and listed', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    expect([await store.sageCompany(company, s1), await store.sageCompanies(company)]).toEqual([
      sageOf(),
      [sageOf()],
    ])
  })

  test('has a data folder that is no other tenant’s, and the refusal does not say whose', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    const folder = ` acme ${company} `
    const taken = store.putSageCompany(CompanyId.parse('intruder'), sageOf({ folder }), admin)
    await expect(taken).rejects.toMatchObject({ refusal: { code: 'SAGE_FOLDER_TAKEN' } })
    await expect(taken).rejects.not.toThrow(company)
  })

  test('has a data folder that is not another’s of the same tenant', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    const second = store.putSageCompany(company, sageOf({ id: SageCompanyId.parse('s2') }), admin)
    await expect(second).rejects.toMatchObject({ refusal: { code: 'SAGE_FOLDER_TAKEN' } })
  })

  test('that moves leaves its old folder free', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    await store.putSageCompany(company, sageOf({ folder: `NEW ${company}` }), admin)
    const other = CompanyId.parse(`${company}-other`)
    await store.putSageCompany(other, sageOf(), admin)
    expect((await store.sageCompany(other, s1))?.folder).toBe(`ACME ${company}`)
  })

  test('may be written again with its own folder', async () => {
    await store.putSageCompany(company, sageOf(), admin)
    await store.putSageCompany(company, sageOf({ name: 'Acme' }), admin)
    expect((await store.sageCompany(company, s1))?.name).toBe('Acme')
  })
})

const master = (as_of: string): MasterData => ({
  as_of: Instant.parse(as_of),
  jobs: [{ job: '1001', description: 'Tower', closed: false, original_finalized: false }],
  cost_codes: [],
  categories: [],
  extras: [],
})

const totals = (as_of: string, amount: number): JobTotals => ({
  job: '10#01',
  as_of: Instant.parse(as_of),
  totals: [{ extra: '', cost_code: '03-3000', category: 'L', original: cents(amount), changes: cents(0) }],
})

const hashOf = (of: JobTotals) => referenceHash(canonicalJson(of))

describe('what Sage knows', () => {
  test('master data is kept, with its hash', async () => {
    const data = master('2026-11-01T00:00:00.000Z')
    await store.putMasterData(company, s1, data, admin)
    const found = await store.masterData(company, s1)
    expect(found?.data).toEqual(data)
    expect(Sha256.safeParse(found?.sha256).success).toBe(true)
  })

  test('an older reading of master data replaces nothing, and is told so', async () => {
    const [older, newer] = [master('2026-11-02T00:00:00Z'), master('2026-11-02T00:00:00.001Z')]
    const put = async (data: MasterData) => await store.putMasterData(company, s1, data, admin)
    expect([await put(newer), await put(older), await put(newer)]).toEqual([true, false, true])
    expect((await store.masterData(company, s1))?.data).toEqual(newer)
  })

  test('the same reading again changes nothing', async () => {
    const data = master('2026-11-01T00:00:00.000Z')
    for (const _ of [1, 2]) expect(await store.putMasterData(company, s1, data, admin, 'r1')).toBe(true)
    expect((await historyOf()).map(({ request }) => request)).toEqual(['r1'])
  })

  test('lists that were made from others replace those, and nothing else', async () => {
    const [first, second] = [master('2026-11-01T00:00:00.000Z'), master('2026-11-02T00:00:00.000Z')]
    const put = async (data: MasterData, over: Sha256 | null) =>
      await store.putMasterData(company, s1, data, admin, undefined, over)
    const stale = { refusal: { code: 'CHANGED_MEANWHILE' } }
    await expect(put(first, referenceHash('other'))).rejects.toMatchObject(stale)
    expect(await put(first, null)).toBe(true)
    await expect(put(second, null)).rejects.toMatchObject(stale)
    expect(await put(second, (await store.masterData(company, s1))!.sha256)).toBe(true)
    expect((await store.masterData(company, s1))?.data).toEqual(second)
  })

  test('a pointer that somebody altered is a fault', async () => {
    const row = { pk: companyPk(company), sk: companySk.masterData(s1), sha256: 'x' }
    await database().document.send(new PutCommand({ TableName: table, Item: row }))
    await expect(store.masterData(company, s1)).rejects.toThrow('cannot be read')
  })

  test('a reading leaves the revision of the set-up, and stands in its history', async () => {
    await store.putMasterData(company, s1, master('2026-11-01T00:00:00.000Z'), admin)
    expect(await store.revision(company)).toBe(0)
    const revision = await store.putSageCompany(company, sageOf(), admin)
    await store.putMasterData(company, s1, master('2026-11-02T00:00:00.000Z'), admin)
    expect([revision, await store.revision(company)]).toEqual([1, 1])
    expect((await store.history(company, { limit: 10 })).map(({ event }) => event)).toEqual([
      'master_data_stored',
      'sage_company_added',
      'master_data_stored',
    ])
  })

  test('there is none before any was stored', async () => {
    expect([await store.masterData(company, s1), await store.jobTotals(company, s1, '1')]).toEqual([
      undefined,
      undefined,
    ])
  })

  test('totals of a job are those last read', async () => {
    await store.putJobTotals(company, s1, totals('2026-11-01T00:00:00.000Z', 1))
    await store.putJobTotals(company, s1, totals('2026-11-02T00:00:00.000Z', 2))
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(totals('2026-11-02T00:00:00.000Z', 2))
  })

  test('an older reading that arrives late replaces nothing', async () => {
    await store.putJobTotals(company, s1, totals('2026-11-02T00:00:00.000Z', 2))
    await store.putJobTotals(company, s1, totals('2026-11-01T00:00:00.000Z', 1))
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(totals('2026-11-02T00:00:00.000Z', 2))
  })

  test('uploaded totals replace what they were compared with, and nothing that came after it', async () => {
    const put = async (as_of: string, amount: number, over: JobTotals | undefined) =>
      await store.uploadJobTotals(company, s1, totals(as_of, amount), over, admin)
    const [first, read] = [totals('2026-11-01T00:00:00.000Z', 1), totals('2026-11-02T00:00:00.000Z', 2)]
    expect(await put('2026-11-01T00:00:00.000Z', 1, undefined)).toBe(true)
    await store.putJobTotals(company, s1, read)
    for (const seen of [undefined, first])
      for (const as_of of ['2026-11-03T00:00:00.000Z', '2026-11-01T12:00:00.000Z'])
        await expect(put(as_of, 3, seen)).rejects.toMatchObject({ refusal: { code: 'CHANGED_MEANWHILE' } })
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(read)
    expect(await put('2026-11-03T00:00:00.000Z', 3, read)).toBe(true)
  })

  test('an upload stands in the history, and leaves the revision', async () => {
    const over = totals('2026-11-01T00:00:00.000Z', 1)
    const upload = totals('2026-11-01T00:00:00.000Z', 2)
    await store.putJobTotals(company, s1, over)
    for (const seen of [over, upload])
      expect(await store.uploadJobTotals(company, s1, upload, seen, admin, 'r1')).toBe(true)
    const { as_of } = upload
    expect(await historyOf()).toMatchObject([
      {
        event: 'job_totals_uploaded',
        by: admin,
        request: 'r1',
        detail: {
          sage_company: 's1',
          job: '10#01',
          before: { sha256: hashOf(over), as_of },
          after: { sha256: hashOf(upload), as_of },
        },
      },
    ])
    expect(await store.revision(company)).toBe(0)
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(upload)
  })

  test('an upload that is older than what it was compared with replaces nothing, and is told so', async () => {
    const read = totals('2026-11-02T00:00:00.000Z', 2)
    await store.putJobTotals(company, s1, read)
    const older = totals('2026-11-01T00:00:00.000Z', 1)
    expect(await store.uploadJobTotals(company, s1, older, read, admin)).toBe(false)
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(read)
    expect(await historyOf()).toEqual([])
  })

  test.each([
    ['the first', undefined],
    ['a later one', totals('2026-11-01T00:00:00.000Z', 1)],
  ])('an upload does not replace a reading that comes while it is written: %s', async (_, seen) => {
    if (seen) await store.putJobTotals(company, s1, seen)
    const read = totals('2026-11-04T00:00:00.000Z', 4)
    const document = documentWithFaults(database(), async ({ name, through }) => {
      if (name.startsWith('TransactWrite')) await store.putJobTotals(company, s1, read)
      return await through()
    })
    const racing = createCompanyStore({ document, table, clock, objects })
    const upload = racing.uploadJobTotals(company, s1, totals('2026-11-03T00:00:00.000Z', 3), seen, admin)
    await expect(upload).rejects.toMatchObject({ refusal: { code: 'CHANGED_MEANWHILE' } })
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(read)
  })

  test('when totals were read last is told by job, without them', async () => {
    const [first, second] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z']
    await store.putJobTotals(company, s1, totals(first, 1))
    await store.putJobTotals(company, s1, { ...totals(second, 1), job: '7' })
    await store.putJobTotals(company, SageCompanyId.parse('s2'), { ...totals(second, 1), job: '8' })
    expect([...(await store.totalsRead(company, s1))]).toEqual([
      ['10#01', first],
      ['7', second],
    ])
    const at = async (job: string) => await store.totalsReadAt(company, s1, job)
    expect([await at('10#01'), await at('7'), await at('8')]).toEqual([first, second, undefined])
  })

  test('a reading is later by its instant, however that is written', async () => {
    await store.putJobTotals(company, s1, totals('2026-11-02T00:00:00Z', 1))
    await store.putJobTotals(company, s1, totals('2026-11-02T00:00:00.500Z', 2))
    expect(await store.jobTotals(company, s1, '10#01')).toEqual(totals('2026-11-02T00:00:00.500Z', 2))
  })
})

const link = (): Link => ({
  kind: 'review',
  company,
  project: 'tower',
  person: PersonId.parse('mia'),
  approval: { version: 1, send: 1, step: 1 },
  made_at: clock.now(),
})

describe('links and jobs', () => {
  test('a reference opens what it was made for; only its hash is stored', async () => {
    const hash = referenceHash(`ref-${company}`)
    await store.putLink(hash, link())
    expect(await store.link(hash)).toEqual(link())
  })

  test('an unknown reference opens nothing', async () => {
    expect(await store.link(referenceHash('unknown'))).toBeUndefined()
  })

  test('a link may be stored again, by a step that repeats', async () => {
    const hash = referenceHash(`ref-${company}`)
    await store.putLink(hash, link())
    await store.putLink(hash, { ...link(), made_at: Instant.parse('2026-12-01T00:00:00.000Z') })
    expect((await store.link(hash))?.made_at).toBe(clock.now())
  })

  test('a link is never turned to something else', async () => {
    const hash = referenceHash(`ref-${company}`)
    await store.putLink(hash, link())
    await expect(store.putLink(hash, { ...link(), person: PersonId.parse('tom') })).rejects.toMatchObject({
      name: 'Broken.Store',
      message: 'This reference opens something else already',
    })
    expect(await store.link(hash)).toEqual(link())
  })

  test('the project of a job is the one that took it', async () => {
    const budgets = createBudgetStore({ document: database().document, table, clock })
    const key = projectKey('tower', company)
    const head = await newBudget(budgets, key, clock)
    const job_link = { take: { sage_company: 's1', job: '10#01' } }
    await committed(budgets, key, head, nextRevision(head, { job_link }))
    expect([
      await store.projectOfJob(company, s1, '10#01'),
      await store.projectOfJob(company, s1, '2'),
    ]).toEqual(['tower', undefined])
  })

  test('the project of a job is one, or the row was altered', async () => {
    const row = { ...jobKey(company, 's1', '10#01'), project: 'no # id' }
    await database().document.send(new PutCommand({ TableName: table, Item: row }))
    await expect(store.projectOfJob(company, s1, '10#01')).rejects.toThrow(Broken)
  })
})

test('uploads are counted by company', async () => {
  const row = { ...uploadsOfDay(company, clock.now().slice(0, 10)), spent: 499 }
  await database().document.send(new PutCommand({ TableName: table, Item: row }))
  expect(await store.countUpload(company)).toBeUndefined()
  expect(await store.countUpload(company)).toMatchObject({ code: 'TOO_MANY_TODAY' })
})

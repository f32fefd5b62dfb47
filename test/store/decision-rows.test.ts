import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BudgetHead, BudgetVersion } from '../../shared/domain/budget-head.ts'
import { noCents } from '../../shared/domain/cents.ts'
import { CompanyId, Instant, PersonId, type ProjectKey, SageCompanyId } from '../../shared/domain/ids.ts'
import type { SageCompany } from '../../shared/domain/sage-company.ts'
import type { BudgetStore, DecisionAsked } from '../../shared/store/budget-store.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { CompanyStore } from '../../shared/store/company-store.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { projectPk, projectSk } from '../../shared/store/keys.ts'
import { createRows } from '../../shared/store/rows.ts'
import { givenSage, givenApproval, givenPerson, hash, id } from '../given.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { aHash, changed, committed, newBudget, projectKey, settableClock } from './budgets.ts'
import { recordedCalls } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const [east, west] = ['east', 'west'].map((name) => SageCompanyId.parse(name)) as [
  SageCompanyId,
  SageCompanyId,
]
const [ann, bob] = [id('ann'), id('bob')]
const step = { version: 1, send: 1, step: 1 }
const approval = givenApproval(step)
const code = { sha256: hash('9'), until: Instant.parse('2026-11-22T19:48:31.500Z') }
let table = ''
let store: BudgetStore
let companies: CompanyStore
let key: ProjectKey
let head: BudgetHead
let made = 0

const version: BudgetVersion = {
  number: 1,
  hash: aHash,
  lines: 0,
  original: noCents,
  changes: noCents,
  by: ann,
  at: clock.now(),
  why: 'lock',
}

const sageOf = (of: SageCompanyId): SageCompany => givenSage(of, { folder: `${of} of ${key.company}` })

beforeAll(async () => {
  const { document } = database()
  table = await database().createTable()
  store = createBudgetStore({ document, table, clock })
  companies = createCompanyStore({ document, table, clock, objects: memoryObjects() })
})

beforeEach(async () => {
  made += 1
  key = projectKey('tower', `c${String(made)}`)
  const company = CompanyId.parse(key.company)
  const empty = await newBudget(store, key, clock)
  const project = {
    project: key.project,
    name: 'Tower',
    job: { sage_company: east, number: '1001' },
    settings: { one_sided_changes: false },
    created_by: ann,
    created_at: clock.now(),
  }
  head = await committed(
    store,
    key,
    empty,
    changed(empty, { version: 1, send: 1 }, { project, version, approvals: [approval] }),
  )
  for (const name of ['ann', 'bob']) await companies.putPerson(company, givenPerson(name), 'system')
  for (const sage of [east, west]) await companies.putSageCompany(company, sageOf(sage), 'system')
  await store.putCode(key, step, ann, code)
})

const read = async (but: Partial<DecisionAsked> = {}, of = key) =>
  await store.decisionRows(of, { approval: step, people: [], ...but })
const idsOf = (people: readonly { readonly id: PersonId }[]) => people.map((person) => person.id)

describe('what a decision is made over', () => {
  test('is read in one call', async () => {
    const { document, calls } = recordedCalls(database())
    const counted = createBudgetStore({ document, table, clock })
    const found = await counted.decisionRows(key, {
      approval: step,
      people: [ann, bob],
      sage_company: east,
      code_of: ann,
    })
    expect(calls).toHaveLength(1)
    expect({ ...found, people: idsOf(found.people) }).toMatchObject({
      head,
      approval,
      version,
      project: { name: 'Tower' },
      people: ['ann', 'bob'],
      code,
      sage: sageOf(east),
    })
  })

  test('is nothing more than what was asked for', async () => {
    expect(await read()).toMatchObject({ head, people: [], code: undefined, sage: undefined })
  })

  test('leaves out who is not in the directory', async () => {
    const found = await read({ people: [id('nobody'), bob], sage_company: east, code_of: ann })
    expect([idsOf(found.people), found.code, found.sage?.id]).toEqual([['bob'], code, east])
  })

  test('holds the code of the person who typed it, for this step', async () => {
    expect((await read({ people: [ann], code_of: bob })).code).toBeUndefined()
    expect((await read({ approval: { ...step, step: 2 }, code_of: ann })).code).toBeUndefined()
  })

  test('holds the newest code only', async () => {
    const newer = { ...code, sha256: hash('8') }
    await store.putCode(key, step, ann, newer)
    expect((await read({ code_of: ann })).code).toEqual(newer)
  })

  test('holds no Sage company but the one of the project’s job', async () => {
    expect((await read({ sage_company: west })).sage).toBeUndefined()
  })

  test('holds no Sage company of a project without a job, whatever is asked for', async () => {
    const [alone, made_by] = [projectKey('alone', key.company), { created_by: ann, created_at: clock.now() }]
    const project = { project: alone.project, name: 'x', settings: { one_sided_changes: false }, ...made_by }
    const empty = await newBudget(store, alone, clock)
    await committed(store, alone, empty, changed(empty, {}, { project }))
    await store.putCode(alone, step, ann, code)
    expect(await read({ sage_company: east }, alone)).toMatchObject({ project, sage: undefined })
    expect(await read({ code_of: ann }, alone)).toMatchObject({ code, sage: undefined })
  })

  test('is nothing where there is no such project', async () => {
    const found = await read({ sage_company: east }, projectKey('nowhere', key.company))
    expect(found).toEqual({
      head: undefined,
      approval: undefined,
      version: undefined,
      project: undefined,
      people: [],
      code: undefined,
      sage: undefined,
    })
  })

  test('is read in one call however many are asked for', async () => {
    const { document, calls } = recordedCalls(database())
    const counted = createBudgetStore({ document, table, clock })
    const people = Array.from({ length: 120 }, (_, i) => id(`p${String(i)}`))
      .with(93, ann)
      .with(94, bob)
    const found = await counted.decisionRows(key, {
      approval: step,
      people,
      sage_company: east,
      code_of: ann,
    })
    expect([calls.length, idsOf(found.people), found.code, found.sage?.id]).toEqual([1, ['ann'], code, east])
  })
})

test('a code is deleted by the database after its end', async () => {
  const rows = createRows({ document: database().document, table })
  const row = await rows.get({ pk: projectPk(key), sk: projectSk.code(step, ann) })
  expect(row?.['expires']).toBe(Date.parse('2026-11-22T19:48:32.000Z') / 1000)
})

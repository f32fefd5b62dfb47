import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Approval } from '../../shared/domain/approval.ts'
import type { BudgetChange } from '../../shared/domain/budget-change.ts'
import type { BudgetHead, BudgetVersion } from '../../shared/domain/budget-head.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import type { BudgetExport } from '../../shared/domain/export.ts'
import { Day, type ProjectKey, SageCompanyId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore, Commit, IdempotencyKey } from '../../shared/store/budget-store.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { Broken, Later } from '../../shared/store/errors.ts'
import { verifyHistory } from '../../shared/store/history.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { companyPk, companySk, idempotencyKey, projectPk, projectSk } from '../../shared/store/keys.ts'
import { OutboxRow } from '../../shared/store/outbox.ts'
import { rowBody } from '../../shared/store/row-body.ts'
import { createRows } from '../../shared/store/rows.ts'
import { givenPart, givenPerson } from '../given.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { broken } from './broken.ts'
import {
  aHash,
  changed,
  committed,
  newBudget,
  nextRevision,
  person,
  projectKey,
  settableClock,
} from './budgets.ts'
import { documentWithFaults, recordedCalls } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
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
  head = await newBudget(store, key, clock)
})

const row = async (sk: string): Promise<Record<string, unknown> | undefined> =>
  (await database().document.send(new GetCommand({ TableName: table, Key: { pk: projectPk(key), sk } }))).Item

const versionOf = (number: number): BudgetVersion => ({
  number,
  hash: aHash,
  lines: 0,
  original: noCents,
  changes: noCents,
  by: person,
  at: clock.now(),
  why: 'lock',
})

const exported: BudgetExport = {
  id: 'tower-e1',
  number: 1,
  version: 1,
  version_hash: aHash,
  export_hash: aHash,
  first: true,
  sage_company: SageCompanyId.parse('s1'),
  job: '1001',
  create_job: false,
  entry_date: Day.parse('2026-11-22'),
  accepted_by: [person],
  attempt: 0,
  parts: 1,
  current_part: 1,
  opened_at: clock.now(),
}

const part = givenPart({ entries_sha256: aHash, file_sha256: aHash })

const changeOf = (number: number, title = 'Transfer'): BudgetChange => ({
  number,
  title,
  description: '',
  status: 'draft',
  lines: [],
  from_sage: false,
  created_by: person,
  created_at: clock.now(),
  updated_by: person,
  updated_at: clock.now(),
})

describe('a commit', () => {
  test('stores everything that one command changes', async () => {
    const approval: Approval = {
      version: 1,
      send: 1,
      step: 1,
      steps: [],
      separation_of_duties: true,
      amount: noCents,
      approvers: [person],
      sender: person,
      editors: [],
      opened_at: clock.now(),
      until: clock.now(),
      version_hash: aHash,
      export_hash: aHash,
      parts: [],
      first_export: true,
      ticks: [],
      sheet: aHash,
      decisions: [],
    }
    await committed(store, key, head, {
      ...changed(head, { version: 1, cycle: 1, signal: 1, last_change: 1 }),
      project: {
        project: key.project,
        name: 'Tower',
        settings: { one_sided_changes: false },
        created_by: person,
        created_at: clock.now(),
      },
      changes: [changeOf(1)],
      version: versionOf(1),
      approvals: [approval],
      last_command: { command: 'lock', outcome: 'done', by: person, at: clock.now() },
      editors: [{ person, send: 1 }],
      export: exported,
      parts: [part],
      signal: { kind: 'send', reference: { by: person } },
      outbox: [{ kind: 'signal', cycle: 1, n: 1 }],
    })
    expect({
      project: (await store.project(key))?.name,
      change: (await store.change(key, 1))?.title,
      changes: (await store.changes(key)).length,
      version: await store.version(key, 1),
      versions: (await store.versions(key)).length,
      approval: await store.approval(key, { version: 1, send: 1, step: 1 }),
      approvals: (await store.approvals(key)).length,
      last: (await store.lastCommand(key))?.outcome,
      editors: await store.editors(key),
      export: await store.export(key, 1),
      exports: await store.exports(key),
      parts: await store.parts(key, 1),
      signal: await store.signal(key, 1, 1),
      signals: (await store.signals(key, 1)).length,
    }).toEqual({
      project: 'Tower',
      change: 'Transfer',
      changes: 1,
      version: versionOf(1),
      versions: 1,
      approval,
      approvals: 1,
      last: 'done',
      editors: [{ person, send: 1 }],
      export: exported,
      exports: [exported],
      parts: [part],
      signal: {
        cycle: 1,
        n: 1,
        kind: 'send',
        reference: { by: person },
        carried_out: false,
        at: clock.now(),
      },
      signals: 1,
    })
  })

  test('returns the head as it is then read', async () => {
    const after = await committed(store, key, head, nextRevision(head))
    expect(await store.head(key)).toEqual(after)
  })

  test('numbers and chains its history, several rows at once', async () => {
    const events = (['day_300', 'lock_asked', 'waited'] as const).map((event) => ({
      event,
      by: person,
      detail: {},
    }))
    const after = await committed(store, key, head, nextRevision(head, { history: events }))
    const rows = await store.history(key, { limit: 100 })
    expect(rows.map(({ sequence, event }) => [sequence, event])).toEqual([
      [1, 'project_created'],
      [2, 'day_300'],
      [3, 'lock_asked'],
      [4, 'waited'],
    ])
    expect(verifyHistory(rows, after)).toBeUndefined()
  })

  test('history is read in pages, after a row', async () => {
    const events = Array.from({ length: 6 }, () => ({ event: 'waited' as const, by: person, detail: {} }))
    await committed(store, key, head, nextRevision(head, { history: events }))
    const page = await store.history(key, { after: 3, limit: 2 })
    expect(page.map(({ sequence }) => sequence)).toEqual([4, 5])
  })

  test('leaves its messages for the relay, and for the sweep two minutes later', async () => {
    const message = { kind: 'stop', execution: 'e1' } as const
    const after = await committed(store, key, head, nextRevision(head, { outbox: [message, message] }))
    const stored = OutboxRow.parse(await row(projectSk.outbox(after.sequence, 1)))
    expect(stored).toMatchObject({ ...key, message, at: clock.now(), due_at: '2026-11-22T19:40:31.000Z' })
    expect(stored.due_pk).toMatch(/^DUE#\d+$/)
  })
})

test('the request behind a command goes with the signal and the messages that follow from it', async () => {
  const steps = [{}, { request: 'r1' }, { request: 'r2' }]
  const history = steps.map((step) => ({ event: 'waited' as const, by: person, detail: {}, ...step }))
  const outbox = [{ kind: 'signal', cycle: 1, n: 1 }] as const
  const signal = { kind: 'send', reference: {} } as const
  const after = await committed(store, key, head, {
    ...changed(head, { cycle: 1, signal: 1 }, { signal, outbox }),
    history,
  })
  expect((await store.signal(key, 1, 1))?.request).toBe('r1')
  expect((await row(projectSk.outbox(after.sequence, 0)))?.['request']).toBe('r1')
})

describe('two commands on one head', () => {
  test('one wins, the other loses and writes nothing', async () => {
    const outcomes = await Promise.all([
      store.commit(key, head, nextRevision(head, { editors: [] })),
      store.commit(key, head, nextRevision(head, { editors: [] })),
    ])
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'lost'])
    expect(await store.history(key, { limit: 10 })).toHaveLength(2)
  })

  test('a project is set up once', async () => {
    const again = await store.commit(key, undefined, nextRevision(head))
    expect(again).toEqual({ outcome: 'lost' })
  })

  test('a commit over a head that was never stored loses', async () => {
    const missing = projectKey('nowhere')
    const { project } = missing
    expect(await store.commit(missing, { ...head, project }, nextRevision({ ...head, project }))).toEqual({
      outcome: 'lost',
    })
  })
})

const asked = (name: string, request = 'hash-1'): IdempotencyKey => ({ caller: 'mia', key: name, request })

describe('an idempotency key', () => {
  const answer = { status: 202, body: '{"command":"lock"}' }
  const once = (before: BudgetHead, kept: IdempotencyKey, given = answer): Commit =>
    nextRevision(before, { idempotency: { ...kept, answer: given } })

  test('a repeat is answered as the first time, and does nothing', async () => {
    const after = await committed(store, key, head, once(head, asked(key.project)))
    const repeat = await store.commit(
      key,
      after,
      once(after, asked(key.project), { status: 500, body: 'other' }),
    )
    expect(repeat).toEqual({ outcome: 'repeat', answer })
    expect((await store.head(key))?.sequence).toBe(after.sequence)
  })

  test('a long answer is repeated whole', async () => {
    const long = { status: 200, body: JSON.stringify(Array.from({ length: 40_000 }, (_, i) => i)) }
    const after = await committed(store, key, head, once(head, asked(key.project), long))
    const repeat = await store.commit(key, after, once(after, asked(key.project)))
    expect(repeat).toEqual({ outcome: 'repeat', answer: long })
  })

  test('a repeat that lost its head as well is a repeat', async () => {
    await committed(store, key, head, once(head, asked(key.project)))
    expect(await store.commit(key, head, once(head, asked(key.project)))).toEqual({
      outcome: 'repeat',
      answer,
    })
  })

  test('the same key with another request is refused', async () => {
    const after = await committed(store, key, head, once(head, asked(key.project)))
    const reused = await store.commit(key, after, once(after, asked(key.project, 'hash-2')))
    expect(reused).toMatchObject({ outcome: 'refused', refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  test('another caller may use the same key', async () => {
    const after = await committed(store, key, head, once(head, asked(key.project)))
    const other = { ...asked(key.project), caller: 'tom' }
    expect((await store.commit(key, after, once(after, other))).outcome).toBe('done')
  })

  test('a command that lost keeps no answer', async () => {
    await committed(store, key, head, nextRevision(head))
    await store.commit(key, head, once(head, asked(key.project)))
    const now = (await store.head(key))!
    expect((await store.commit(key, now, once(now, asked(key.project)))).outcome).toBe('done')
  })

  test('its answer is kept for a day at least, and then deleted by the database', async () => {
    await committed(store, key, head, once(head, asked(key.project)))
    const found = await database().document.send(
      new GetCommand({ TableName: table, Key: idempotencyKey(key.company, asked(key.project)) }),
    )
    const seconds = Number(found.Item?.['expires']) - Date.parse(clock.now()) / 1000
    expect(seconds).toBe(2 * 24 * 60 * 60)
  })
})

test('what is kept of a request is its key, with the answer that a repeat is given', () => {
  const key1 = asked('k1')
  expect(keptFor({ idempotency: key1 }, { command: 'lock' })).toEqual({
    idempotency: { ...key1, answer: { status: 202, body: '{"command":"lock"}' } },
  })
  expect(keptFor({ idempotency: key1 }, {}, 201).idempotency?.answer.status).toBe(201)
  expect(keptFor({}, { command: 'lock' })).toEqual({})
})

test('an answer that somebody altered is given to nobody', async () => {
  const mine = asked(key.project)
  await createRows({ document: database().document, table }).putMany([
    {
      ...idempotencyKey(key.company, mine),
      request: mine.request,
      at: clock.now(),
      status: 'fine',
      body: '',
    },
  ])
  const idempotency = { ...mine, answer: { status: 202, body: '' } }
  await expect(store.commit(key, head, nextRevision(head, { idempotency }))).rejects.toThrow(Broken)
})

const take = (job: string, before: BudgetHead, sage_company = 's1'): Commit =>
  nextRevision(before, { job_link: { take: { sage_company, job } } })

describe('a job', () => {
  test('belongs to the first project that takes it; the refusal names that project', async () => {
    await committed(store, key, head, take(key.project, head))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    const refused = await store.commit(other, otherHead, take(key.project, otherHead))
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { code: 'JOB_TAKEN' } })
    expect(JSON.stringify(refused)).toContain(key.project)
  })

  test('may be taken again by the project that has it', async () => {
    const after = await committed(store, key, head, take(key.project, head))
    expect((await store.commit(key, after, take(key.project, after))).outcome).toBe('done')
  })

  test('is free once it was given up', async () => {
    const after = await committed(store, key, head, take(key.project, head))
    const release = { sage_company: 's1', job: key.project }
    await committed(store, key, after, nextRevision(after, { job_link: { release } }))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    expect((await store.commit(other, otherHead, take(key.project, otherHead))).outcome).toBe('done')
  })

  test('is changed in one transaction', async () => {
    const after = await committed(store, key, head, take(`${key.project}a`, head))
    const job_link = {
      release: { sage_company: 's1', job: `${key.project}a` },
      take: { sage_company: 's1', job: `${key.project}b` },
    }
    expect((await store.commit(key, after, nextRevision(after, { job_link }))).outcome).toBe('done')
  })

  test('may be given up and taken again at once', async () => {
    const after = await committed(store, key, head, take(key.project, head))
    const job_link = {
      ...take(key.project, head).job_link,
      release: { sage_company: 's1', job: key.project },
    }
    await committed(store, key, after, nextRevision(after, { job_link }))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    expect((await store.commit(other, otherHead, take(key.project, otherHead))).outcome).toBe('refused')
  })

  test('another project’s job is not given up by mistake', async () => {
    await committed(store, key, head, take(key.project, head))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    const release = { sage_company: 's1', job: key.project }
    await expect(
      store.commit(other, otherHead, nextRevision(otherHead, { job_link: { release } })),
    ).rejects.toThrow(broken(`Rows are not as the head says: JOB#acme#s1#${key.project} JOB`))
  })

  test('the same number in another Sage company is another job', async () => {
    await committed(store, key, head, take(key.project, head))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    expect((await store.commit(other, otherHead, take(key.project, otherHead, 's2'))).outcome).toBe('done')
  })
})

const ann = givenPerson('ann')
const directory = () =>
  createCompanyStore({ document: database().document, table, clock, objects: memoryObjects() })
/** The person as the directory has it once it was written. */
const written = async (one: Person): Promise<Person> => {
  await directory().putPerson(key.company, one, 'system')
  return (await directory().person(key.company, one.id))!
}
const resting = (on: readonly Person[]): Commit => nextRevision(head, { people: on })

describe('the rights that a commit rests on', () => {
  test('are those that the directory has', async () => {
    expect((await store.commit(key, head, resting([await written(ann)]))).outcome).toBe('done')
  })

  test('that are others by now make it lost, and nothing is written', async () => {
    const seen = await written(ann)
    await written({ ...ann, limit: cents(100) })
    expect(await store.commit(key, head, resting([seen]))).toEqual({ outcome: 'lost' })
    expect(await store.head(key)).toEqual(head)
  })

  test('are taken as they were read where an earlier release wrote them', async () => {
    const unmarked = { pk: companyPk(key.company), sk: companySk.person(ann.id), ...rowBody(ann) }
    await database().document.send(new PutCommand({ TableName: table, Item: unmarked }))
    expect((await store.commit(key, head, resting([ann]))).outcome).toBe('done')
  })
})

describe('a signal', () => {
  const send = { kind: 'send', reference: {} } as const
  const opened = (before: BudgetHead): Commit => changed(before, { cycle: 1, signal: 1 }, { signal: send })

  test('is carried out in the transaction of the step', async () => {
    const after = await committed(store, key, head, opened(head))
    await committed(store, key, after, nextRevision(after, { carried_out: 1 }))
    expect((await store.signal(key, 1, 1))?.carried_out).toBe(true)
  })

  test('of the cycle that ends is carried out by the step that ends it', async () => {
    const after = await committed(store, key, head, opened(head))
    await committed(store, key, after, changed(after, { cycle: 2, signal: 0 }, { carried_out: 1 }))
    expect((await store.signal(key, 1, 1))?.carried_out).toBe(true)
  })

  test('is not carried out twice', async () => {
    const after = await committed(store, key, head, opened(head))
    const done = await committed(store, key, after, nextRevision(after, { carried_out: 1 }))
    await expect(store.commit(key, done, nextRevision(done, { carried_out: 1 }))).rejects.toThrow(
      /SIGNAL#00001#00001/,
    )
  })

  test('and whatever else is not as the head says are named by what stops the step', async () => {
    const after = await committed(store, key, head, opened(head))
    const done = await committed(store, key, after, nextRevision(after, { carried_out: 1 }))
    const other = projectKey(`other-${key.project}`)
    const otherHead = await newBudget(store, other, clock)
    await committed(store, other, otherHead, take(key.project, otherHead))
    const job_link = { release: { sage_company: 's1', job: key.project } }
    await expect(store.commit(key, done, nextRevision(done, { carried_out: 1, job_link }))).rejects.toThrow(
      broken(`SIGNAL#00001#00001, JOB#acme#s1#${key.project} JOB`),
    )
  })

  test('signals of a cycle are listed in order, and no other cycle’s', async () => {
    let now = await committed(store, key, head, opened(head))
    for (let n = 2; n <= 11; n += 1)
      now = await committed(store, key, now, changed(now, { signal: n }, { signal: send }))
    await committed(store, key, now, changed(now, { cycle: 2, signal: 1 }, { signal: send }))
    expect((await store.signals(key, 1)).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })
})

const early = 'a step carries out a signal that was stored before it'

describe('what no commit may do', () => {
  const signal = { kind: 'send', reference: {} } as const
  const [elsewhere, versions, signals] = ['the head is another', 'versions are dense', 'signals are dense']
  const wrong: [string, (head: BudgetHead) => Commit, string | undefined][] = [
    ['write without history', (before) => nextRevision(before, { history: [] }), 'without a history row'],
    ['write another project’s head', (before) => changed(before, projectKey('x')), elsewhere],
    [
      'write another company’s head',
      (before) => changed(before, { company: projectKey('x', 'y').company }),
      elsewhere,
    ],
    ['turn the revision back', (before) => changed(before, { revision: 0 }), 'revision went back'],
    ['turn the cycle back', (before) => changed(before, { cycle: -1 }), 'cycle went back'],
    ['turn the sends back', (before) => changed(before, { send: -1 }), 'send went back'],
    [
      'turn the sent version back',
      (before) => changed(before, { sent_version: -1 }),
      'sent_version went back',
    ],
    [
      'turn the settled version back',
      (before) => changed(before, { settled_version: -1 }),
      'settled_version went back',
    ],
    ['turn the exports back', (before) => changed(before, { export: -1 }), 'export went back'],
    [
      'turn the budget changes back',
      (before) => changed(before, { last_change: -1 }),
      'last_change went back',
    ],
    ['number a version without storing it', (before) => changed(before, { version: 1 }), versions],
    [
      'store a version without numbering it',
      (before) => nextRevision(before, { version: versionOf(1) }),
      versions,
    ],
    ['leave a version out', (before) => changed(before, { version: 2 }, { version: versionOf(2) }), versions],
    [
      'store a version under another number',
      (before) => changed(before, { version: 1 }, { version: versionOf(2) }),
      'the version stored is not the one numbered',
    ],
    ['number a signal without storing it', (before) => changed(before, { signal: 1 }), signals],
    ['leave a signal out', (before) => changed(before, { signal: 2 }, { signal }), signals],
    [
      'go on with a cycle’s signals in the next',
      (before) => changed(before, { cycle: 1, signal: 2 }, { signal }),
      signals,
    ],
    ['carry out a signal that never came', (before) => nextRevision(before, { carried_out: 1 }), early],
    ['carry out a signal before the first', (before) => nextRevision(before, { carried_out: 0 }), early],
    [
      'carry out the signal that it stores',
      (before) => changed(before, { signal: 1 }, { signal, carried_out: 1 }),
      early,
    ],
  ]
  test.each(wrong)('%s', async (_, commit, why) => {
    const came = store.commit(key, head, commit(head))
    await expect(came).rejects.toThrow(broken(`Commit to acme/${key.project}: `))
    await expect(came).rejects.toThrow(why)
  })

  test('carry out a signal of a project that is only set up by it', async () => {
    const first = { ...nextRevision(head), carried_out: 1 }
    await expect(
      store.commit(projectKey(`${key.project}b`), undefined, {
        ...first,
        head: { ...first.head, project: projectKey(`${key.project}b`).project },
      }),
    ).rejects.toThrow(early)
  })

  test('a version number that is there already is a fault', async () => {
    const locked = changed(head, { version: 1 }, { version: versionOf(1) })
    await committed(store, key, head, locked)
    await database().document.send(
      new PutCommand({ TableName: table, Item: { ...(await row(projectSk.head)), version: 0 } }),
    )
    const turnedBack = (await store.head(key))!
    const again = changed(turnedBack, { version: 1 }, { version: versionOf(1) })
    await expect(store.commit(key, turnedBack, again)).rejects.toThrow(/VERSION#00001/)
  })
})

const comments = (length: number): BudgetChange => ({
  ...changeOf(1),
  lines: Array.from({ length }, (_, i) => ({
    code: { sub_job: '', cost_code: `03-${String(i)}`, cost_type: 'L' },
    amount: noCents,
    comment: Array.from({ length: 20 }, (_unused, j) =>
      ((i * 7919 + j * 104_729) % 1_000_003).toString(36),
    ).join(''),
  })),
})

describe('what does not fit', () => {
  test('a change of thousands of lines is stored whole', async () => {
    const change = comments(5_000)
    await committed(store, key, head, nextRevision(head, { changes: [change] }))
    expect(await store.change(key, 1)).toEqual(change)
  })

  test('a record larger than the database takes is refused before anything is written', async () => {
    const refused = await store.commit(key, head, nextRevision(head, { changes: [comments(40_000)] }))
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { code: 'TOO_LARGE' } })
    expect(await store.head(key)).toEqual(head)
  })

  test('a hundred records at once are stored, with head and history, and one more is refused', async () => {
    const changes = Array.from({ length: 99 }, (_, i) => changeOf(i + 1))
    const refused = await store.commit(key, head, nextRevision(head, { changes }))
    expect(refused).toMatchObject({ outcome: 'refused', refusal: { code: 'TOO_LARGE' } })
    await committed(store, key, head, nextRevision(head, { changes: changes.slice(1) }))
  })
})

const cancelled = (Code: string, Message?: string): TransactionCanceledException =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: [{ Code, ...(Message !== undefined && { Message }) }, { Code: 'None' }, {}],
  })

const storeThatFails = (error: Error): BudgetStore =>
  createBudgetStore({
    document: documentWithFaults(database(), async (call) => {
      if (call.name === 'TransactWriteItemsCommand' || call.name === 'TransactWriteCommand') throw error
      return await call.through()
    }),
    table,
    clock,
  })

describe('a busy database', () => {
  test.each([
    ['a conflict', cancelled('TransactionConflict')],
    ['a transaction in progress', new TransactionInProgressException({ message: 'x', $metadata: {} })],
  ])('%s counts as losing', async (_, error) => {
    expect(await storeThatFails(error).commit(key, head, nextRevision(head))).toEqual({ outcome: 'lost' })
  })

  test.each(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded'])(
    '%s is later',
    async (code) => {
      const came = storeThatFails(cancelled(code)).commit(key, head, take('1001', head))
      await expect(came).rejects.toThrow(Later)
      await expect(came).rejects.toThrow('too busy for this transaction')
    },
  )

  test.each([
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'InternalServerError',
    'TimeoutError',
  ])('a whole call answered with %s is later', async (name) => {
    const error = Object.assign(new Error('busy'), { name })
    await expect(storeThatFails(error).commit(key, head, nextRevision(head))).rejects.toThrow(Later)
  })

  test('a fault of the service without a name of ours is later', async () => {
    const error = Object.assign(new Error('odd'), { name: 'SomethingNew', $fault: 'server' })
    await expect(storeThatFails(error).commit(key, head, nextRevision(head))).rejects.toThrow(Later)
  })

  test('an item that the database will not take is a fault that names it', async () => {
    const cause = cancelled('ValidationError', 'Item size has exceeded')
    const came = storeThatFails(cause).commit(key, head, nextRevision(head))
    await expect(came).rejects.toThrow(
      broken(`C#acme#P#${key.project} BUDGET was not taken: ValidationError Item size has exceeded`),
    )
    await expect(came).rejects.toMatchObject({ cause })
  })

  test('any other fault comes through as it is', async () => {
    await expect(storeThatFails(new RangeError('odd')).commit(key, head, nextRevision(head))).rejects.toThrow(
      RangeError,
    )
  })
})

test('a commit is one call', async () => {
  const { document, calls } = recordedCalls(database())
  await createBudgetStore({ document, table, clock }).commit(key, head, nextRevision(head))
  expect(calls).toHaveLength(1)
})

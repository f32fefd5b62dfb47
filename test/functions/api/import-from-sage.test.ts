import { beforeAll, describe, expect, test } from 'vitest'
import { problemType } from '../../../shared/http/problem.ts'
import { having, textWith } from './answer-body.ts'
import { agent, ann, bob, ed, etagOf, mia, newProject, projectWithLines, setUpAcme, vera } from './acme.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import {
  acceptIt,
  decideChange,
  keyOf,
  lockedProject,
  makeChange,
  send,
  step,
  syncedProject,
  unlock,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

type Total = readonly [extra: string, cost_code: string, category: string, original: string, changes: string]

/** The connector reports what it read of the project's job, at a minute of its own. */
let minute = 0
async function sageHolds(project: string, ...rows: readonly Total[]): Promise<string> {
  const { job } = (await get(`/projects/${project}`)).json
  const as_of = new Date(Date.parse(api().clock.now()) + (minute += 1) * 1000).toISOString()
  const totals = rows.map(([extra, cost_code, category, original, changes]) => ({
    extra,
    cost_code,
    category,
    original,
    changes,
  }))
  const path = `/erp/master_data/east/totals/${job.number}`
  const came = await api().call('PUT', path, { as: agent, body: { as_of, totals } })
  expect(came.status).toBe(200)
  return as_of
}

const get = async (path: string, as = vera) => await api().call('GET', path, { as })
const budget = async (project: string, as = mia) => (await get(`/projects/${project}/budget`, as)).json
const lines = async (project: string) => (await get(`/projects/${project}/budget/line_items`)).json.line_items

const asked = async (project: string, query = {}, headers = {}, as = mia): Promise<Came> =>
  await api().call('POST', `/projects/${project}/budget/import_from_sage`, {
    as,
    query,
    headers: { 'if-match': await etagOf(api(), project), 'idempotency-key': idempotencyKey(), ...headers },
  })

const preview = async (project: string) =>
  await api().call('POST', `/projects/${project}/budget/import_from_sage`, {
    as: mia,
    query: { dry_run: 'true' },
  })

async function imported(project: string, query = {}): Promise<Came> {
  const came = await asked(project, query)
  expect([came.status, came.text]).toEqual([200, came.text])
  return came
}

const precheck = async (project: string) =>
  (await get(`/projects/${project}/budget/precheck`, mia)).json.findings.map(
    (finding) => (finding as unknown as { code: string }).code,
  )

const refusal = ({ status, json }: Came) => [status, json.type]

const concrete: Total = ['', '03-3000', 'S', '325000.00', '15000.00']
const steel: Total = ['', '05-1200', 'M', '180750.00', '0.00']
const general: Total = ['', '01-1000', 'L', '20000.00', '-500.00']

async function lock(project: string): Promise<void> {
  await api().command(`/projects/${project}/budget/lock`, { as: mia })
  await step(api(), project, 'lockBudget')
}

const figures = async (project: string) =>
  (await lines(project)).map((line) => {
    const { budget_code, description, calculation_strategy, original_budget_amount, budget_changes } =
      line as typeof line & Record<'description' | 'calculation_strategy' | 'original_budget_amount', string>
    return [budget_code, description, calculation_strategy, original_budget_amount, budget_changes]
  })

async function importedProject(...rows: readonly Total[]): Promise<string> {
  const project = await newProject(api())
  await sageHolds(project, ...rows)
  await imported(project)
  return project
}

async function makeOneSided(project: string, amount: string): Promise<number> {
  const { job } = (await get(`/projects/${project}`)).json
  const headers = { 'if-match': await etagOf(api(), project) }
  const settings = { one_sided_changes: true }
  await api().call('PUT', `/projects/${project}`, {
    as: bob,
    body: { name: 'Bridge', job, settings },
    headers,
  })
  const adjustment_line_items = [{ cost_code: '03-3000', cost_type: 'S', amount }]
  const body = { title: 'More', adjustment_line_items }
  return (await api().command(`/projects/${project}/budget_changes`, { as: mia, body })).json.number
}

async function importedThen(before: readonly Total[], after: readonly Total[]): Promise<string> {
  const project = await newProject(api())
  await sageHolds(project, ...before)
  await imported(project)
  await sageHolds(project, ...after)
  return project
}

const unlinked = async () => {
  const came = await api().call('PUT', '/projects/unlinked', { as: bob, body: { name: 'Unlinked' } })
  expect([201, 409, 428]).toContain(came.status)
  return 'unlinked'
}

const withSage = async (project: string, ...rows: readonly Total[]) => {
  await sageHolds(project, ...rows)
  return project
}

const approvedFirst = async () => {
  const project = await lockedProject(api())
  const number = await makeChange(api(), project)
  await decideChange(api(), project, 'approve', number)
  await unlock(api(), project)
  return await withSage(project, concrete)
}

describe('an import from Sage into an empty budget', () => {
  test('makes a manual line of every code with an amount, described as its cost code', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete, steel, general, ['', '03-3000', 'L', '0.00', '0.00'])
    await imported(project)
    expect(await figures(project)).toEqual([
      ['01-1000.L', 'General conditions', 'manual', '20000.00', '-500.00'],
      ['03-3000.S', 'Concrete', 'manual', '325000.00', '15000.00'],
      ['05-1200.M', 'Structural steel', 'manual', '180750.00', '0.00'],
    ])
  })

  test('keeps a code whose original and changes cancel each other out: Sage holds both', async () => {
    const project = await newProject(api())
    await sageHolds(project, ['', '03-3000', 'S', '100.00', '-100.00'])
    await imported(project)
    expect(await lines(project)).toMatchObject([
      { original_budget_amount: '100.00', budget_changes: '-100.00', revised_estimate: '0.00' },
    ])
  })

  test('makes one approved change From Sage of what Sage holds as approved changes', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete, steel, general)
    await imported(project)
    const { json } = await get(`/projects/${project}/budget_changes/1`)
    expect(json).toMatchObject({
      title: 'From Sage',
      status: 'approved',
      from_sage: true,
      net_amount: '14500.00',
      adjustment_line_items: [
        { budget_code: '01-1000.L', amount: '-500.00' },
        { budget_code: '03-3000.S', amount: '15000.00' },
      ],
    })
  })

  test('makes no change where Sage holds originals alone', async () => {
    const project = await newProject(api())
    await sageHolds(project, steel)
    await imported(project)
    expect((await get(`/projects/${project}/budget_changes`)).json.budget_changes).toEqual([])
  })

  test('adds up a code that Sage pads, or lists twice', async () => {
    const project = await newProject(api())
    await sageHolds(project, ['', ' 03-3000', 'S ', '100.00', '0.00'], ['', '03-3000', 'S', '11.00', '1.00'])
    const came = await imported(project)
    expect([came.json, await lines(project)]).toMatchObject([
      { opening_entries: 1 },
      [{ budget_code: '03-3000.S', original_budget_amount: '111.00', budget_changes: '1.00' }],
    ])
  })

  test('tells in history what was read and what became of it', async () => {
    const project = await newProject(api())
    const as_of = await sageHolds(project, concrete)
    await imported(project)
    const history = await api().store.history(keyOf(project), { limit: 100 })
    expect(history.at(-1)).toMatchObject({
      event: 'imported_from_sage',
      by: 'mia',
      detail: {
        as_of,
        opening_entries: 1,
        counts: { add: 1 },
        change: { number: 1, status: 'approved', lines: 1 },
        first: [{ budget_code: '03-3000.S', old_value: null }],
      },
    })
  })

  test('makes its giver no editor, who may then accept where duties are separated', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete)
    await imported(project)
    const { creator } = (await api().store.head(keyOf(project)))!
    expect([await api().store.editors(keyOf(project)), creator]).toEqual([[], 'mia'])
  })

  test('given again with its key is answered as before', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete)
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': await etagOf(api(), project) }
    const first = await asked(project, {}, headers)
    const again = await asked(project, {}, headers)
    expect([again.json, again.headers['idempotent-replayed']]).toEqual([first.json, 'true'])
  })

  test('of thousands of codes fits one change', async () => {
    const project = await newProject(api())
    const many = Array.from({ length: 5_000 }, (_, i): Total => [
      '',
      `${String(10 + (i % 40))}-${String(1000 + i)}`,
      'S',
      `${String(i + 1)}.17`,
      `${String(i)}.31`,
    ])
    await sageHolds(project, ...many)
    const came = await imported(project)
    expect(came.json).toMatchObject({ counts: { add: 5_000 }, opening_entries: 5_000 })
  })
})

describe('after an import from Sage', () => {
  test('Sage’s estimate no longer stands in the way, and there is nothing to export', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete, steel)
    const before = await precheck(project)
    await imported(project)
    await lock(project)
    expect([before, await precheck(project), (await budget(project)).erp_state]).toEqual([
      having(['SAGE_HAS_ESTIMATE']),
      ['NOTHING_TO_EXPORT'],
      'not_sent',
    ])
  })

  test('an edit is sent as the difference, and as a change: no tick of a first export is asked', async () => {
    const project = await importedProject(concrete, steel)
    await api().call('PATCH', `/projects/${project}/budget/line_items`, {
      as: ed,
      body: {
        upserts: [{ cost_code: '05-1200', cost_type: 'M', original_budget_amount: '181000.00' }],
      },
      headers: { 'if-match': await etagOf(api(), project) },
    })
    await lock(project)
    const { export: parts } = (await get(`/projects/${project}/budget/precheck`, mia)).json
    expect(parts).toMatchObject([{ mode: 'approved_estimate_change', entries: 1, total: '250.00' }])
    await send(api(), project)
    const { budgets } = (await get('/erp/budgets', ann)).json
    const sent = budgets.find((each) => each.project === project)!
    expect(sent.approval).toMatchObject({ first_export: false, ticks: [] })
  })

  test('the approver is shown what Sage holds as sent already', async () => {
    const project = await importedProject(concrete)
    await lock(project)
    const number = await makeOneSided(project, '250.00')
    await decideChange(api(), project, 'approve', number)
    await send(api(), project)
    const key = keyOf(project)
    const { version, sheet } = (await api().store.approvals(key))[0]!
    expect([version, await api().objects.getJson(key.company, sheet)]).toMatchObject([
      2,
      {
        rows: [
          {
            original: 325_000_00,
            changes: 15_250_00,
            already_sent: 340_000_00,
            as_original: 0,
            as_change: 250_00,
          },
        ],
      },
    ])
    await acceptIt(api(), project)
    expect(await api().store.export(key, 1)).toMatchObject({ first: false, parts: 1 })
  })

  test('the change From Sage is neither reopened nor voided nor edited', async () => {
    const project = await importedProject(concrete)
    await lock(project)
    const change = `/projects/${project}/budget_changes/1`
    const came = await Promise.all(
      (['reopen', 'void'] as const).map(async (act) => await decideChange(api(), project, act)),
    )
    const headers = { 'if-match': await etagOf(api(), project) }
    const written = await api().call('PATCH', change, { as: mia, body: { title: 'Ours' }, headers })
    expect([...came, written].map(refusal)).toEqual([
      [409, problemType('CHANGE_HELD')],
      [409, problemType('CHANGE_HELD')],
      [409, problemType('CHANGE_STATUS')],
    ])
  })

  test('its changes are not deleted by an unlock', async () => {
    const project = await importedProject(concrete)
    await lock(project)
    const body = { budget_changes: 'delete', confirm: 'delete all budget changes' }
    const headers = { 'if-match': await etagOf(api(), project) }
    const came = await api().command(`/projects/${project}/budget/unlock`, { as: bob, body, headers })
    expect(refusal(came)).toEqual([409, problemType('LEDGER_NOT_EMPTY')])
  })

  test('the link to the job is fixed', async () => {
    const project = await importedProject(concrete)
    const body = { name: 'Bridge', job: { sage_company: 'east', number: '26-119' } }
    const headers = { 'if-match': await etagOf(api(), project) }
    const came = await api().call('PUT', `/projects/${project}`, { as: bob, body, headers })
    expect(refusal(came)).toEqual([409, problemType('JOB_LINK_FIXED')])
  })

  test('what was changed in Sage since stops the send until it is imported again', async () => {
    const project = await importedProject(concrete, steel)
    await lock(project)
    await sageHolds(project, concrete, ['', '05-1200', 'M', '180750.00', '75.00'])
    const { findings } = (await get(`/projects/${project}/budget/precheck`, mia)).json
    expect(findings).toMatchObject([
      { code: 'NOTHING_TO_EXPORT' },
      {
        code: 'DRIFT_NOT_ACKNOWLEDGED',
        budget_code: '05-1200.M',
        sentence: textWith('approved changes by 75.00'),
        what_to_do: textWith('import it from Sage again'),
      },
    ])
    await unlock(api(), project)
    await imported(project)
    expect(await precheck(project)).toEqual(['NOTHING_TO_EXPORT'])
  })
})

describe('a preview of an import from Sage', () => {
  test('shows what would be added, changed and kept, and stores nothing', async () => {
    const project = await projectWithLines(api())
    await sageHolds(project, ['', '03-3000', 'S', '300000.00', '0.00'], general)
    const came = await preview(project)
    expect(came.json).toMatchObject({
      stored: false,
      counts: { add: 1, change: 1, keep: 1, remove: 0 },
      original_budget_amount: { before: '505750.00', after: '500750.00' },
      line_items: [
        { kind: 'add', budget_code: '01-1000.L' },
        { kind: 'change', budget_code: '03-3000.S', after: { original_budget_amount: '300000.00' } },
        { kind: 'keep', budget_code: '05-1200.M', sentence: textWith('stays with its own') },
      ],
      opening_entries: 2,
    })
    expect(await budget(project)).toMatchObject({ revision: 2, totals: { line_items: 2 } })
  })

  test('needs neither ETag nor key, and its reading can be named when it is stored', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete)
    const { job_totals } = (await preview(project)).json as unknown as { job_totals: { as_of: string } }
    await sageHolds(project, steel)
    const stale = await asked(project, { as_of: job_totals.as_of })
    expect(refusal(stale)).toEqual([412, problemType('CHANGED_MEANWHILE')])
    const { job_totals: now } = (await preview(project)).json as unknown as { job_totals: { as_of: string } }
    await imported(project, { as_of: now.as_of })
  })

  test('leaves a line of the same amount as it is, however it is calculated', async () => {
    const project = await projectWithLines(api())
    await sageHolds(project, steel)
    await imported(project)
    expect(await figures(project)).toEqual([
      ['03-3000.S', 'Concrete, placed', 'manual', '325000.00', '0.00'],
      ['05-1200.M', 'Steel', 'automatic', '180750.00', '0.00'],
    ])
  })
})

describe('an import from Sage again', () => {
  test('replaces the opening entries, the originals and the change From Sage', async () => {
    const project = await importedThen(
      [concrete, steel],
      [['', '03-3000', 'S', '325000.00', '20000.00'], steel, general],
    )
    const came = await imported(project)
    expect(came.json.counts).toMatchObject({ add: 1, change: 1, unchanged: 1 })
    const changes = (await get(`/projects/${project}/budget_changes`)).json.budget_changes
    expect(changes).toMatchObject([{ number: 1, net_amount: '19500.00', status: 'approved' }])
    await lock(project)
    expect(await precheck(project)).toEqual(['NOTHING_TO_EXPORT'])
  })

  test('of the same totals changes nothing', async () => {
    const project = await importedThen([concrete, steel], [concrete, steel])
    const before = await api().store.head(keyOf(project))
    const came = await imported(project)
    expect([came.json.counts, await api().store.head(keyOf(project))]).toEqual([
      having({ unchanged: 2, change: 0 }),
      before,
    ])
  })

  test('takes a code that Sage no longer holds down to zero and keeps its line', async () => {
    const project = await importedThen([concrete, steel], [steel])
    await imported(project)
    expect(await lines(project)).toMatchObject([
      { budget_code: '03-3000.S', original_budget_amount: '0.00', budget_changes: '0.00' },
      { budget_code: '05-1200.M', original_budget_amount: '180750.00' },
    ])
    const changes = (await get(`/projects/${project}/budget_changes`)).json.budget_changes
    expect(changes).toMatchObject([{ number: 1, status: 'void' }])
  })

  test('of a job that was cleared in Sage leaves a budget whose next export is the first', async () => {
    const project = await importedThen([concrete], [])
    const came = await imported(project)
    const { ledger } = (await api().store.head(keyOf(project)))!
    expect([came.json, ledger]).toEqual([having({ opening_entries: 0 }), undefined])
  })

  test('brings back what was edited or deleted here since, and says so before', async () => {
    const project = await importedThen([steel, ['', '01-1000', 'L', '20000.00', '0.00']], [steel, general])
    await api().call('PATCH', `/projects/${project}/budget/line_items`, {
      as: ed,
      body: {
        upserts: [{ cost_code: '05-1200', cost_type: 'M', original_budget_amount: '1.00' }],
        deletes: [{ cost_code: '01-1000', cost_type: 'L' }],
      },
      headers: { 'if-match': await etagOf(api(), project) },
    })
    expect((await preview(project)).json.line_items).toMatchObject([
      { kind: 'add', budget_code: '01-1000.L' },
      {
        kind: 'change',
        budget_code: '05-1200.M',
        before: { original_budget_amount: '1.00' },
        after: { original_budget_amount: '180750.00' },
      },
    ])
  })

  test('keeps changes approved since on top, which the next export then carries', async () => {
    const project = await importedThen(
      [concrete, steel],
      [concrete, ['', '05-1200', 'M', '180750.00', '75.00']],
    )
    await lock(project)
    const number = await makeChange(api(), project)
    await decideChange(api(), project, 'approve', number)
    await unlock(api(), project)
    const came = await imported(project)
    expect([came.json, await lines(project)]).toMatchObject([
      { kept_budget_changes: [number] },
      [{ budget_changes: '0.00' }, { budget_changes: '15075.00' }],
    ])
    await lock(project)
    expect((await get(`/projects/${project}/budget/precheck`, mia)).json.export).toMatchObject([
      { mode: 'approved_estimate_change', entries: 2, total: '0.00' },
    ])
  })
})

describe('an import from Sage is refused', () => {
  const cases: readonly [string, () => Promise<string>, number, Parameters<typeof problemType>[0]][] = [
    ['without a job', unlinked, 409, 'JOB_NOT_LINKED'],
    ['before Sage’s totals were read', async () => await newProject(api()), 409, 'TOTALS_NOT_READ'],
    [
      'where the job has no estimate',
      async () => await withSage(await newProject(api())),
      409,
      'NO_ESTIMATE_IN_SAGE',
    ],
    [
      'while the budget is locked',
      async () => await withSage(await lockedProject(api()), concrete),
      409,
      'BUDGET_LOCKED',
    ],
    ['where budget changes are approved here already', approvedFirst, 409, 'CHANGE_STATUS'],
    [
      'where Sage holds a code that no line can hold',
      async () => await withSage(await newProject(api()), ['', '03-3000', '', '5.00', '0.00']),
      422,
      'LINE_INVALID',
    ],
    ['once an export was made', async () => await syncedProject(api()), 409, 'LEDGER_NOT_EMPTY'],
  ]

  test.each(cases)('%s, looked at or stored', async (_, prepared, status, code) => {
    const project = await prepared()
    const came = [await preview(project), await asked(project)]
    expect(came.map(refusal)).toEqual([
      [status, problemType(code)],
      [status, problemType(code)],
    ])
    expect(came[0]?.text).toMatch(/"what_to_do":"[A-Z].{10,}\."/)
  })

  test('for good once an export was made, and the list of commands says why', async () => {
    const project = await syncedProject(api())
    const { commands } = await budget(project)
    expect(commands).toContainEqual(
      having({
        command: 'import_from_sage',
        allowed: false,
        code: 'LEDGER_NOT_EMPTY',
        sentence: textWith('closed for good'),
      }),
    )
  })

  test('without the revision it was made from, or on top of another', async () => {
    const project = await newProject(api())
    await sageHolds(project, concrete)
    const path = `/projects/${project}/budget/import_from_sage`
    const came = [await api().command(path, { as: mia }), await asked(project, {}, { 'if-match': '"99"' })]
    expect(came.map(refusal)).toEqual([
      [428, problemType('IF_MATCH_MISSING')],
      [412, problemType('CHANGED_MEANWHILE')],
    ])
  })

  test('without an Idempotency-Key', async () => {
    const project = await newProject(api())
    const headers = { 'if-match': '"1"' }
    const path = `/projects/${project}/budget/import_from_sage`
    expect(refusal(await api().call('POST', path, { as: mia, headers }))).toEqual([
      400,
      problemType('IDEMPOTENCY_KEY_MISSING'),
    ])
  })
})

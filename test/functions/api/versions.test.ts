import { beforeAll, describe, expect, test } from 'vitest'
import { peopleOf } from '../../../shared/domain/editor.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { compressed } from '../../../shared/store/compressed.ts'
import {
  ann,
  bob,
  ed,
  etagOf,
  lines,
  mia,
  newProject,
  pat,
  projectWithLines,
  setUpAcme,
  vera,
} from './acme.ts'
import { textLike, textWith } from './answer-body.ts'
import type { Call } from './api-event.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  decideChange,
  deliver,
  keyOf,
  lockedProject,
  makeChange,
  send,
  sentProject,
  shownOf,
  step,
  syncedProject,
  unlock,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const withLines = putBack(projectWithLines)
const of = (project: string) => `/projects/${project}/budget/versions`
const get = async (path: string, query: Record<string, string> = {}) =>
  await api().call('GET', path, { as: vera, query })
const save = async (project: string, name: unknown = 'Bid set', call: Call = {}) =>
  await api().command(of(project), { as: ed, body: { name }, ...call })

const [concrete] = lines
const general = { cost_code: '01-1000', cost_type: 'L', original_budget_amount: '20000.00' }

/** Edits as the estimator would make them. */
async function edit(project: string, upserts: object[], deletes: object[] = []): Promise<Came> {
  const headers = { 'if-match': await etagOf(api(), project) }
  const body = { upserts, deletes }
  const came = await api().call('PATCH', `/projects/${project}/budget/line_items`, { as: ed, body, headers })
  if (came.status !== 200) throw new Error(came.text)
  return came
}

const linesOf = async (project: string): Promise<string[]> =>
  (await get(`/projects/${project}/budget/line_items`)).json.line_items.map(
    ({ budget_code, revised_estimate }) => `${budget_code} ${revised_estimate}`,
  )

const problem = ({ status, json }: Came) => [status, json.type]

describe('a version saved by name', () => {
  test('is the working copy as it is, under the next number', async () => {
    const project = await lockedProject(api())
    const came = await save(project)
    expect([came.status, came.headers['location'], came.json]).toEqual([
      201,
      `${of(project)}/2`,
      {
        version: 2,
        hash: textLike(/^[0-9a-f]{64}$/),
        line_items: 2,
        original_budget_amount: '505750.00',
        budget_changes: '0.00',
        revised_estimate: '505750.00',
        created_by: 'ed',
        created_at: textLike(/Z$/),
        why: 'named',
        name: 'Bid set',
      },
    ])
  })

  test('is there before anything was ever locked', async () => {
    const project = await withLines(api())
    await save(project, 'Before the bid')
    expect((await get(`${of(project)}/1`)).json.name).toBe('Before the bid')
  })

  test('leaves lines, state and revision as they are', async () => {
    const project = await withLines(api())
    const before = await etagOf(api(), project)
    await save(project)
    expect(await etagOf(api(), project)).toBe(before)
  })

  test('may be saved twice of the same lines', async () => {
    const project = await withLines(api())
    const [first, second] = [await save(project, 'One'), await save(project, 'Two')]
    expect([first.json, second.json]).toMatchObject([{ version: 1 }, { version: 2 }])
  })

  test('sent again with its key is the same version', async () => {
    const project = await withLines(api())
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await save(project, 'One', { headers })
    const again = await save(project, 'One', { headers })
    expect([again.status, again.json, (await get(of(project))).json.versions]).toMatchObject([
      201,
      first.json,
      [{ version: 1 }],
    ])
  })

  test('needs a key', async () => {
    const project = await withLines(api())
    const came = await api().call('POST', of(project), { as: ed, body: { name: 'One' } })
    expect(problem(came)).toEqual([400, problemType('IDEMPOTENCY_KEY_MISSING')])
  })

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['a line break', 'Bid\nset'],
    ['a turned text', 'Bid \u202etes'],
    ['half a letter', 'Bid \ud83d'],
    ['more than a hundred characters', 'x'.repeat(101)],
    ['a number', 7],
  ])('is not called %s', async (_, name) => {
    const came = await save('nowhere', name)
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/name'])
  })

  test('waits until a command is carried out', async () => {
    const project = await withLines(api())
    await api().command(`/projects/${project}/budget/lock`, { as: mia })
    expect(problem(await save(project))).toEqual([409, problemType('COMMAND_PENDING')])
  })

  test('stands in the history with its hash', async () => {
    const project = await withLines(api())
    const { hash } = (await save(project)).json as unknown as { hash: string }
    const { history } = (await api().call('GET', `/projects/${project}/budget/history`, { as: bob })).json
    expect(history.at(-1)).toMatchObject({
      event: 'version_saved',
      by: 'ed',
      request: 'request-1',
      detail: { version: 1, name: 'Bid set', hash },
    })
  })
})

describe('versions saved by name around a cycle', () => {
  test('between lock and send: the one with the same lines is what is sent', async () => {
    const project = await lockedProject(api())
    await save(project)
    await send(api(), project)
    expect(await api().store.head(keyOf(project))).toMatchObject({ version: 2, sent_version: 2 })
  })

  test('between send and decision: the decision is about what was sent', async () => {
    const project = await sentProject(api())
    await save(project)
    await acceptIt(api(), project)
    await deliver(api(), project)
    expect(await api().store.export(keyOf(project), 1)).toMatchObject({ version: 1 })
    const { budgets } = (await api().call('GET', '/erp/budgets', { as: ann, query: { state: 'exported' } }))
      .json
    expect(budgets.find((budget) => budget.project === project)).toMatchObject({ version: 1 })
  })

  test('what an approver was shown stays what is stored', async () => {
    const project = await sentProject(api())
    const before = await shownOf(api(), project)
    await save(project)
    expect(await shownOf(api(), project)).toEqual(before)
  })

  test('saved after a change was approved: the change is held once that version is exported', async () => {
    const project = await lockedProject(api())
    const change = await makeChange(api(), project)
    await decideChange(api(), project, 'approve', change)
    await save(project)
    await send(api(), project)
    await acceptIt(api(), project)
    await deliver(api(), project)
    await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } })
    await step(api(), project, 'prepareNextPart')
    await deliver(api(), project, 1, 2)
    await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 2 } })
    await step(api(), project, 'closeCycle')
    expect(problem(await decideChange(api(), project, 'reopen', change))).toEqual([
      409,
      problemType('CHANGE_HELD'),
    ])
  })

  test('saved before a change was approved: the change is not in it, and what is sent is a version of its own', async () => {
    const project = await lockedProject(api())
    await save(project)
    const change = await makeChange(api(), project)
    await decideChange(api(), project, 'approve', change)
    await send(api(), project)
    expect(await api().store.head(keyOf(project))).toMatchObject({ version: 3, sent_version: 3 })
    expect(await api().store.change(keyOf(project), change)).toMatchObject({ approved_in: 3 })
  })

  test('a settled budget tells the version that was exported, not the last one', async () => {
    const project = await syncedProject(api())
    await save(project)
    expect((await get(`/projects/${project}/budget`)).json).toMatchObject({
      erp_state: 'synced',
      version: 2,
      sent_version: 1,
      settled_version: 1,
    })
  })
})

describe('the list of versions', () => {
  test('comes page by page, the newest first, each once', async () => {
    const project = await withLines(api())
    for (const name of ['One', 'Two', 'Three', 'Four', 'Five']) await save(project, name)
    const names: unknown[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor !== null && { cursor }) }
      const page = (await get(of(project), query)).json
      names.push(...page.versions.map(({ name }) => name))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(names).toEqual(['Five', 'Four', 'Three', 'Two', 'One'])
  })

  test('of a budget without versions is empty', async () => {
    expect((await get(of(await newProject(api())))).json).toEqual({ versions: [], next_cursor: null })
  })
})

const restore = async (
  project: string,
  version: number,
  query: Record<string, string> = {},
  call: Call = {},
) =>
  await api().command(`${of(project)}/${String(version)}/restore`, {
    as: ed,
    query,
    ...call,
    headers: { 'if-match': await etagOf(api(), project), ...call.headers },
  })

/** Version 1 holds concrete and steel; since then concrete became dearer, steel went and general came. */
const changedSince = putBack(async () => {
  const project = await withLines(api())
  await save(project)
  await edit(
    project,
    [{ ...concrete, original_budget_amount: '330000.00' }, general],
    [{ cost_code: '05-1200', cost_type: 'M' }],
  )
  return project
})

describe('restoring a version', () => {
  test('is only looked at in a dry run, which needs no revision', async () => {
    const project = await changedSince(api())
    const before = await linesOf(project)
    const came = await api().call('POST', `${of(project)}/1/restore`, { as: ed, query: { dry_run: 'true' } })
    expect([came.status, came.json, await linesOf(project)]).toMatchObject([
      200,
      {
        stored: false,
        version: 1,
        counts: { add: 1, change: 1, unchanged: 0, remove: 1, keep: 0 },
        original_budget_amount: { before: '350000.00', after: '505750.00' },
        line_items: [
          { kind: 'remove', budget_code: '01-1000.L', after: null },
          {
            kind: 'change',
            before: { original_budget_amount: '330000.00' },
            after: { original_budget_amount: '325000.00' },
          },
          { kind: 'add', budget_code: '05-1200.M', before: null },
        ],
        line_items_in_all: 3,
      },
      before,
    ])
  })

  test('brings its lines back, in one revision and without a new version', async () => {
    const project = await changedSince(api())
    const came = await restore(project, 1)
    expect([came.status, came.headers['etag'], await linesOf(project)]).toEqual([
      200,
      '"4"',
      ['03-3000.S 325000.00', '05-1200.M 180750.00'],
    ])
    expect(await api().store.head(keyOf(project))).toMatchObject({ version: 1 })
  })

  test('leaves no difference to the version', async () => {
    const project = await changedSince(api())
    await restore(project, 1)
    const { counts, line_items } = (await get(`${of(project)}/current/diff`, { from: '1' })).json
    expect([counts, line_items]).toEqual([{ added: 0, removed: 0, changed: 0 }, []])
  })

  test('leaves budget changes alone, and keeps a line that one of them touches', async () => {
    const project = await lockedProject(api())
    await unlock(api(), project)
    await edit(project, [{ ...concrete, original_budget_amount: '330000.00' }, general])
    await api().command(`/projects/${project}/budget/lock`, { as: mia })
    await step(api(), project, 'lockBudget')
    const number = await makeChange(api(), project)
    const items = [
      { cost_code: '01-1000', cost_type: 'L', amount: '500.00' },
      { cost_code: '03-3000', cost_type: 'S', amount: '-500.00' },
    ]
    const path = `/projects/${project}/budget_changes/${String(number)}`
    const headers = { 'if-match': await etagOf(api(), project) }
    await api().call('PATCH', path, { as: mia, body: { adjustment_line_items: items }, headers })
    await decideChange(api(), project, 'approve', number)
    await unlock(api(), project)
    const came = await restore(project, 1)
    expect([came.json.counts, came.json.line_items, await linesOf(project)]).toMatchObject([
      { add: 0, change: 1, unchanged: 1, remove: 0, keep: 1 },
      [
        { kind: 'keep', after: { original_budget_amount: '0.00' }, what_to_do: textWith('Void') },
        { kind: 'change' },
      ],
      ['01-1000.L 500.00', '03-3000.S 324500.00', '05-1200.M 180750.00'],
    ])
  })

  test('makes a settled budget pending where it differs from what is in Sage', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await edit(project, [{ ...concrete, original_budget_amount: '330000.00' }])
    expect((await restore(project, 1)).status).toBe(200)
    expect((await get(`/projects/${project}/budget`)).json.erp_state).toBe('synced')
  })

  test('of what stands already stores nothing', async () => {
    const project = await withLines(api())
    await save(project)
    const before = await etagOf(api(), project)
    expect([(await restore(project, 1)).json.counts, await etagOf(api(), project)]).toEqual([
      { add: 0, change: 0, unchanged: 2, remove: 0, keep: 0 },
      before,
    ])
  })

  test('sent again with its key is answered as before', async () => {
    const project = await changedSince(api())
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': await etagOf(api(), project) }
    const first = await restore(project, 1, {}, { headers })
    const again = await restore(project, 1, {}, { headers })
    expect([again.json, again.headers['idempotent-replayed']]).toEqual([first.json, 'true'])
  })

  test('tells the history every field that it brought back', async () => {
    const project = await changedSince(api())
    await restore(project, 1)
    const head = (await api().store.head(keyOf(project)))!
    const path = `/projects/${project}/budget/history/${String(head.sequence)}/changes`
    const came = await api().call('GET', path, { as: bob })
    expect(came.json).toMatchObject({
      event: 'version_restored',
      by: 'ed',
      request: 'request-1',
      changes: [
        { budget_code: '01-1000.L', field: 'calculation_strategy', old_value: 'manual', new_value: null },
        { budget_code: '01-1000.L', field: 'original_budget_amount', old_value: '20000.00', new_value: null },
        { budget_code: '01-1000.L', field: 'budget_changes' },
        { budget_code: '03-3000.S', field: 'original_budget_amount', new_value: '325000.00' },
        { budget_code: '05-1200.M', field: 'description', old_value: null, new_value: 'Steel' },
        { budget_code: '05-1200.M', field: 'calculation_strategy' },
        { budget_code: '05-1200.M', field: 'quantity', new_value: '120.5' },
        { budget_code: '05-1200.M', field: 'uom' },
        { budget_code: '05-1200.M', field: 'unit_cost' },
        { budget_code: '05-1200.M', field: 'original_budget_amount' },
        { budget_code: '05-1200.M', field: 'budget_changes' },
      ],
    })
  })

  test('makes its author an editor', async () => {
    const project = await changedSince(api())
    await restore(project, 1, {}, { as: mia })
    expect(peopleOf(await api().store.editors(keyOf(project)))).toEqual(['ed', 'mia'])
  })

  test.each([
    ['a locked budget', { dry_run: 'true' }],
    ['a locked budget, not even for a look', {}],
  ])('is refused by %s', async (_, query: Record<string, string>) => {
    const came = await restore(await lockedProject(api()), 1, query)
    expect(problem(came)).toEqual([409, problemType('BUDGET_LOCKED')])
  })

  test('that is not there is refused', async () => {
    expect((await restore(await withLines(api()), 7)).status).toBe(404)
  })

  test('from an older revision is refused', async () => {
    const came = await restore(await changedSince(api()), 1, {}, { headers: { 'if-match': '"1"' } })
    expect(problem(came)).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })
})

describe('the difference of two versions', () => {
  test('tells each line that was added, removed or changed, with both sides and how much', async () => {
    const project = await changedSince(api())
    await save(project)
    const came = await get(`${of(project)}/2/diff`, { from: '1' })
    expect(came.json).toMatchObject({
      from: { version: 1, line_items: 2, original_budget_amount: '505750.00' },
      to: { version: 2, line_items: 2, original_budget_amount: '350000.00' },
      counts: { added: 1, removed: 1, changed: 1 },
      delta: {
        original_budget_amount: '-155750.00',
        budget_changes: '0.00',
        revised_estimate: '-155750.00',
      },
      line_items: [
        { kind: 'added', budget_code: '01-1000.L', before: null, delta: { revised_estimate: '20000.00' } },
        {
          kind: 'changed',
          budget_code: '03-3000.S',
          fields: ['original_budget_amount'],
          before: { original_budget_amount: '325000.00' },
          after: { original_budget_amount: '330000.00' },
          delta: { original_budget_amount: '5000.00' },
        },
        { kind: 'removed', budget_code: '05-1200.M', after: null, delta: { revised_estimate: '-180750.00' } },
      ],
      next_cursor: null,
    })
  })

  test('read backwards is turned round', async () => {
    const project = await changedSince(api())
    await save(project)
    const back = await get(`${of(project)}/1/diff`, { from: '2' })
    expect(back.json).toMatchObject({
      counts: { added: 1, removed: 1, changed: 1 },
      delta: { original_budget_amount: '155750.00' },
      line_items: [{ kind: 'removed' }, { kind: 'changed' }, { kind: 'added' }],
    })
  })

  test('comes page by page, each line once', async () => {
    const project = await changedSince(api())
    const codes: string[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { from: '1', limit: '1', ...(cursor !== null && { cursor }) }
      const page = (await get(`${of(project)}/current/diff`, query)).json
      codes.push(...page.line_items.map(({ budget_code }) => budget_code))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(codes).toEqual(['01-1000.L', '03-3000.S', '05-1200.M'])
  })

  test('with a working copy that changed between two pages is begun again', async () => {
    const project = await changedSince(api())
    const query = { from: '1', limit: '1' }
    const { next_cursor } = (await get(`${of(project)}/current/diff`, query)).json
    await edit(project, [{ ...concrete, original_budget_amount: '1.00' }])
    const came = await get(`${of(project)}/current/diff`, { ...query, cursor: next_cursor ?? '' })
    expect(problem(came)).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('as CSV has a record per line, and nothing that a spreadsheet would run', async () => {
    const project = await changedSince(api())
    await edit(project, [{ ...general, description: '=1+1' }])
    const came = await get(`${of(project)}/current/diff.csv`, { from: '1' })
    const [heading, ...records] = came.text.trimEnd().split('\r\n')
    expect(came.headers['content-disposition']).toContain(`${project}-difference-1-to-current.csv`)
    expect(heading).toBe(
      '\ufeffDifference,Sub Job,Cost Code,Cost Type,Description Before,Description After,' +
        'Manual Calculation Before,Manual Calculation After,Unit Qty Before,Unit Qty After,UOM Before,UOM After,' +
        'Unit Cost Before,Unit Cost After,Budget Amount Before,Budget Amount After,' +
        'Budget Changes Before,Budget Changes After,Revised Estimate Before,Revised Estimate After,' +
        'Budget Amount Difference,Budget Changes Difference,Revised Estimate Difference',
    )
    expect(records).toEqual([
      "added,,01-1000,L,,'=1+1,,yes,,,,,,,,20000.00,,0.00,,20000.00,20000.00,0.00,20000.00",
      'changed,,03-3000,S,"Concrete, placed","Concrete, placed",yes,yes,,,,,,,325000.00,330000.00,0.00,0.00,325000.00,330000.00,5000.00,0.00,5000.00',
      'removed,,05-1200,M,Steel,,no,,120.5,,ton,,1500,,180750.00,,0.00,,180750.00,,-180750.00,0.00,-180750.00',
    ])
  })

  test('as CSV page by page is the same file', async () => {
    const project = await changedSince(api())
    const path = `${of(project)}/current/diff.csv`
    const whole = (await get(path, { from: '1' })).text
    let text = ''
    let cursor: string | undefined
    do {
      const query: Record<string, string> = { from: '1', limit: '1', ...(cursor !== undefined && { cursor }) }
      const page = await get(path, query)
      text += page.text
      cursor = page.headers['x-next-cursor']
    } while (cursor !== undefined)
    expect(text).toBe(whole)
  })

  test.each<[string, Record<string, string>, number]>([
    ['nothing', {}, 400],
    ['a word', { from: 'sage' }, 400],
    ['zero', { from: '0' }, 400],
    ['a version that is not there', { from: '7' }, 404],
  ])('from %s is refused', async (_, query, status) => {
    const project = await withLines(api())
    expect((await get(`${of(project)}/current/diff`, query)).status).toBe(status)
  })
})

describe('the difference of two versions added up', () => {
  test('by division tells where something differs, and sums up to the total', async () => {
    const project = await changedSince(api())
    await edit(project, [{ ...general, cost_code: '03-1000', original_budget_amount: '-1000.00' }])
    const query = { from: '1', by: 'division' }
    expect((await get(`${of(project)}/current/diff/subtotals`, query)).json).toMatchObject({
      by: 'division',
      from: { version: 1 },
      to: { version: 'current' },
      subtotals: [
        {
          division: '01',
          counts: { added: 1, removed: 0, changed: 0 },
          delta: { revised_estimate: '20000.00' },
        },
        {
          division: '03',
          counts: { added: 1, removed: 0, changed: 1 },
          delta: {
            original_budget_amount: '4000.00',
            budget_changes: '0.00',
            revised_estimate: '4000.00',
          },
        },
        {
          division: '05',
          counts: { added: 0, removed: 1, changed: 0 },
          delta: { revised_estimate: '-180750.00' },
        },
      ],
      counts: { added: 2, removed: 1, changed: 1 },
      delta: { revised_estimate: '-156750.00' },
      next_cursor: null,
    })
  })

  test('by sub job begins with the lines that have none, page by page', async () => {
    const project = await changedSince(api())
    await edit(project, [{ ...general, sub_job: 'SITE' }])
    const pages = await subtotalsOf(`${of(project)}/current/diff`, { from: '1', by: 'sub_job', limit: '1' })
    expect(pages).toMatchObject([
      [{ sub_job: '', counts: { added: 1, removed: 1, changed: 1 } }],
      [{ sub_job: 'SITE', counts: { added: 1 } }],
    ])
  })

  test('is begun again when the working copy changed between two pages', async () => {
    const project = await changedSince(api())
    const query = { from: '1', by: 'division', limit: '1' }
    const path = `${of(project)}/current/diff/subtotals`
    const { next_cursor } = (await get(path, query)).json
    await edit(project, [{ ...concrete, original_budget_amount: '1.00' }])
    const came = await get(path, { ...query, cursor: next_cursor ?? '' })
    expect(problem(came)).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })
})

/** The subtotals of a difference, page by page. */
async function subtotalsOf(path: string, query: Record<string, string>): Promise<unknown[]> {
  const pages: unknown[] = []
  let cursor: string | null = null
  do {
    const more: Record<string, string> = cursor === null ? query : { ...query, cursor }
    const page = (await get(`${path}/subtotals`, more)).json
    pages.push(page.subtotals)
    cursor = page.next_cursor
  } while (cursor !== null)
  return pages
}

describe('the difference to what Sage holds added up', () => {
  test('by division counts what agrees too, and sums up to the totals', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await edit(project, [{ ...concrete, original_budget_amount: '330000.00' }, general])
    const { json } = await get(`${of(project)}/current/against_sage/subtotals`, { by: 'division' })
    expect(json).toMatchObject({
      by: 'division',
      of: { version: 'current' },
      subtotals: [
        {
          division: '01',
          in_sage: { total: '0.00' },
          revised_estimate: '20000.00',
          difference_to_send: '20000.00',
        },
        {
          division: '03',
          in_sage: { original_estimate: '325000.00', approved_estimate_changes: '0.00', total: '325000.00' },
          revised_estimate: '330000.00',
          difference_to_send: '5000.00',
        },
        { division: '05', in_sage: { total: '180750.00' }, difference_to_send: '0.00' },
      ],
      in_sage: { total: '505750.00' },
      revised_estimate: '530750.00',
      difference_to_send: '25000.00',
      next_cursor: null,
    })
  })

  test('comes page by page, each once', async () => {
    const path = `${of(await changedSince(api()))}/current/against_sage`
    expect(await subtotalsOf(path, { by: 'cost_type', limit: '1' })).toMatchObject([
      [{ cost_type: 'L', difference_to_send: '20000.00' }],
      [{ cost_type: 'S', difference_to_send: '330000.00' }],
    ])
  })
})

describe.each([
  ['diff', { from: '1' }],
  ['against_sage', {}],
])('a cursor of %s', (name, from) => {
  test.each([
    ['/subtotals', { by: 'division' }, '/subtotals', { by: 'cost_type' }],
    ['/subtotals', { by: 'division' }, '', {}],
    ['', {}, '/subtotals', { by: 'division' }],
  ])('%s %j begins no page of %s %j', async (below, query, other, asked) => {
    const path = `${of(await changedSince(api()))}/current/${name}`
    const { next_cursor } = (await get(`${path}${below}`, { ...from, ...query, limit: '1' })).json
    const came = await get(`${path}${other}`, { ...from, ...asked, cursor: next_cursor ?? '' })
    expect([came.status, came.json.errors]).toMatchObject([400, [{ pointer: '/cursor', code: 'CURSOR' }]])
  })
})

describe('the difference to what Sage holds', () => {
  test('before the first export is every line', async () => {
    const project = await withLines(api())
    expect((await get(`${of(project)}/current/against_sage`)).json).toMatchObject({
      of: { version: 'current' },
      in_sage: { original_estimate: '0.00', approved_estimate_changes: '0.00', total: '0.00' },
      revised_estimate: '505750.00',
      difference_to_send: '505750.00',
      line_items: [
        { budget_code: '03-3000.S', in_sage: { total: '0.00' }, difference_to_send: '325000.00' },
        { budget_code: '05-1200.M', difference_to_send: '180750.00' },
      ],
    })
  })

  test('of the version that Sage took is none', async () => {
    const project = await syncedProject(api())
    expect((await get(`${of(project)}/1/against_sage`)).json).toMatchObject({
      in_sage: { original_estimate: '505750.00', total: '505750.00' },
      difference_to_send: '0.00',
      line_items: [],
      line_items_in_all: 0,
    })
  })

  test('tells what the next export would hold, by mode, page by page', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await edit(
      project,
      [{ ...concrete, original_budget_amount: '330000.00' }, general],
      [{ cost_code: '05-1200', cost_type: 'M' }],
    )
    const path = `${of(project)}/current/against_sage`
    const rows: unknown[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor !== null && { cursor }) }
      const page = (await get(path, query)).json
      rows.push(...page.line_items)
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(rows).toMatchObject([
      { budget_code: '01-1000.L', in_sage: { total: '0.00' }, difference_to_send: '20000.00' },
      {
        budget_code: '03-3000.S',
        in_sage: { original_estimate: '325000.00', approved_estimate_changes: '0.00', total: '325000.00' },
        revised_estimate: '330000.00',
        difference_to_send: '5000.00',
      },
      {
        budget_code: '05-1200.M',
        description: null,
        revised_estimate: '0.00',
        difference_to_send: '-180750.00',
      },
    ])
    expect((await get(`${path}.csv`)).text.trim().split('\r\n').slice(1)).toEqual([
      ',01-1000,L,,0.00,0.00,0.00,20000.00,20000.00',
      ',03-3000,S,"Concrete, placed",325000.00,0.00,325000.00,330000.00,5000.00',
      ',05-1200,M,,180750.00,0.00,180750.00,0.00,-180750.00',
    ])
  })
})

/** A project whose chunks all hold other bytes than were stored. */
async function damaged(bytes: Uint8Array): Promise<string> {
  const project = await changedSince(api())
  const chunks = await api().rows.list(`C#acme#P#${project}`, { begins: 'CHUNK#' })
  await api().rows.putMany(chunks.map(({ pk, sk }) => ({ pk, sk, zstd: bytes })))
  return project
}

describe('stored lines', () => {
  test.each([
    ['other lines', compressed(Buffer.from('{}'), 1)],
    ['bytes of no kind', Buffer.from('xx')],
  ])('that somebody replaced by %s are not shown, restored or compared', async (_, bytes) => {
    const project = await damaged(bytes)
    const came = [
      await get(`${of(project)}/1/lines`),
      await get(`${of(project)}/1/verify`),
      await get(`${of(project)}/current/diff`, { from: '1' }),
      await restore(project, 1),
    ]
    expect(came.map(problem)).toEqual(came.map(() => [500, problemType('STORED_DATA_ALTERED')]))
    expect(came[0]?.json).toMatchObject({
      detail: textWith('its hash does not fit'),
      what_to_do: textWith('operators'),
    })
  })

  test('of a version hold', async () => {
    const project = await changedSince(api())
    expect((await get(`${of(project)}/1/verify`)).json).toMatchObject({
      version: 1,
      verified: true,
      line_items: 2,
      revised_estimate: '505750.00',
    })
  })

  test('whose version row says other totals do not hold', async () => {
    const project = await changedSince(api())
    const key = { pk: `C#acme#P#${project}`, sk: 'VERSION#00001' }
    const row = (await api().rows.get(key))!
    await api().rows.putMany([{ ...row, original: 1 }])
    expect(problem(await get(`${of(project)}/1/verify`))).toEqual([500, problemType('STORED_DATA_ALTERED')])
  })
})

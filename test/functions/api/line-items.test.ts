import { beforeAll, describe, expect, test } from 'vitest'
import { peopleOf } from '../../../shared/domain/editor.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { bob, ed, etagOf, lines, mia, newProject, projectWithLines, setUpAcme, vera } from './acme.ts'
import { textWith } from './answer-body.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import {
  exportingProject,
  lockedProject,
  makeChange,
  step,
  syncedProject,
  unlock,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const path = (project: string) => `/projects/${project}/budget/line_items`

const list = async (project: string, query: Record<string, string> = {}): Promise<Came> =>
  await api().call('GET', path(project), { as: vera, query })

const patch = async (
  project: string,
  body: unknown,
  headers: Record<string, string> = {},
  as = ed,
): Promise<Came> =>
  await api().call('PATCH', path(project), {
    as,
    body,
    headers: { 'if-match': await etagOf(api(), project), ...headers },
  })

const concrete = { cost_code: '03-3000', cost_type: 'S' }
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    cost_code: `09-${String(1000 + i)}`,
    cost_type: 'L',
    original_budget_amount: '10.00',
  }))

describe('lines', () => {
  test('come with their three figures, in the order of their codes', async () => {
    const project = await projectWithLines(api())
    expect((await list(project)).json.line_items).toEqual([
      {
        sub_job: '',
        cost_code: '03-3000',
        cost_type: 'S',
        budget_code: '03-3000.S',
        description: 'Concrete, placed',
        calculation_strategy: 'manual',
        quantity: null,
        uom: '',
        unit_cost: null,
        original_budget_amount: '325000.00',
        budget_changes: '0.00',
        revised_estimate: '325000.00',
      },
      {
        sub_job: '',
        cost_code: '05-1200',
        cost_type: 'M',
        budget_code: '05-1200.M',
        description: 'Steel',
        calculation_strategy: 'automatic',
        quantity: '120.5',
        uom: 'ton',
        unit_cost: '1500',
        original_budget_amount: '180750.00',
        budget_changes: '0.00',
        revised_estimate: '180750.00',
      },
    ])
  })

  test('come page by page, each once', async () => {
    const project = await newProject(api())
    await patch(project, { upserts: many(25) })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Came = await list(project, { limit: '10', ...(cursor !== null && { cursor }) })
      seen.push(...page.json.line_items.map(({ cost_code }) => cost_code))
      cursor = page.json.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual(many(25).map(({ cost_code }) => cost_code))
  })

  test('that changed between two pages are not mixed', async () => {
    const project = await newProject(api())
    await patch(project, { upserts: many(3) })
    const cursor = (await list(project, { limit: '1' })).json.next_cursor ?? ''
    await patch(project, { upserts: [{ ...concrete, original_budget_amount: '1.00' }] })
    const came = await list(project, { limit: '1', cursor })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })
})

describe('a batch of edits', () => {
  test('makes the next revision and tells the new totals', async () => {
    const project = await projectWithLines(api())
    const came = await patch(project, { upserts: [{ ...concrete, original_budget_amount: '330000.00' }] })
    expect({ status: came.status, etag: came.headers['etag'], body: came.json }).toMatchObject({
      status: 200,
      etag: '"3"',
      body: { changed: 1, revision: 3, totals: { line_items: 2, original_budget_amount: '510750.00' } },
    })
  })

  test('that changes nothing makes no revision', async () => {
    const project = await projectWithLines(api())
    const came = await patch(project, { upserts: lines })
    expect([came.json.changed, came.headers['etag']]).toEqual([0, '"2"'])
  })

  test('deletes lines too', async () => {
    const project = await projectWithLines(api())
    await patch(project, { deletes: [concrete] })
    expect((await list(project)).json.line_items).toMatchObject([{ budget_code: '05-1200.M' }])
  })

  test('calculates an automatic line', async () => {
    const project = await newProject(api())
    await patch(project, { upserts: [{ ...concrete, quantity: '3', unit_cost: '0.3333' }] })
    expect((await list(project)).json.line_items).toMatchObject([{ original_budget_amount: '1.00' }])
  })

  test('leaves what an upsert does not name as it is', async () => {
    const project = await newProject(api())
    const line = { ...concrete, description: 'Slab', uom: 'CY', quantity: '3', unit_cost: '5' }
    await patch(project, { upserts: [line] })
    await patch(project, { upserts: [{ ...concrete, quantity: '4' }] })
    expect((await list(project)).json.line_items).toMatchObject([
      { ...line, calculation_strategy: 'automatic', quantity: '4', original_budget_amount: '20.00' },
    ])
    await patch(project, { upserts: [{ ...concrete, quantity: null }] })
    expect((await list(project)).json.line_items).toMatchObject([
      { ...line, calculation_strategy: 'manual', quantity: null, original_budget_amount: '20.00' },
    ])
  })

  test('asks for the amount of a new line only', async () => {
    const project = await newProject(api())
    const came = await patch(project, { upserts: [{ ...concrete, quantity: '4' }] })
    expect(came.json.errors).toMatchObject([
      {
        pointer: '/upserts/0/original_budget_amount',
        code: 'AMOUNT_MISSING',
        sentence:
          'A line that is not calculated from quantity and unit cost needs its budget amount; write 0.00 for none.',
      },
    ])
  })

  test('with one bad line stores none, and names every bad place', async () => {
    const project = await newProject(api())
    const came = await patch(project, {
      upserts: [
        { ...concrete, original_budget_amount: '1.00' },
        { cost_code: '', cost_type: 'S', original_budget_amount: '1.005' },
      ],
    })
    expect({ status: came.status, type: came.json.type, errors: came.json.errors }).toMatchObject({
      status: 422,
      type: problemType('LINE_INVALID'),
      errors: [{ pointer: '/upserts/1/cost_code' }, { pointer: '/upserts/1/original_budget_amount' }],
    })
    expect((await list(project)).json.line_items).toEqual([])
  })

  test.each([
    ['1e3', 'EXPONENT'],
    ['1,000.00', 'THOUSANDS_SEPARATOR'],
    ['1.000,00', 'DECIMAL_COMMA'],
    ['(500)', 'IN_BRACKETS'],
    ['1.005', 'TOO_MANY_DECIMALS'],
    ['٣', 'OTHER_DIGITS'],
    ['１２', 'OTHER_DIGITS'],
    ['NaN', 'NOT_A_NUMBER'],
    ['100000000000', 'OUT_OF_RANGE'],
  ])('refuses the amount %s as %s', async (original_budget_amount, code) => {
    const came = await patch(await newProject(api()), { upserts: [{ ...concrete, original_budget_amount }] })
    expect(came.json.errors).toMatchObject([{ pointer: '/upserts/0/original_budget_amount', code }])
  })

  test('takes an amount as text only, so that nothing is rounded', async () => {
    const came = await patch(await newProject(api()), {
      upserts: [{ ...concrete, original_budget_amount: 1.1 }],
    })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/upserts/0/original_budget_amount'])
  })

  test('never sets the figure of the budget changes', async () => {
    const upserts = [{ ...concrete, original_budget_amount: '1.00', budget_changes: '5.00' }]
    const came = await patch(await newProject(api()), { upserts })
    expect(came.json.errors).toMatchObject([{ pointer: '/upserts/0/budget_changes', code: 'UNKNOWN_FIELD' }])
  })

  test('that deletes a line that is not there is refused with the place', async () => {
    const came = await patch(await newProject(api()), { deletes: [concrete] })
    expect({ type: came.json.type, errors: came.json.errors }).toMatchObject({
      type: problemType('NOT_FOUND'),
      errors: [{ pointer: '/deletes/0' }],
    })
  })

  test('that deletes a line which a change touches is refused', async () => {
    const project = await projectWithLines(api())
    await makeChange(api(), project)
    await makeChange(api(), project)
    const came = await patch(project, { deletes: [concrete] })
    expect([came.status, came.json.type]).toEqual([409, problemType('LINE_IN_USE')])
    expect(came.json.errors).toMatchObject([{ sentence: textWith('Budget changes 1, 2 touch 03-3000.S') }])
  })

  test('of more than a thousand is refused', async () => {
    const came = await patch(await newProject(api()), { upserts: many(1001) })
    expect([came.status, came.json.type]).toEqual([400, problemType('INVALID_INPUT')])
  })

  test('of a thousand is taken', async () => {
    expect((await patch(await newProject(api()), { upserts: many(1000) })).json.changed).toBe(1000)
  })

  test('of nothing is refused', async () => {
    expect((await patch(await newProject(api()), {})).status).toBe(400)
  })

  test('without If-Match is refused', async () => {
    const project = await newProject(api())
    const came = await api().call('PATCH', path(project), { as: ed, body: { upserts: lines } })
    expect([came.status, came.json.type]).toEqual([428, problemType('IF_MATCH_MISSING')])
  })

  test('from an older revision is refused', async () => {
    const came = await patch(await projectWithLines(api()), { deletes: [concrete] }, { 'if-match': '"1"' })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('sent again with its key is answered as before, though the revision moved on', async () => {
    const project = await projectWithLines(api())
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': '"2"' }
    const first = await patch(project, { deletes: [concrete] }, headers)
    const again = await patch(project, { deletes: [concrete] }, headers)
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([
      200,
      first.json,
      'true',
    ])
  })

  test('sent again with its key is answered as before, though the budget was locked meanwhile', async () => {
    const project = await projectWithLines(api())
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': '"2"' }
    const first = await patch(project, { deletes: [concrete] }, headers)
    await api().command(`/projects/${project}/budget/lock`, { as: mia })
    await step(api(), project, 'lockBudget')
    const again = await patch(project, { deletes: [concrete] }, headers)
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([
      200,
      first.json,
      'true',
    ])
  })

  test('keeps old and new values in history', async () => {
    const project = await projectWithLines(api())
    await patch(project, { upserts: [{ ...concrete, description: '', original_budget_amount: '330000.00' }] })
    const { history } = (await api().call('GET', `/projects/${project}/budget/history`, { as: bob })).json
    expect(history.at(-1)?.detail.first).toEqual([
      {
        budget_code: '03-3000.S',
        old_value: { description: 'Concrete, placed', original_budget_amount: '325000.00' },
        new_value: { description: '', original_budget_amount: '330000.00' },
      },
    ])
  })

  test('is answered as before when it is repeated after the budget was locked', async () => {
    const project = await projectWithLines(api())
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': '"2"' }
    const first = await patch(project, { deletes: [concrete] }, headers)
    await api().command(`/projects/${project}/budget/lock`, { as: mia })
    await step(api(), project, 'lockBudget')
    const again = await patch(project, { deletes: [concrete] }, headers)
    expect([again.status, again.json]).toEqual([200, first.json])
  })

  test('makes its author an editor, once', async () => {
    const project = await projectWithLines(api())
    await patch(project, { deletes: [concrete] })
    await patch(project, { upserts: lines }, {}, mia)
    const editors = await api().store.editors({ company: 'acme', project } as never)
    expect(peopleOf(editors)).toEqual(['ed', 'mia'])
  })

  test('that stores the first line names the creator, who stays', async () => {
    const project = await projectWithLines(api())
    await patch(project, { deletes: [concrete] }, {}, mia)
    const head = await api().store.head({ company: 'acme', project } as never)
    expect(head?.creator).toBe('ed')
  })
})

describe('a locked budget', () => {
  const zero = { cost_code: '01-1000', cost_type: 'L', original_budget_amount: '0.00' }

  test('takes a zero line from a project manager', async () => {
    expect((await patch(await lockedProject(api()), { upserts: [zero] }, {}, mia)).json.changed).toBe(1)
  })

  test('takes no zero line from an estimator', async () => {
    const came = await patch(await lockedProject(api()), { upserts: [zero] })
    expect([came.status, came.json.type]).toEqual([403, problemType('NOT_ALLOWED')])
  })

  test('takes no amount', async () => {
    const upserts = [{ ...zero, original_budget_amount: '5.00' }]
    const came = await patch(await lockedProject(api()), { upserts }, {}, mia)
    expect([came.status, came.json.type]).toEqual([409, problemType('BUDGET_LOCKED')])
  })

  test('takes nothing while it is with accounting', async () => {
    const came = await patch(await exportingProject(api()), { upserts: [zero] }, {}, mia)
    expect([came.status, came.json.type]).toEqual([409, problemType('WITH_ACCOUNTING')])
  })
})

const erpState = async (project: string) =>
  (await api().call('GET', `/projects/${project}/budget`, { as: vera })).json.erp_state

describe('a settled budget', () => {
  test('is pending as soon as a line differs from what is in Sage', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await patch(project, { upserts: [{ ...concrete, original_budget_amount: '330000.00' }] })
    expect(await erpState(project)).toBe('update_pending')
  })

  test('is synced again when the line is what it was', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await patch(project, { upserts: [{ ...concrete, original_budget_amount: '330000.00' }] })
    await patch(project, { upserts: [{ ...concrete, original_budget_amount: '325000.00' }] })
    expect(await erpState(project)).toBe('synced')
  })

  test('stays synced when only a description changes', async () => {
    const project = await syncedProject(api())
    await unlock(api(), project)
    await patch(project, {
      upserts: [{ ...concrete, description: 'Concrete', original_budget_amount: '325000.00' }],
    })
    expect(await erpState(project)).toBe('synced')
  })
})

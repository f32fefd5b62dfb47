import { beforeAll, describe, expect, test } from 'vitest'
import { peopleOf } from '../../../shared/domain/editor.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { bob, etagOf, mia, newProject, projectWithLines, setUpAcme, vera } from './acme.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import {
  decideChange,
  exportedProject,
  keyOf,
  lockedProject,
  makeChange,
  send,
  acceptIt,
  sentProject,
  syncedProject,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const transfer = [
  { cost_code: '03-3000', cost_type: 'S', amount: '-15000.00', comment: 'Less concrete' },
  { cost_code: '05-1200', cost_type: 'M', amount: '15000.00' },
]

const make = async (
  project: string,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<Came> =>
  await api().command(`/projects/${project}/budget_changes`, {
    as: mia,
    body: { title: 'Transfer', adjustment_line_items: transfer, ...more },
    headers,
  })

const act = async (project: string, name: 'approve' | 'reopen' | 'void'): Promise<Came> =>
  await decideChange(api(), project, name)

const patch = async (project: string, body: unknown, etag?: string): Promise<Came> =>
  await api().call('PATCH', `/projects/${project}/budget_changes/1`, {
    as: mia,
    body,
    headers: { 'if-match': etag ?? (await etagOf(api(), project)) },
  })

const lines = async (project: string): Promise<string[]> =>
  (await api().call('GET', `/projects/${project}/budget/line_items`, { as: vera })).json.line_items.map(
    ({ budget_changes, revised_estimate }) => `${budget_changes} ${revised_estimate}`,
  )

const refused = (came: Came) => [came.status, came.json.type]

describe('a new change', () => {
  test('whose amount is a number is told to write it as text', async () => {
    const project = await projectWithLines(api())
    const [first, second] = transfer
    const came = await make(project, {
      adjustment_line_items: [
        { ...first, amount: -15000 },
        { ...second, amount: undefined },
      ],
    })
    expect(came.json.errors).toMatchObject([
      { sentence: 'This is a number where text is needed: write it in quotes, like "100.00".' },
      { sentence: 'This is missing.' },
    ])
  })

  test('is a draft with the next number', async () => {
    const project = await projectWithLines(api())
    await make(project)
    const came = await make(project)
    expect({ status: came.status, json: came.json }).toMatchObject({
      status: 201,
      json: {
        number: 2,
        status: 'draft',
        net_amount: '0.00',
        created_by: 'mia',
        adjustment_line_items: [
          { budget_code: '03-3000.S', amount: '-15000.00', comment: 'Less concrete' },
          { budget_code: '05-1200.M', amount: '15000.00', comment: '' },
        ],
      },
    })
  })

  test('changes no line', async () => {
    const project = await projectWithLines(api())
    await make(project)
    expect(await lines(project)).toEqual(['0.00 325000.00', '0.00 180750.00'])
  })

  test('that does not net to zero is refused', async () => {
    const came = await make(await projectWithLines(api()), { adjustment_line_items: [transfer[0]] })
    expect(refused(came)).toEqual([422, problemType('CHANGE_NOT_BALANCED')])
  })

  test('may be one-sided where the project lets it', async () => {
    const project = await projectWithLines(api())
    const { job } = (await api().call('GET', `/projects/${project}`, { as: bob })).json
    await api().call('PUT', `/projects/${project}`, {
      as: bob,
      body: { name: 'Bridge', job, settings: { one_sided_changes: true } },
      headers: { 'if-match': '"2"' },
    })
    expect((await make(project, { adjustment_line_items: [transfer[1]] })).json.net_amount).toBe('15000.00')
  })

  test('over a line that is not there is refused with the place', async () => {
    const came = await make(await newProject(api()))
    expect({ type: came.json.type, errors: came.json.errors }).toMatchObject({
      type: problemType('CHANGE_LINE_MISSING'),
      errors: [{ pointer: '/adjustment_line_items/0' }, { pointer: '/adjustment_line_items/1' }],
    })
  })

  test('without a title is refused', async () => {
    const came = await make(await projectWithLines(api()), { title: ' ' })
    expect(came.json.errors).toMatchObject([{ pointer: '/title' }])
  })

  test('sent again with its key is made once', async () => {
    const project = await projectWithLines(api())
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await make(project, {}, headers)
    const again = await make(project, {}, headers)
    expect([again.status, again.json]).toEqual([201, first.json])
  })

  test('makes its author an editor', async () => {
    const project = await projectWithLines(api())
    await make(project)
    expect(peopleOf(await api().store.editors(keyOf(project)))).toEqual(['ed', 'mia'])
  })

  test('may be a draft while the budget waits for an approver', async () => {
    expect((await make(await sentProject(api()))).status).toBe(201)
  })

  test('goes under review no sooner than the budget is back', async () => {
    const came = await make(await sentProject(api()), { status: 'under_review' })
    expect(refused(came)).toEqual([409, problemType('CHANGE_HELD')])
  })
})

describe('an edit of a change', () => {
  test('keeps what it does not name', async () => {
    const project = await projectWithLines(api())
    await make(project)
    expect((await patch(project, { status: 'under_review' })).json).toMatchObject({
      title: 'Transfer',
      status: 'under_review',
      net_amount: '0.00',
    })
  })

  test('needs the revision it was made from', async () => {
    const project = await projectWithLines(api())
    await make(project)
    expect(refused(await patch(project, { title: 'New' }, '"1"'))).toEqual([
      412,
      problemType('CHANGED_MEANWHILE'),
    ])
  })

  test('is refused once it is approved', async () => {
    const project = await lockedProject(api())
    await make(project)
    await act(project, 'approve')
    expect(refused(await patch(project, { title: 'New' }))).toEqual([409, problemType('CHANGE_STATUS')])
  })

  test('of a number that is not there is NOT_FOUND', async () => {
    expect(refused(await patch(await projectWithLines(api()), { title: 'New' }))).toEqual([
      404,
      problemType('NOT_FOUND'),
    ])
  })
})

describe('approval', () => {
  test('folds the amounts into the lines', async () => {
    const project = await lockedProject(api())
    await make(project)
    const came = await act(project, 'approve')
    expect([came.status, came.json.status, await lines(project)]).toEqual([
      200,
      'approved',
      ['-15000.00 310000.00', '15000.00 195750.00'],
    ])
  })

  test('needs a locked budget', async () => {
    const project = await projectWithLines(api())
    await make(project)
    expect(refused(await act(project, 'approve'))).toEqual([409, problemType('BUDGET_NOT_LOCKED')])
  })

  test('waits while the budget is with accounting', async () => {
    const project = await sentProject(api())
    await make(project)
    expect(refused(await act(project, 'approve'))).toEqual([409, problemType('CHANGE_HELD')])
  })

  test('is given once', async () => {
    const project = await lockedProject(api())
    await make(project)
    await act(project, 'approve')
    expect(refused(await act(project, 'approve'))).toEqual([409, problemType('CHANGE_STATUS')])
  })

  test('is of the change as it was looked at: one that was edited since is not approved', async () => {
    const project = await lockedProject(api())
    await make(project)
    const path = `/projects/${project}/budget_changes/1`
    const seen = (await api().call('GET', path, { as: mia })).headers['etag'] ?? ''
    const amounts = ['-300000.00', '300000.00'].map((amount, i) => ({ ...transfer[i], amount }))
    await patch(project, { adjustment_line_items: amounts })
    const came = await api().command(`${path}/approve`, { as: mia, headers: { 'if-match': seen } })
    expect([...refused(came), await lines(project)]).toEqual([
      412,
      problemType('CHANGED_MEANWHILE'),
      ['0.00 325000.00', '0.00 180750.00'],
    ])
  })

  test('sent again with its key folds once', async () => {
    const project = await lockedProject(api())
    await make(project)
    const headers = { 'idempotency-key': idempotencyKey(), 'if-match': await etagOf(api(), project) }
    const call = { as: mia, headers }
    const path = `/projects/${project}/budget_changes/1/approve`
    const first = await api().command(path, call)
    const again = await api().command(path, call)
    expect([again.status, again.json, await lines(project)]).toEqual([
      200,
      first.json,
      ['-15000.00 310000.00', '15000.00 195750.00'],
    ])
  })

  test('on a settled budget makes an update pending', async () => {
    const project = await syncedProject(api())
    await make(project)
    await act(project, 'approve')
    const came = await api().call('GET', `/projects/${project}/budget`, { as: vera })
    expect(came.json).toMatchObject({ erp_state: 'update_pending', shown_as: 'Changes not yet sent to Sage' })
  })
})

describe('an approved change', () => {
  test.each([
    ['reopen', 'draft'],
    ['void', 'void'],
  ] as const)('that nothing has exported can be taken out again: %s', async (name, status) => {
    const project = await lockedProject(api())
    await make(project)
    await act(project, 'approve')
    const came = await act(project, name)
    expect([came.json.status, await lines(project)]).toEqual([status, ['0.00 325000.00', '0.00 180750.00']])
  })

  test.each(['reopen', 'void'] as const)(
    'whose amounts are in Sage cannot be taken out: %s',
    async (name) => {
      const project = await syncedProject(api())
      await make(project)
      await act(project, 'approve')
      await send(api(), project)
      await acceptIt(api(), project)
      const { store } = api()
      const head = (await store.head(keyOf(project)))!
      // The state is no longer frozen, while the entries of the export are still open.
      const settled = { ...head, erp: 'synced' as const }
      await store.commit(keyOf(project), head, {
        head: settled,
        history: [{ event: 'waited', by: 'system', detail: {} }],
      })
      expect(refused(await act(project, name))).toEqual([409, problemType('CHANGE_HELD')])
    },
  )

  test('is held while its budget is with accounting', async () => {
    const project = await exportedProject(api())
    await makeChange(api(), project)
    expect(refused(await act(project, 'approve'))).toEqual([409, problemType('CHANGE_HELD')])
  })
})

describe('reopening', () => {
  test('is for approved changes', async () => {
    const project = await lockedProject(api())
    await make(project)
    expect(refused(await act(project, 'reopen'))).toEqual([409, problemType('CHANGE_STATUS')])
  })
})

describe('changes', () => {
  test('are listed page by page without their lines', async () => {
    const project = await projectWithLines(api())
    for (let i = 0; i < 3; i += 1) await make(project)
    const path = `/projects/${project}/budget_changes`
    const first = (await api().call('GET', path, { as: vera, query: { limit: '2' } })).json
    const query = { limit: '2', cursor: first.next_cursor as string }
    const second = (await api().call('GET', path, { as: vera, query })).json
    expect([...first.budget_changes, ...second.budget_changes]).toMatchObject([
      { number: 1, adjustment_line_item_count: 2 },
      { number: 2 },
      { number: 3 },
    ])
  })

  test('are shown one by one', async () => {
    const project = await projectWithLines(api())
    await make(project)
    const came = await api().call('GET', `/projects/${project}/budget_changes/1`, { as: vera })
    expect([came.status, came.headers['etag'], came.json.number]).toEqual([200, '"3"', 1])
  })

  test('void for good take no further act', async () => {
    const project = await projectWithLines(api())
    await make(project)
    await act(project, 'void')
    expect(refused(await act(project, 'void'))).toEqual([409, problemType('CHANGE_STATUS')])
  })
})

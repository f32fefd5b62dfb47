import { beforeAll, describe, expect, test } from 'vitest'
import { having, listWith, someText, textLike } from './answer-body.ts'
import { problemType } from '../../../shared/http/problem.ts'
import {
  ann,
  acme,
  bob,
  ed,
  mia,
  newProject,
  personOf,
  projectWithLines,
  ruth,
  setUpAcme,
  vera,
} from './acme.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  decideChange,
  exportedProject,
  exportingProject,
  failedProject,
  keyOf,
  lockedProject,
  makeChange,
  sentProject,
  shownOf,
  step,
  syncedProject,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const withLines = putBack(projectWithLines)
const people = { lock: mia, unlock: bob, send: mia, retrieve: mia }
type Name = keyof typeof people

const give = async (project: string, name: Name): Promise<Came> =>
  await api().command(`/projects/${project}/budget/${name}`, { as: people[name] })

const budget = async (project: string, as = mia) =>
  (await api().call('GET', `/projects/${project}/budget`, { as })).json

const commandOf = async (project: string, command: string, as = mia) =>
  (await budget(project, as)).commands.find((each) => each.command === command)

describe('a command', () => {
  test('is answered as pending, and shown so until the step has carried it out', async () => {
    const project = await withLines(api())
    const came = await give(project, 'lock')
    const pending = { command: 'lock', outcome: 'pending', by: 'mia', at: api().clock.now() }
    expect([came.status, came.json, (await budget(project)).last_command]).toEqual([202, pending, pending])
  })

  test('opens a cycle and names its execution', async () => {
    const project = await withLines(api())
    await give(project, 'lock')
    expect(await budget(project)).toMatchObject({
      edit_state: 'unlocked',
      cycle: 1,
      execution: textLike(/^[a-z2-7]{24}-c1-r1-[a-z0-9]{6}$/),
      pending: { command: 'lock', by: 'mia' },
    })
  })

  test('needs an Idempotency-Key', async () => {
    const project = await withLines(api())
    const came = await api().call('POST', `/projects/${project}/budget/lock`, { as: mia })
    expect([came.status, came.json.type]).toEqual([400, problemType('IDEMPOTENCY_KEY_MISSING')])
  })

  test('that names the revision it was given from is refused where another stands', async () => {
    const project = await projectWithLines(api())
    const call = { as: mia, headers: { 'if-match': '"1"' } }
    const came = await api().command(`/projects/${project}/budget/lock`, call)
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('is refused while another is pending', async () => {
    const project = await withLines(api())
    await give(project, 'lock')
    const came = await give(project, 'lock')
    expect([came.status, came.json.type]).toEqual([409, problemType('COMMAND_PENDING')])
  })

  test('sent again with its key is answered as before, whatever became of it', async () => {
    const project = await withLines(api())
    const call = { as: mia, headers: { 'idempotency-key': idempotencyKey() } }
    const path = `/projects/${project}/budget/lock`
    const first = await api().command(path, call)
    await step(api(), project, 'lockBudget')
    const again = await api().command(path, call)
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([
      202,
      first.json,
      'true',
    ])
  })

  test('does not take the key of another request', async () => {
    const [one, two] = [await withLines(api()), await withLines(api())]
    const headers = { 'idempotency-key': idempotencyKey() }
    await api().command(`/projects/${one}/budget/lock`, { as: mia, headers })
    const came = await api().command(`/projects/${two}/budget/lock`, { as: mia, headers })
    expect([came.status, came.json.type]).toEqual([422, problemType('IDEMPOTENCY_KEY_REUSED')])
  })

  test('takes a key that somebody else used for theirs', async () => {
    const [one, two] = [await withLines(api()), await withLines(api())]
    const headers = { 'idempotency-key': idempotencyKey() }
    await api().command(`/projects/${one}/budget/lock`, { as: mia, headers })
    const came = await api().command(`/projects/${two}/budget/lock`, { as: bob, headers })
    expect(came.status).toBe(202)
  })

  test('has no option that nobody knows', async () => {
    const project = await lockedProject(api())
    const body = { delete_changes: 'delete all budget changes' }
    const came = await api().command(`/projects/${project}/budget/unlock`, { as: bob, body })
    expect(came.json.errors).toMatchObject([{ pointer: '/delete_changes', code: 'UNKNOWN_FIELD' }])
  })

  test('on a project that is not there is NOT_FOUND', async () => {
    const came = await give('nowhere', 'lock')
    expect([came.status, came.json.type]).toEqual([404, problemType('NOT_FOUND')])
  })

  test('of ten at once is recorded once', async () => {
    const project = await withLines(api())
    const came = await Promise.all(Array.from({ length: 10 }, async () => await give(project, 'lock')))
    expect(came.filter(({ status }) => status === 202)).toHaveLength(1)
  })
})

describe('refused in its state', () => {
  const refusals: readonly [Name, string, (of: ReturnType<typeof api>) => Promise<string>, string][] = [
    ['lock', 'has no lines', newProject, 'NO_LINES'],
    ['lock', 'is locked already', lockedProject, 'BUDGET_LOCKED'],
    ['unlock', 'is unlocked', withLines, 'BUDGET_NOT_LOCKED'],
    ['unlock', 'waits for an approver', sentProject, 'WITH_ACCOUNTING'],
    ['unlock', 'is on its way to Sage', exportingProject, 'WITH_ACCOUNTING'],
    ['unlock', 'is not posted yet', exportedProject, 'WITH_ACCOUNTING'],
    ['unlock', 'failed at export', failedProject, 'WITH_ACCOUNTING'],
    ['send', 'is unlocked', withLines, 'BUDGET_NOT_LOCKED'],
    ['send', 'was sent', sentProject, 'WITH_ACCOUNTING'],
    ['send', 'has nothing new', syncedProject, 'FINDINGS'],
    ['retrieve', 'was never sent', lockedProject, 'NOT_SENT'],
    ['retrieve', 'is on its way to Sage', exportingProject, 'NOT_SENT'],
  ]

  test.each(refusals)('%s of a budget that %s', async (name, _, make, code) => {
    const came = await give(await make(api()), name)
    expect(came.json.type).toBe(problemType(code as 'FINDINGS'))
  })

  test('send of a budget with errors, naming each finding and what to do', async () => {
    const project = await newProject(api())
    const upserts = [{ cost_code: '99-9999', cost_type: 'S', original_budget_amount: '1.00' }]
    await api().call('PATCH', `/projects/${project}/budget/line_items`, {
      as: ed,
      body: { upserts },
      headers: { 'if-match': '"1"' },
    })
    await give(project, 'lock')
    await step(api(), project, 'lockBudget')
    const came = await give(project, 'send')
    expect({ status: came.status, json: came.json }).toMatchObject({
      status: 422,
      json: {
        type: problemType('FINDINGS'),
        findings: listWith(
          having({
            code: 'COST_CODE_NOT_IN_SAGE',
            severity: 'error',
            budget_code: '99-9999.S',
            what_to_do: someText,
          }),
        ),
      },
    })
  })

  test('send of a budget that nobody could accept', async () => {
    await api().companies.putPerson(acme, { ...personOf('ann'), active: false }, 'system')
    const came = await give(await lockedProject(api()), 'send')
    await api().companies.putPerson(acme, personOf('ann'), 'system')
    expect(came.json.findings).toMatchObject([{ code: 'NO_ELIGIBLE_APPROVER', severity: 'error' }])
  })

  test.each([
    ['retrieve', mia],
    ['accept', ann],
    ['reject', ann],
  ])('%s is offered no longer than until the decision', async (name, as) => {
    const project = await sentProject(api())
    const before = await commandOf(project, name, as)
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    await api().command(`/erp/budgets/${project}/decision`, { as: ann, body })
    expect([before, await commandOf(project, name, as)]).toMatchObject([
      { allowed: true },
      { allowed: false, code: 'APPROVAL_ENDED' },
    ])
  })

  test('retrieve of a budget that was just accepted', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    await api().command(`/erp/budgets/${project}/decision`, { as: ann, body })
    const came = await give(project, 'retrieve')
    expect([came.status, came.json.type]).toEqual([409, problemType('APPROVAL_ENDED')])
  })
})

describe('carried out by its step', () => {
  test('lock makes a version', async () => {
    const project = await lockedProject(api())
    expect(await budget(project)).toMatchObject({ edit_state: 'locked', version: 1, pending: null })
  })

  test('unlock lets lines be edited again', async () => {
    const project = await lockedProject(api())
    await give(project, 'unlock')
    await step(api(), project, 'unlockBudget')
    expect(await budget(project)).toMatchObject({ edit_state: 'unlocked', last_command: { outcome: 'done' } })
  })

  test('send hands the budget to accounting', async () => {
    expect(await budget(await sentProject(api()))).toMatchObject({ erp_state: 'sent', sent_version: 1 })
  })

  test('retrieve takes it back, and no decision comes after', async () => {
    const project = await sentProject(api())
    const body = { choice: 'accept', ...(await shownOf(api(), project)) }
    await give(project, 'retrieve')
    const late = await api().command(`/erp/budgets/${project}/decision`, { as: ann, body })
    await step(api(), project, 'retrieveBudget')
    expect([late.json.type, (await budget(project)).erp_state]).toEqual([
      problemType('APPROVAL_ENDED'),
      'retrieved',
    ])
  })
})

describe('the budget lists every command', () => {
  test('that may be given now', async () => {
    expect(await commandOf(await withLines(api()), 'lock')).toEqual({ command: 'lock', allowed: true })
  })

  test('that may not, with the reason and the next act', async () => {
    expect(await commandOf(await lockedProject(api()), 'edit_lines')).toEqual({
      command: 'edit_lines',
      allowed: false,
      code: 'BUDGET_LOCKED',
      sentence: someText,
      what_to_do: someText,
    })
  })

  test('that is not for this person', async () => {
    expect(await commandOf(await withLines(api()), 'lock', vera)).toMatchObject({
      allowed: false,
      code: 'NOT_ALLOWED',
    })
  })
})

const check = async (project: string) =>
  (await api().call('GET', `/projects/${project}/budget/precheck`, { as: vera })).json

describe('the pre-check', () => {
  test('of a budget that may be sent shows what would go', async () => {
    expect(await check(await lockedProject(api()))).toMatchObject({
      may_be_sent: true,
      errors: 0,
      export: [{ part: 1, mode: 'original_estimate', entries: 2, total: '505750.00' }],
      master_data: { as_of: '2026-11-22T12:00:00.000Z' },
      job_totals: null,
    })
  })

  test('can be asked at any time', async () => {
    expect(await check(await newProject(api()))).toMatchObject({
      may_be_sent: false,
      findings: [{ code: 'NOTHING_TO_EXPORT' }],
    })
  })

  test('caps its list and says how many there are', async () => {
    const project = await newProject(api())
    const upserts = Array.from({ length: 30 }, (_, i) => ({
      cost_code: `77-${String(1000 + i)}`,
      cost_type: 'S',
      original_budget_amount: '1.00',
    }))
    await api().call('PATCH', `/projects/${project}/budget/line_items`, {
      as: ed,
      body: { upserts },
      headers: { 'if-match': '"1"' },
    })
    const came = await api().call('GET', `/projects/${project}/budget/precheck`, {
      as: vera,
      query: { limit: '5' },
    })
    expect([came.json.findings.length, came.json.findings_in_all]).toEqual([5, 30])
  })
})

const get = async (path: string, query: Record<string, string> = {}) =>
  await api().call('GET', path, { as: vera, query })

describe('versions', () => {
  test('are listed newest first', async () => {
    const project = await lockedProject(api())
    await give(project, 'unlock')
    await step(api(), project, 'unlockBudget')
    await give(project, 'lock')
    await step(api(), project, 'lockBudget')
    const { versions } = (await get(`/projects/${project}/budget/versions`)).json
    expect(versions).toMatchObject([
      { version: 2, why: 'lock', created_by: 'mia' },
      { version: 1, why: 'lock', line_items: 2, original_budget_amount: '505750.00' },
    ])
  })

  test('keep their lines whatever comes after', async () => {
    const project = await lockedProject(api())
    await makeChange(api(), project)
    await decideChange(api(), project, 'approve')
    const came = await get(`/projects/${project}/budget/versions/1/lines`)
    expect(came.json.line_items).toMatchObject([{ budget_changes: '0.00' }, { budget_changes: '0.00' }])
  })

  test('come one by one', async () => {
    const project = await lockedProject(api())
    expect((await get(`/projects/${project}/budget/versions/1`)).json).toMatchObject({
      version: 1,
      why: 'lock',
    })
  })

  test('give their lines page by page', async () => {
    const path = `/projects/${await lockedProject(api())}/budget/versions/1/lines`
    const first = (await get(path, { limit: '1' })).json
    const second = (await get(path, { limit: '1', cursor: first.next_cursor ?? '' })).json
    expect([first.line_items[0]?.cost_code, second.line_items[0]?.cost_code, second.next_cursor]).toEqual([
      '03-3000',
      '05-1200',
      null,
    ])
  })

  test.each(['7', '0', 'x', '1e3'])('number %s is not there', async (number) => {
    expect((await get(`/projects/${await lockedProject(api())}/budget/versions/${number}`)).status).toBe(404)
  })
})

describe('history', () => {
  test('tells everything in its order, page by page', async () => {
    const project = await sentProject(api())
    const events: string[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor !== null && { cursor }) }
      const page = (await api().call('GET', `/projects/${project}/budget/history`, { as: ruth, query })).json
      events.push(...page.history.map(({ event }) => event))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(events).toEqual(['project_created', 'lines_edited', 'lock_asked', 'locked', 'send_asked', 'sent'])
  })

  test('names the request that each row came with', async () => {
    const project = await withLines(api())
    const history = await api().store.history(keyOf(project), { limit: 10 })
    expect(history.map(({ request }) => request)).toEqual(['request-1', 'request-1'])
  })
})

test('an accepted budget goes on to its export', async () => {
  const project = await sentProject(api())
  await acceptIt(api(), project)
  expect(await budget(project)).toMatchObject({ erp_state: 'exporting', export: `${project}-e1` })
})

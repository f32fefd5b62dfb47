import { beforeAll, describe, expect, test } from 'vitest'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, bob, ed, newProject, personOf, projectWithLines, setUpAcme, vera } from './acme.ts'
import { idempotencyKey, useLocalApi } from './local-api.ts'
import { exportingProject, sentProject, syncedProject } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const put = async (project: string, body: unknown, headers: Record<string, string> = {}) =>
  await api().call('PUT', `/projects/${project}`, { as: bob, body, headers })

const show = async (project: string) => await api().call('GET', `/projects/${project}`, { as: vera })

describe('a new project', () => {
  test('begins unlocked, empty and never sent', async () => {
    const project = await newProject(api())
    expect((await show(project)).json).toMatchObject({
      id: project,
      name: 'Bridge',
      settings: { one_sided_changes: false },
      edit_state: 'unlocked',
      erp_state: 'not_sent',
      shown_as: 'Not sent to accounting yet',
    })
  })

  test('is answered with its address and first revision', async () => {
    const came = await put('dam', { name: 'Dam' })
    expect([came.status, came.headers['location'], came.headers['etag']]).toEqual([
      201,
      '/projects/dam',
      '"1"',
    ])
  })

  test('needs no job yet', async () => {
    expect((await put('quay', { name: 'Quay' })).json.job).toBeNull()
  })

  const address = { street: '1200 River Rd', city: 'Tacoma', state: 'WA', zip: '98402' }
  const sub_jobs = [{ sub_job: '001', description: 'Site package' }]

  test('keeps the address and what its sub jobs are called, until it is saved without', async () => {
    const made = await put('lock', { name: 'Lock', address, sub_jobs })
    expect(made.json).toMatchObject({ address, sub_jobs })
    const saved = await put('lock', { name: 'Lock' }, { 'if-match': '"1"' })
    expect([saved.json.address, saved.json.sub_jobs]).toEqual([null, []])
  })

  test.each<[string, object, string]>([
    ['a street that Sage would cut', { address: { ...address, street: 'x'.repeat(31) } }, '/address/street'],
    [
      'a city that is too long once spelled',
      { address: { ...address, city: 'ß'.repeat(8) } },
      '/address/city',
    ],
    ['a sub job described twice', { sub_jobs: [...sub_jobs, ...sub_jobs] }, '/sub_jobs'],
  ])('with %s is refused at its place', async (_, but, pointer) => {
    const came = await put('weir', { name: 'Weir', ...but })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('cannot be linked to a Sage company that is not there', async () => {
    const came = await put('pier', { name: 'Pier', job: { sage_company: 'west', number: '1' } })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, '/job/sage_company'])
  })

  test('cannot take the job of another', async () => {
    const other = (await show(await newProject(api()))).json.job
    const came = await put('pier', { name: 'Pier', job: other })
    expect([came.status, came.json.type]).toEqual([409, problemType('JOB_TAKEN')])
  })

  test('sent again with its key is made once and answered as before, whatever became of it', async () => {
    const headers = { 'idempotency-key': idempotencyKey() }
    const first = await put('mole', { name: 'Mole' }, headers)
    await put('mole', { name: 'North mole' }, { 'if-match': '"1"' })
    const again = await put('mole', { name: 'Mole' }, headers)
    expect([again.status, again.json, (await show('mole')).json.name]).toEqual([
      201,
      first.json,
      'North mole',
    ])
  })

  test('does not take the key of another', async () => {
    const headers = { 'idempotency-key': idempotencyKey() }
    await put('jetty', { name: 'Jetty' }, headers)
    const came = await put('jetty', { name: 'Ferry jetty' }, headers)
    expect([came.status, came.json.type]).toEqual([422, problemType('IDEMPOTENCY_KEY_REUSED')])
    expect((await put('slip', { name: 'Slip' }, headers)).json.type).toBe(came.json.type)
  })

  test('is not made over one that is there, when only a new one is wanted', async () => {
    const project = await newProject(api())
    const came = await put(project, { name: 'Other' }, { 'if-none-match': '*' })
    expect([came.status, came.json.type]).toEqual([409, problemType('PROJECT_EXISTS')])
  })

  test('is not made where a revision is named', async () => {
    const came = await put('nowhere-yet', { name: 'Other' }, { 'if-match': '"3"' })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test.each(['a b', '-a', 'a'.repeat(41), 'a#b'])('cannot be called %j', async (id) => {
    expect((await put(id, { name: 'Dam' })).status).toBe(404)
  })

  test('has no field that nobody knows', async () => {
    const came = await put('lock', { name: 'Lock', colour: 'red' })
    expect(came.json.errors).toMatchObject([{ pointer: '/colour', code: 'UNKNOWN_FIELD' }])
  })
})

describe('a change of a project', () => {
  test('needs the revision it was made from', async () => {
    const came = await put(await newProject(api()), { name: 'Bridge 2' })
    expect([came.status, came.json.type]).toEqual([428, problemType('IF_MATCH_MISSING')])
  })

  test('from an older revision is refused', async () => {
    const project = await newProject(api())
    await put(project, { name: 'Bridge 2' }, { 'if-match': '"1"' })
    const came = await put(project, { name: 'Bridge 3' }, { 'if-match': '"1"' })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('makes the next revision', async () => {
    const came = await put(await newProject(api()), { name: 'Bridge 2' }, { 'if-match': '"1"' })
    expect([came.status, came.headers['etag'], came.json.name]).toEqual([200, '"2"', 'Bridge 2'])
  })

  test('sent again with its key is made once', async () => {
    const project = await newProject(api())
    const headers = { 'if-match': '"1"', 'idempotency-key': idempotencyKey() }
    const first = await put(project, { name: 'Bridge 2' }, headers)
    const again = await put(project, { name: 'Bridge 2' }, headers)
    expect([again.status, again.json, (await show(project)).headers['etag']]).toEqual([
      200,
      first.json,
      '"2"',
    ])
  })

  test('gives a job up for others to take', async () => {
    const project = await newProject(api())
    const { job } = (await show(project)).json
    await put(project, { name: 'Bridge', job: null }, { 'if-match': '"1"' })
    expect((await put(`${project}-next`, { name: 'Next', job })).status).toBe(201)
  })

  test('keeps history of what was before and after', async () => {
    const project = await newProject(api())
    await put(project, { name: 'Bridge 2' }, { 'if-match': '"1"' })
    const { history } = (await api().call('GET', `/projects/${project}/budget/history`, { as: bob })).json
    expect(history.at(-1)).toMatchObject({
      event: 'project_changed',
      by: 'bob',
      request: 'request-1',
      detail: { before: { name: 'Bridge' }, after: { name: 'Bridge 2' } },
    })
  })
})

const relink = async (project: string) => {
  const etag = (await show(project)).headers['etag'] ?? ''
  return await put(project, { name: 'Bridge', job: null }, { 'if-match': etag })
}

describe('the job of a project', () => {
  test('may change before the budget was sent', async () => {
    expect((await relink(await projectWithLines(api()))).status).toBe(200)
  })

  test.each([
    ['waits for an approver', sentProject],
    ['is on its way to Sage', exportingProject],
    ['stands in Sage', syncedProject],
  ])('is fixed while the budget %s', async (_, make) => {
    const came = await relink(await make(api()))
    expect([came.status, came.json.type]).toEqual([409, problemType('JOB_LINK_FIXED')])
  })

  test('that is fixed does not stop a new name', async () => {
    const project = await syncedProject(api())
    const { job } = (await show(project)).json
    const etag = (await show(project)).headers['etag'] ?? ''
    expect((await put(project, { name: 'Renamed', job }, { 'if-match': etag })).status).toBe(200)
  })
})

describe('projects of a company', () => {
  const yan = { sub: 'sub-yan', groups: ['zenith:budget_admin'] }
  beforeAll(async () => {
    const zenith = 'zenith' as typeof acme
    await api().companies.putPerson(zenith, { ...personOf('yan', ['budget_admin']) }, 'system')
  })

  test('are not there for another company', async () => {
    const project = await projectWithLines(api())
    const came = await Promise.all(
      ['', '/budget', '/budget/line_items', '/budget/versions', '/budget/history', '/budget_changes'].map(
        async (of) => (await api().call('GET', `/projects/${project}${of}`, { as: yan })).status,
      ),
    )
    expect(new Set(came)).toEqual(new Set([404]))
  })

  test('look the same to another company as those that never were', async () => {
    const project = await projectWithLines(api())
    const theirs = await api().call('GET', `/projects/${project}/budget`, { as: yan })
    const nobodys = await api().call('GET', '/projects/never-was/budget', { as: yan })
    expect(theirs.json).toEqual(nobodys.json)
  })

  test('cannot be changed by another company', async () => {
    const project = await projectWithLines(api())
    await api().call('PUT', `/projects/${project}`, { as: yan, body: { name: 'Mine' } })
    expect((await show(project)).json.name).toBe('Bridge')
  })

  test('are listed for their own company only', async () => {
    await api().call('PUT', '/projects/zenith-tower', { as: yan, body: { name: 'Tower' } })
    const { projects } = (await api().call('GET', '/projects', { as: yan })).json
    expect(projects.map(({ name }) => name)).not.toContain('Bridge')
  })

  test('come page by page, each once', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '3', ...(cursor !== null && { cursor }) }
      const page = (await api().call('GET', '/projects', { as: ed, query })).json
      seen.push(...page.projects.map(({ id }) => id))
      cursor = page.next_cursor
    } while (cursor !== null)
    const all = (await api().call('GET', '/projects', { as: ed, query: { limit: '100' } })).json.projects
    expect(seen).toEqual(all.map(({ id }) => id))
  })

  test.each([{ limit: '0' }, { limit: '101' }, { limit: 'x' }, { cursor: 'x' }, { page: '2' }])(
    'are not listed by %j',
    async (query) => {
      expect((await api().call('GET', '/projects', { as: ed, query })).status).toBe(400)
    },
  )
})

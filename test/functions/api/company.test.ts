import { gzipSync } from 'node:zlib'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HistoryRow } from '../../../shared/store/budget-store.ts'
import { chainFault } from '../../chain-of-history.ts'
import { having, listWith, textLike } from './answer-body.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { largestUnpacked } from '../../../shared/http/request.ts'
import { acme, ada, agent, east, eastFolder, masterData, mia, personOf, setUpAcme } from './acme.ts'
import { type Came, idempotencyKey, useLocalApi } from './local-api.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const get = async (path: string, as = ada): Promise<Came> => await api().call('GET', path, { as })

let etag = ''
beforeEach(async () => {
  etag = (await get('/company/policy')).headers['etag'] ?? ''
})

const put = async (path: string, body: unknown, seen = etag): Promise<Came> =>
  await api().call('PUT', path, { as: ada, body, headers: { 'if-match': seen } })

const refused = (came: Came) => [came.status, came.json.type]

const rosa = {
  name: 'Rosa',
  email: 'rosa@acme.example',
  subjects: ['sub-rosa'],
  roles: ['accounting_approver'],
  limit: '250000.00',
  delegate: { person: 'ann', from: '2026-12-01', until: '2026-12-24' },
}

test('the report of approvers says who may accept up to what, who stands in, since when, and who granted it', async () => {
  await put('/company/people/rosa', rosa)
  const now = (await get('/company/policy')).headers['etag']
  await put('/company/people/rosa', { ...rosa, limit: '300000.00' }, now)
  const [added] = (
    await api().call('GET', '/company/history', { as: ada, query: { limit: '100' } })
  ).json.history.filter(
    ({ event, detail }) => event === 'person_added' && JSON.stringify(detail).includes('"rosa"'),
  )
  expect((await get('/company/approvers')).json).toEqual({
    approvers: listWith({
      person: 'rosa',
      name: 'Rosa',
      active: true,
      limit: '300000.00',
      delegate: rosa.delegate,
      since: added?.at,
      granted_by: 'ada',
    }),
  })
})

describe('a person', () => {
  test('is stored as written', async () => {
    await put('/company/people/rosa', rosa)
    expect((await get('/company/people/rosa')).json).toEqual({ id: 'rosa', ...rosa, active: true })
  })

  test('may have no limit and no delegate', async () => {
    const { limit: _, delegate: __, ...plain } = rosa
    expect((await put('/company/people/rosa', plain)).json).toMatchObject({ limit: null, delegate: null })
  })

  test('may have a limit of nothing at all', async () => {
    expect((await put('/company/people/rosa', { ...rosa, limit: '0.00' })).json.limit).toBe('0.00')
  })

  test('makes the next revision of the company', async () => {
    const before = etag
    const came = await put('/company/people/quinn', { ...rosa, subjects: ['sub-quinn'] })
    expect(Number(came.headers['etag']?.slice(1, -1))).toBe(Number(before.slice(1, -1)) + 1)
  })

  test('is not stored over what somebody else wrote meanwhile', async () => {
    await put('/company/people/rosa', { ...rosa, name: 'Rosa M.' })
    expect(refused(await put('/company/people/rosa', rosa))).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('sent again with its key is stored once and answered as before', async () => {
    const headers = { 'if-match': etag, 'idempotency-key': idempotencyKey() }
    const send = async (name: string) =>
      await api().call('PUT', '/company/people/rosa', { as: ada, body: { ...rosa, name }, headers })
    const first = await send('Rosa of the yard')
    const again = await send('Rosa of the yard')
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([
      200,
      first.json,
      'true',
    ])
    expect((await get('/company/people/rosa')).headers['etag']).toBe(first.headers['etag'])
    expect(refused(await send('Rosa'))).toEqual([422, problemType('IDEMPOTENCY_KEY_REUSED')])
  })

  test('under a key that was used for another, from the revision that stands, is refused', async () => {
    const key = { 'idempotency-key': idempotencyKey() }
    const send = async (name: string, seen: string) =>
      await api().call('PUT', '/company/people/rosa', {
        as: ada,
        body: { ...rosa, name },
        headers: { ...key, 'if-match': seen },
      })
    const first = await send('Rosa of the shop', etag)
    const other = await send('Rosa of the office', first.headers['etag'] ?? '')
    expect(refused(other)).toEqual([422, problemType('IDEMPOTENCY_KEY_REUSED')])
    expect((await get('/company/people/rosa')).json).toMatchObject({ name: 'Rosa of the shop' })
  })

  test('sent twice at once with its key is stored once and answered alike', async () => {
    const headers = { 'if-match': etag, 'idempotency-key': idempotencyKey() }
    const send = async () =>
      await api().call('PUT', '/company/people/rosa', {
        as: ada,
        body: { ...rosa, name: 'Rosa T.' },
        headers,
      })
    const both = await Promise.all([send(), send()])
    expect(both.map(({ status, text }) => [status, text])).toEqual([
      [200, both[0].text],
      [200, both[0].text],
    ])
    expect(
      both.filter(({ headers: { 'idempotent-replayed': replayed } }) => replayed === 'true'),
    ).toHaveLength(1)
    const now = (await get('/company/people/rosa')).headers['etag']
    expect(Number(now?.slice(1, -1))).toBe(Number(etag.slice(1, -1)) + 1)
  })

  test('that stands already keeps no answer, so that its key is free for another', async () => {
    const { headers: stood } = await put('/company/people/rosa', { ...rosa, name: 'Rosa S.' })
    const headers = { 'if-match': stood['etag'] ?? '', 'idempotency-key': idempotencyKey() }
    const send = async (name: string) =>
      await api().call('PUT', '/company/people/rosa', { as: ada, body: { ...rosa, name }, headers })
    const [same, other] = [await send('Rosa S.'), await send('Rosa V.')]
    expect([same.headers['etag'], other.status, other.json]).toEqual([
      stood['etag'],
      200,
      having({ name: 'Rosa V.' }),
    ])
  })

  test('is not stored without the revision', async () => {
    const came = await api().call('PUT', '/company/people/rosa', { as: ada, body: rosa })
    expect(refused(came)).toEqual([428, problemType('IF_MATCH_MISSING')])
  })

  test('does not sign in as another', async () => {
    expect((await put('/company/people/tom', { ...rosa, subjects: ['sub-mia'] })).status).toBe(400)
  })

  test.each([
    ['an address that is none', { email: 'rosa@' }, '/email'],
    ['a role that nobody knows', { roles: ['king'] }, '/roles/0'],
    ['a limit that is no amount', { limit: '1e5' }, '/limit'],
    ['a delegate who is not there', { delegate: { ...rosa.delegate, person: 'nobody' } }, '/delegate/person'],
    [
      'a delegation that ends before it begins',
      { delegate: { ...rosa.delegate, until: '2026-11-01' } },
      '/delegate/until',
    ],
    ['an id of its own', { id: 'x' }, '/id'],
  ])('with %s is refused at its place', async (_, more, pointer) => {
    const came = await put('/company/people/rosa', { ...rosa, ...more })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('who is not there is NOT_FOUND', async () => {
    expect(refused(await get('/company/people/nobody'))).toEqual([404, problemType('NOT_FOUND')])
  })

  test('is listed with the others', async () => {
    const ids = (await get('/company/people')).json.people.map(({ id }) => id)
    expect(ids).toEqual(listWith('ada', 'mia', 'pat'))
  })
})

describe('the approval policy', () => {
  const untold = { from_amount: null, reminder: null, escalation: null, expiry: null }

  test('is one step, any one approver and thirty days until it is written', async () => {
    expect((await get('/company/policy')).json).toEqual({
      steps: [{ name: 'Accounting', approvers: [], accepts: 1, ...untold }],
      amount: 'larger',
      separation_of_duties: true,
      expiry: 'P30D',
      code_from_amount: null,
    })
  })

  test('is stored as written', async () => {
    const policy = {
      steps: [
        { name: 'Controller', approvers: ['ann'], accepts: 1, ...untold },
        {
          name: 'Board',
          approvers: [],
          accepts: 2,
          from_amount: '1000000.00',
          reminder: { after: 'P3D', every: 'P1D' },
          escalation: { after: 'P7D', to: 'ada' },
          expiry: 'P2W',
        },
      ],
      amount: 'moved',
      separation_of_duties: false,
      expiry: 'P6W',
      code_from_amount: '2500000.00',
    }
    await put('/company/policy', policy)
    const came = await get('/company/policy')
    await put('/company/policy', { steps: [{ name: 'Accounting' }] }, came.headers['etag'])
    expect(came.json).toEqual(policy)
  })

  test.each([
    ['no step', { steps: [] }, '/steps'],
    [
      'an approver who is not there',
      { steps: [{ name: 'A', approvers: ['nobody'] }] },
      '/steps/0/approvers/0',
    ],
    ['two steps of one name', { steps: [{ name: 'A' }, { name: 'A' }] }, '/steps'],
    [
      'a code from less than nothing on',
      { steps: [{ name: 'A' }], code_from_amount: '-0.01' },
      '/code_from_amount',
    ],
    ['a step that nobody need accept', { steps: [{ name: 'A', accepts: 0 }] }, '/steps/0/accepts'],
    ['an expiry in months', { steps: [{ name: 'A' }], expiry: 'P1M' }, '/expiry'],
    [
      'a reminder more often than daily',
      { steps: [{ name: 'A', reminder: { after: 'P1D', every: 'PT23H' } }] },
      '/steps/0/reminder/every',
    ],
    [
      'a reminder that comes after the end',
      { steps: [{ name: 'A', reminder: { after: 'P5D' }, expiry: 'P5D' }] },
      '/steps/0/reminder/after',
    ],
    [
      'an escalation that comes after the end of the policy',
      { steps: [{ name: 'A', escalation: { after: 'P8D', to: 'ada' } }], expiry: 'P1W' },
      '/steps/0/escalation/after',
    ],
    [
      'a fallback approver who is not there',
      { steps: [{ name: 'A', escalation: { after: 'P1D', to: 'nobody' } }] },
      '/steps/0/escalation/to',
    ],
  ])('with %s is refused at its place', async (_, body, pointer) => {
    const came = await put('/company/policy', body)
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('is not stored over what somebody else wrote meanwhile', async () => {
    expect(refused(await put('/company/policy', { steps: [{ name: 'A' }] }, '"1"'))).toEqual([
      412,
      problemType('CHANGED_MEANWHILE'),
    ])
  })
})

describe('a Sage company', () => {
  const west = {
    name: 'Acme West',
    folder: 'ACME WEST',
    connector: 'file_drop',
    posters: ['pat'],
    time_zone: 'America/Denver',
    cost_code_mask: '##-####',
    entry_date_window: { before: 10, after: 0 },
  }

  test('has Sage’s own limits where none are given', async () => {
    expect((await put('/company/sage/west', west)).json).toEqual({
      id: 'west',
      ...west,
      connector_subjects: [],
      code_separators: 'as_shown',
      shortest_job_line: 2,
      job_mask: null,
      date_order: 'MMDDYYYY',
      comment_character: ';',
      jobs_may_be_created: false,
      extras_may_be_created: false,
      cost_codes_may_be_created: false,
      stale_after_days: 3,
      limits: { job: 10, extra: 10, cost_code: 12, category: 3, description: 30, amount: '99999999.99' },
    })
  })

  test('keeps the limits that are given', async () => {
    const came = await put('/company/sage/west', { ...west, limits: { job: 8, amount: '5.00' } })
    expect(came.json.limits).toMatchObject({ job: 8, extra: 10, amount: '5.00' })
  })

  test('keeps after how many days a file is stale', async () => {
    await put('/company/sage/west', { ...west, stale_after_days: 5 })
    expect((await get('/company/sage/west')).json).toMatchObject({ stale_after_days: 5 })
  })

  test('is listed and shown', async () => {
    const listed = (await get('/company/sage')).json.sage_companies.map(({ id }) => id)
    expect([listed.includes('east'), (await get('/company/sage/east')).json.folder]).toEqual([
      true,
      'ACME EAST',
    ])
  })

  test('does not share its folder, in any spelling', async () => {
    expect(refused(await put('/company/sage/north', { ...west, folder: 'acme east' }))).toEqual([
      409,
      problemType('SAGE_FOLDER_TAKEN'),
    ])
  })

  test('does not take the folder of another tenant', async () => {
    const zenith = 'zenith' as typeof acme
    await api().companies.putSageCompany(zenith, { ...eastFolder, folder: 'ZENITH' }, 'system')
    expect(refused(await put('/company/sage/north', { ...west, folder: 'ZENITH' }))).toEqual([
      409,
      problemType('SAGE_FOLDER_TAKEN'),
    ])
  })

  test.each([
    ['a folder that climbs', { folder: '..' }, '/folder'],
    ['a folder within another', { folder: 'A/B' }, '/folder'],
    ['a folder with a hidden character', { folder: 'A\u0007B' }, '/folder'],
    ['a time zone that is none', { time_zone: 'Mars/Olympus' }, '/time_zone'],
    ['a poster who is not there', { posters: ['nobody'] }, '/posters/0'],
    ['a comment sign of two', { comment_character: ';;' }, '/comment_character'],
    ['no day before a file is stale', { stale_after_days: 0 }, '/stale_after_days'],
    ['no window for dates', { entry_date_window: undefined }, '/entry_date_window'],
  ])('with %s is refused at its place', async (_, more, pointer) => {
    const came = await put('/company/sage/west', { ...west, ...more })
    expect([came.status, came.json.errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('that is not there is NOT_FOUND', async () => {
    expect((await get('/company/sage/nowhere')).status).toBe(404)
  })
})

/** The history of the set-up, page by page. */
async function history(limit: string, as = ada) {
  const rows: unknown[] = []
  const pages: number[] = []
  let cursor: string | null = null
  do {
    const query: Record<string, string> = { limit, ...(cursor !== null && { cursor }) }
    const page = (await api().call('GET', '/company/history', { as, query })).json
    rows.push(...page.history)
    pages.push(page.history.length)
    cursor = page.next_cursor
  } while (cursor !== null)
  return { rows: rows as HistoryRow[], pages }
}

describe('the history of the set-up', () => {
  test('tells who changed what in which request, and holds', async () => {
    await put('/company/people/sam', { ...rosa, subjects: ['sub-sam'] })
    const { rows } = await history('200')
    expect([chainFault(rows), rows.at(-1)]).toMatchObject([
      undefined,
      { event: 'person_added', by: 'ada', request: 'request-1', detail: { person: 'sam' } },
    ])
  })

  test('comes page by page, each row once', async () => {
    const whole = await history('200')
    const { rows, pages } = await history('4')
    expect(rows).toEqual(whole.rows)
    expect(pages.slice(0, -1).every((length) => length === 4)).toBe(true)
    expect(pages.at(-1)).toBeGreaterThan(0)
  })

  test('as CSV has a record per field that was altered, with old and new value', async () => {
    await put('/company/people/una', { ...rosa, subjects: [] })
    const { headers } = await get('/company/policy')
    await put('/company/people/una', { ...rosa, subjects: [], name: '=1+1', limit: '5.00' }, headers['etag'])
    const came = await get('/company/history.csv')
    const records = came.text.trimEnd().split('\r\n')
    expect(came.headers['content-disposition']).toContain('acme-company-history.csv')
    expect(records[0]).toMatch(/^\ufeffNumber,When,Who,Event,Request,/)
    expect(records.slice(-2)).toEqual([
      textLike(/^\d+,[^,]+Z,ada,person_changed,request-1,,,,limit,250000.00,5.00,"{""person"":""una""}"$/),
      textLike(/,,,,name,Rosa,'=1\+1,$/),
    ])
  })

  test('as JSON lines holds the rows as they are chained, each change after its row', async () => {
    await put('/company/people/uma', { ...rosa, subjects: [] })
    const { headers } = await get('/company/policy')
    await put('/company/people/uma', { ...rosa, subjects: [], name: 'Uma' }, headers['etag'])
    const records = (await get('/company/history.jsonl')).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryRow)
    expect(records.filter((record) => 'hash' in record)).toEqual((await history('200')).rows)
    expect(records.at(-1)).toMatchObject({ change: { budget_code: null, field: 'name', new_value: 'Uma' } })
  })

  test('of another company is its own', async () => {
    const founder = { sub: 'sub-zoe', groups: ['yonder:company_admin'] }
    expect(await history('200', founder)).toEqual({ rows: [], pages: [0] })
  })
})

const send = async (body: unknown, as = agent): Promise<Came> =>
  await api().call('PUT', '/erp/master_data/east', { as, body })

describe('master data', () => {
  test('replace what was there, whole', async () => {
    const came = await send({ ...masterData(['1']), as_of: '2026-11-22T13:00:00.000Z' })
    const stored = await get('/erp/master_data/east', mia)
    expect([came.json, stored.json.jobs]).toEqual([
      { stored: true, as_of: '2026-11-22T13:00:00.000Z', jobs: 1, cost_codes: 3, categories: 3, extras: 0 },
      [{ job: '1', description: 'Job 1', closed: false, original_finalized: false }],
    ])
  })

  test('may be uploaded by an admin', async () => {
    const came = await send({ ...masterData(['1']), as_of: '2026-11-22T14:00:00.000Z' }, ada)
    expect([came.status, came.json.stored]).toEqual([200, true])
  })

  test('of an older reading replace nothing, and the answer says so', async () => {
    await send({ ...masterData(['1', '2']), as_of: '2026-11-22T15:00:00.000Z' })
    const came = await send(masterData(['1']))
    expect([came.status, came.json.stored]).toEqual([200, false])
    expect((await get('/erp/master_data/east', mia)).json.jobs).toHaveLength(2)
  })

  test('read meanwhile do not overtake who changes the set-up', async () => {
    const before = (await get('/company/policy')).headers['etag']
    await send({ ...masterData(['1']), as_of: '2026-11-22T16:00:00.000Z' })
    expect((await get('/company/policy')).headers['etag']).toBe(before)
  })

  test('with a field missing are refused at its place', async () => {
    const { jobs: _, ...rest } = masterData(['1'])
    expect((await send(rest)).json.errors).toMatchObject([{ pointer: '/jobs' }])
  })

  test('from the future are refused', async () => {
    const came = await send({ ...masterData(['1']), as_of: '2026-11-23T13:00:00.000Z' })
    expect(came.json.errors).toMatchObject([{ pointer: '/as_of' }])
  })

  test('of a Sage company that is not there are NOT_FOUND', async () => {
    const body = masterData(['1'])
    const came = await api().call('PUT', '/erp/master_data/nowhere', { as: agent, body })
    expect(came.status).toBe(404)
  })

  test('that were never stored are NOT_FOUND', async () => {
    await put('/company/sage/south', {
      name: 'S',
      folder: 'S',
      connector: 'agent',
      time_zone: 'UTC',
      entry_date_window: { before: 0, after: 0 },
    })
    expect((await get('/erp/master_data/south')).status).toBe(404)
  })
})

describe('totals of a job', () => {
  const path = '/erp/master_data/east/totals/26-001%2FA'
  const body = {
    as_of: '2026-11-22T12:30:00.000Z',
    totals: [{ extra: '', cost_code: '03-3000', category: 'S', original: '325000.00', changes: '-1.50' }],
  }

  test('are stored, and then compared', async () => {
    const came = await api().call('PUT', path, { as: agent, body })
    expect([came.json, (await get(path)).json, api().reports.at(-1)]).toEqual([
      { job: '26-001/A', as_of: body.as_of, totals: 1 },
      { job: '26-001/A', ...body },
      { v: 1, kind: 'totals', company: 'acme', sage_company: east, job: '26-001/A', as_of: body.as_of },
    ])
  })

  test('with an amount that is none are refused at its place, and nothing is compared', async () => {
    const before = api().reports.length
    const totals = [{ ...body.totals[0], original: '1.005' }]
    const came = await api().call('PUT', path, { as: agent, body: { ...body, totals } })
    expect([came.json.errors[0]?.pointer, api().reports.length]).toEqual(['/totals/0/original', before])
  })

  const zipped = async (bytes: Buffer) =>
    await api().call('PUT', path, {
      as: agent,
      base64: bytes.toString('base64'),
      headers: { 'content-type': 'application/gzip' },
    })

  test('of 50,000 lines are too large for a call, and are taken gzipped', async () => {
    const totals = Array.from({ length: 50_000 }, (_, i) => ({
      ...body.totals[0],
      cost_code: `03-${String(i).padStart(5, '0')}`,
    }))
    const large = { ...body, as_of: '2026-11-22T12:31:00.000Z', totals }
    const plain = await api().call('PUT', path, { as: agent, body: large })
    const taken = await zipped(gzipSync(JSON.stringify(large)))
    expect([refused(plain), taken.json]).toEqual([
      [413, problemType('TOO_LARGE')],
      { job: '26-001/A', as_of: large.as_of, totals: 50_000 },
    ])
  })

  test('that would unpack to more than is taken are refused before they do', async () => {
    const came = await zipped(gzipSync(Buffer.alloc(largestUnpacked + 1, ' ')))
    expect(refused(came)).toEqual([413, problemType('TOO_LARGE')])
  })

  test('that are said to be gzipped and are not are refused', async () => {
    const came = await zipped(Buffer.from(JSON.stringify(body)))
    expect([came.status, came.json.errors]).toMatchObject([400, [{ code: 'NOT_GZIP' }]])
  })

  test('of a job that was never read are NOT_FOUND', async () => {
    expect((await get('/erp/master_data/east/totals/none')).status).toBe(404)
  })

  test('under a path that cannot be read are NOT_FOUND', async () => {
    expect((await get('/erp/master_data/east/totals/%E0%A4%A')).status).toBe(404)
  })
})

test('a person of the directory without that role sees nothing of the set-up', async () => {
  await api().companies.putPerson(acme, personOf('mia'), 'system')
  expect(refused(await get('/company/sage', mia))).toEqual([403, problemType('NOT_ALLOWED')])
})

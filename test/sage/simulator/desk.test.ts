import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type DeskResponse, sageDesk } from '../../../local/sage/http.ts'
import { nodeListener } from '../../../local/sage/node-listener.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import {
  approvedChange,
  bytesOf,
  importLines,
  lists,
  openOffice,
  originalEstimate,
  textOf,
  totalsOf,
} from './riverside-clinic.ts'

const here = '/sage/companies/Tacoma%20Builders'
const api = '/sage/api/companies/Tacoma%20Builders'

/** A desk with two files in its drop folder, and a record of the reject files it kept. */
function openDesk() {
  const office = openOffice()
  const drop = mkdtempSync(join(temporaryFolder('sage-simulator'), 'drop-'))
  const files = { '1-original.jce': originalEstimate, '2-change.jce': approvedChange }
  const offered = Object.entries(files).map(([name, lines]) => {
    writeFileSync(join(drop, name), bytesOf(lines))
    return { name, path: join(drop, name) }
  })
  const kept: { name: string; text: string }[] = []
  const reports = temporaryFolder('sage-simulator')
  const desk = sageDesk({
    sage: office.sage,
    importableFiles: () => Promise.resolve(offered),
    saveRejects: (_company, name, bytes) => {
      kept.push({ name, text: textOf(bytes) })
      return Promise.resolve(`/rejects/${name}`)
    },
    reportsFolder: () => reports,
  })
  const get = (path: string) => desk.handle({ method: 'GET', path })
  const post = (path: string, form: Record<string, string> | URLSearchParams = {}) =>
    desk.handle({ method: 'POST', path, body: new URLSearchParams(form).toString() })
  const json = async (method: string, path: string, body?: unknown) => {
    const answered = await desk.handle({ method, path, body: JSON.stringify(body) })
    return { status: answered.status, body: JSON.parse(String(answered.body)) as Record<string, unknown> }
  }
  return { ...office, desk, get, post, json, offered, kept, reports, drop }
}

const location = ({ headers }: DeskResponse): string => headers['location'] ?? ''

async function shown(path: string): Promise<string> {
  const { get, company } = openDesk()
  importLines(company, originalEstimate)
  company.postEntries({ all: true })
  importLines(company, approvedChange, { box: true })
  const answered = await get(`${here}${path}`)
  expect(answered.status).toBe(200)
  return String(answered.body)
}

const line = (category: string): string => `"C","03-3000","","${category}",03152025,,"",1.00`

describe('the import window', () => {
  test('imports a file of the folder as an original estimate when the box is empty', async () => {
    const { post, company, offered } = openDesk()
    await post(`${here}/import`, { path: offered[0]?.path ?? '' })
    expect(new Set(company.newEntries().map(({ kind }) => kind))).toEqual(new Set(['original_estimate']))
  })

  test('imports it as an approved change when the box is ticked', async () => {
    const { post, company, offered } = openDesk()
    await post(`${here}/import`, { path: offered[0]?.path ?? '', asApprovedEstimateChange: '1' })
    expect(new Set(company.newEntries().map(({ kind }) => kind))).toEqual(
      new Set(['approved_estimate_change']),
    )
  })

  test('leads to the report, so that loading the page again imports nothing', async () => {
    const { get, post, company, offered } = openDesk()
    const answered = await post(`${here}/import`, { path: offered[0]?.path ?? '' })
    expect([answered.status, location(answered)]).toEqual([303, `${here}/imports/1`])
    await get(location(answered))
    await get(location(answered))
    expect(company.newEntries()).toHaveLength(4)
  })

  test('takes an uploaded file, byte for byte', async () => {
    const { desk, company } = openDesk()
    const form = new FormData()
    form.set('upload', new File([Buffer.from(bytesOf(originalEstimate))], 'from-mail.jce'))
    const packed = new Response(form)
    await desk.handle({
      method: 'POST',
      path: `${here}/import`,
      headers: { 'content-type': packed.headers.get('content-type') ?? '' },
      body: new Uint8Array(await packed.arrayBuffer()),
    })
    expect(textOf(company.importedBytes(1))).toBe(textOf(bytesOf(originalEstimate)))
    expect(company.importReport(1).fileName).toBe('from-mail.jce')
  })

  test('reads no file that is not offered', async () => {
    const { post, drop } = openDesk()
    const secret = join(drop, 'secret.txt')
    writeFileSync(secret, 'not for import')
    expect((await post(`${here}/import`, { path: secret })).status).toBe(404)
  })

  test('asks for a file where none was chosen', async () => {
    expect(String((await openDesk().post(`${here}/import`)).body)).toContain('No file was chosen.')
  })

  test('warns about a file that was imported before, and imports again only when told to', async () => {
    const { get, post, company, offered } = openDesk()
    const file = { path: offered[0]?.path ?? '' }
    await post(`${here}/import`, file)
    const warning = location(await post(`${here}/import`, file))
    expect(String((await get(warning)).body)).toContain('already imported')
    expect(company.newEntries()).toHaveLength(4)
    await post(`${warning}/again`)
    expect(company.newEntries()).toHaveLength(8)
  })

  test('keeps the reject file where reject files go, and offers it on the report', async () => {
    const { get, post, kept, offered } = openDesk()
    await post(`${here}/import`, { path: offered[1]?.path ?? '', asApprovedEstimateChange: '1' })
    expect(kept).toEqual([
      { name: '2-change.rejects.jce', text: [approvedChange[1], approvedChange[4], ''].join('\r\n') },
    ])
    const download = await get(`${here}/imports/1/rejects`)
    expect(download.headers['content-disposition']).toContain('2-change.rejects.jce')
  })
})

describe('the Estimate Import Report', () => {
  const badCategory = ['"*","24-1007"', line('S'), line('X')]

  test.each([
    ['a stop that kept earlier lines', 'earlier lines kept' as const, badCategory, 'look at the new entries'],
    ['a stop that kept nothing', 'nothing kept' as const, badCategory, 'No entry of the file was kept'],
    ['a file that is no import file', 'nothing kept' as const, ['"*",'], 'cannot be read'],
  ])('says what became of %s', async (_what, onNonStandardCategory, lines, words) => {
    const { get, company } = openDesk()
    company.changeSettings({ onNonStandardCategory })
    importLines(company, lines)
    expect(String((await get(`${here}/imports/1`)).body)).toContain(words)
  })

  test('names line, field and reason of what was rejected', async () => {
    const { get, company } = openDesk()
    importLines(company, ['"*","24-1007"', line('SUBS')])
    expect(String((await get(`${here}/imports/1`)).body)).toMatch(
      />2<[\s\S]{0,60}>4<[\s\S]{0,60}Category is longer than 3/,
    )
  })
})

describe('Post Entries on the desk', () => {
  test('posts all', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    const answered = await post(`${here}/post`, { which: 'all', entry: '1' })
    expect([location(answered), company.newEntries()]).toEqual([`${here}/transactions?run=1`, []])
  })

  test('posts only what is ticked', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    await post(
      `${here}/post`,
      new URLSearchParams([
        ['which', 'ticked'],
        ['entry', '1'],
        ['entry', '4'],
      ]),
    )
    expect(company.newEntries().map(({ entry }) => entry)).toEqual([2, 3])
  })

  test('with nothing ticked posts nothing', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    expect((await post(`${here}/post`, { which: 'ticked' })).status).toBe(409)
    expect(company.newEntries()).toHaveLength(4)
  })

  test('an entry is edited and deleted by form', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    await post(`${here}/entries/3`, { kind: 'approved_estimate_change', date: '2025-04-01', amount: '12.34' })
    await post(`${here}/entries/4/delete`)
    expect(company.newEntries().slice(2)).toMatchObject([
      { entry: 3, kind: 'approved_estimate_change', date: '2025-04-01', amount: 1234 },
    ])
  })

  test('a posted entry is edited by form', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    await post(`${here}/transactions/1/3`, { kind: 'original_estimate', date: '2025-03-15', amount: '1.00' })
    expect(totalsOf(company)['/03-3000/S']).toEqual([100, 0, 100])
  })
})

describe('every page', () => {
  const pages = [
    '',
    '/import',
    '/imports/1',
    '/entries',
    '/entries/5',
    '/transactions',
    '/transactions/1/1',
    '/totals',
    '/totals/24-1007',
    '/setup',
    '/faults',
  ]

  test.each(pages)('%s has one first heading, a language and no script', async (path) => {
    const body = await shown(path)
    expect([
      body.match(/<h1/g)?.length,
      body.includes('<html lang="en"'),
      /<script|\son\w+=/.test(body),
    ]).toEqual([1, true, false])
  })

  test.each(pages)('%s gives every field a label', async (path) => {
    const body = await shown(path)
    const fields = [...body.matchAll(/<(?:input|select)\b[^>]*>/g)].map(([tag]) => tag)
    const unlabelled = fields.filter((tag) => {
      const id = /\bid="([^"]+)"/.exec(tag)?.[1]
      return !tag.includes('aria-label=') && !(id !== undefined && body.includes(`for="${id}"`))
    })
    expect(unlabelled).toEqual([])
  })

  test('job totals show original, approved changes and total per category', async () => {
    const { get, company } = openDesk()
    importLines(company, originalEstimate)
    importLines(company, approvedChange, { box: true })
    company.postEntries({ all: true })
    const body = String((await get(`${here}/totals/24-1007`)).body)
    expect(body).toMatch(/325,000\.00[\s\S]{0,80}15,000\.00[\s\S]{0,80}340,000\.00/)
  })

  test('text from outside is shown as text', async () => {
    const { get, company } = openDesk()
    company.setUp({ jobs: [{ job: '24-1', description: '<img src=x onerror=1>' }] })
    const body = String((await get(`${here}/totals`)).body)
    expect([body.includes('<img'), body.includes('&lt;img')]).toEqual([false, true])
  })

  test('a long list is cut into pages', async () => {
    const { get, company } = openDesk()
    importLines(company, ['"*","24-1007"', ...Array.from({ length: 450 }, () => line('S'))])
    const last = String((await get(`${here}/entries?page=3`)).body)
    expect([last.match(/name="entry"/g)?.length, last.includes('Page 3 of 3')]).toEqual([50, true])
  })

  test('an address that names nothing is answered 404', async () => {
    const { get } = openDesk()
    const answers = await Promise.all(
      [
        '/sage/nowhere',
        '/sage/companies/None',
        `${here}/entries/99`,
        `${here}/entries/%zz`,
        `${here}/totals/24-9`,
      ].map(get),
    )
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  })

  test('no outside resource may be loaded', async () => {
    const { headers } = await openDesk().get(here)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/)
  })

  test('another site cannot press its buttons', async () => {
    const { desk, company } = openDesk()
    importLines(company, originalEstimate)
    const headers = { 'sec-fetch-site': 'cross-site' }
    const answered = await desk.handle({ method: 'POST', path: `${here}/post`, body: 'which=all', headers })
    expect([answered.status, company.newEntries().length]).toEqual([403, 4])
  })
})

describe('setup and faults by form', () => {
  test('a company, a standard code, a category, a job and an extra are set up', async () => {
    const { post, sage } = openDesk()
    const at = location(await post('/sage/companies', { name: 'Olympia Homes' }))
    await post(`${at}/setup/cost-codes`, { costCode: '03-3000', description: 'Concrete', group: '1' })
    await post(`${at}/setup/categories`, { category: 'L', accumulateAs: 'Labor' })
    await post(`${at}/setup/jobs`, { job: '24-1', originalEstimateFinalized: '1' })
    await post(`${at}/setup/extras`, { job: '24-1', extra: '001', closed: '1' })
    const { standardCostCodes, standardCategories, jobs, extras } = sage.company('Olympia Homes').tables()
    expect(standardCostCodes.get('03-3000')).toMatchObject({ description: 'Concrete', group: true })
    expect(standardCategories.get('L')).toMatchObject({ accumulateAs: 'Labor' })
    expect(jobs.get('24-1')).toMatchObject({ closed: false, originalEstimateFinalized: true })
    expect(extras.get('24-1\n001')).toMatchObject({ closed: true })
  })

  test('a description over 30 characters is refused in words', async () => {
    const answered = await openDesk().post(`${here}/setup/jobs`, { job: '24-1', description: 'x'.repeat(31) })
    expect([answered.status, String(answered.body).includes('description')]).toEqual([422, true])
  })

  test('settings are changed', async () => {
    const { post, company } = openDesk()
    await post(`${here}/setup/settings`, {
      costCode: '##-####',
      dateOrder: 'DMY',
      onNonStandardCategory: 'earlier lines kept',
      jobLineOnExistingJob: 'overwrites',
      categories: '1',
    })
    expect(company.tables().settings).toMatchObject({
      sections: { job: null, costCode: '##-####' },
      dateOrder: 'DMY',
      onNonStandardCategory: 'earlier lines kept',
      jobLineOnExistingJob: 'overwrites',
      categories: true,
      extras: false,
    })
  })

  test('switches are set and cleared', async () => {
    const { post, company } = openDesk()
    const form = { noLicenceSeat: '1', crashAfterRecords: '3', replicaLagSeconds: '3600', renamedFields: '1' }
    await post(`${here}/faults`, form)
    expect(company.tables().faults).toMatchObject({
      noLicenceSeat: true,
      crashAfterRecords: 3,
      replicaLagSeconds: 3600,
    })
    await post(`${here}/faults`, { crashAfterRecords: '', replicaLagSeconds: '0' })
    expect(company.tables().faults).toEqual({
      noLicenceSeat: false,
      crashAfterRecords: null,
      replicaLagSeconds: 0,
      renamedFields: {},
    })
  })

  test('a foreign entry and an owner change order move a key', async () => {
    const { post, company } = openDesk()
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    const key = { job: '24-1007', extra: '', costCode: '03-3000', category: 'S', date: '2025-06-02' }
    await post(`${here}/faults/foreign-entry`, {
      ...key,
      amount: '1.00',
      kind: 'original_estimate',
      post: '1',
    })
    await post(`${here}/faults/owner-change-order`, { ...key, amount: '2.00', number: 'CO-1' })
    expect(totalsOf(company)['/03-3000/S']).toEqual([32_500_100, 200, 32_500_300])
  })

  test('an import into a full house is answered 503', async () => {
    const { post, company, offered } = openDesk()
    company.setFaults({ noLicenceSeat: true })
    expect((await post(`${here}/import`, { path: offered[0]?.path ?? '' })).status).toBe(503)
  })
})

describe('the same as JSON', () => {
  test('a company is created with its settings and lists', async () => {
    const { json, sage } = openDesk()
    const body = { name: 'Olympia Homes', settings: { sections: { costCode: '##-####' } }, lists }
    const created = await json('POST', '/sage/api/companies', body)
    expect([created.status, sage.company('Olympia Homes').tables().standardCostCodes.size]).toEqual([201, 5])
  })

  test('carries both worked examples from file to totals', async () => {
    const { json, offered } = openDesk()
    for (const [index, asApprovedEstimateChange] of [false, true].entries()) {
      const path = offered[index]?.path
      await json('POST', `${api}/imports`, { path, asApprovedEstimateChange })
      await json('POST', `${api}/post`, { all: true })
    }
    expect((await json('GET', `${api}/totals?job=24-1007`)).body).toContainEqual({
      job: '24-1007',
      extra: '',
      costCode: '03-3000',
      category: 'S',
      originalEstimate: '325000.00',
      approvedEstimateChanges: '15000.00',
      totalEstimate: '340000.00',
    })
  })

  test('takes the bytes of a file in base64', async () => {
    const { json } = openDesk()
    const content = Buffer.from(bytesOf(originalEstimate)).toString('base64')
    const { body } = await json('POST', `${api}/imports`, {
      fileName: 'budget.jce',
      content,
      asApprovedEstimateChange: false,
    })
    expect(body).toMatchObject({ outcome: 'imported', acceptedTotal: '1250000.00', rejectFile: null })
  })

  test('a company shows its settings, lists, jobs and extras', async () => {
    const { json, company } = openDesk()
    importLines(company, originalEstimate)
    expect((await json('GET', api)).body).toMatchObject({
      name: 'Tacoma Builders',
      newEntries: 4,
      settings: { dateOrder: 'MDY' },
      jobs: [{ job: '24-1007', closed: false, originalEstimateFinalized: false }],
      extras: [{ job: '24-1007', extra: '001' }],
    })
  })

  test('lists and jobs are set up, and what is not named stays', async () => {
    const { json, company } = openDesk()
    await json('POST', `${api}/set-up`, { jobs: [{ job: '24-1', description: 'Clinic' }] })
    await json('POST', `${api}/set-up`, { jobs: [{ job: '24-1', closed: true }] })
    expect(company.tables().jobs.get('24-1')).toMatchObject({ description: 'Clinic', closed: true })
  })

  test('a cost code that is not on the job cannot be closed there', async () => {
    const jobs = [{ job: '24-1', costCodes: [{ costCode: '03-3000', closed: true }] }]
    expect(await openDesk().json('POST', `${api}/set-up`, { jobs })).toMatchObject({
      status: 422,
      body: { title: 'SET_UP' },
    })
  })

  test('the files to import are those that were offered', async () => {
    const { json, offered } = openDesk()
    expect((await json('GET', `${api}/files`)).body).toEqual(offered)
  })

  test('a report and its reject file can be had again', async () => {
    const { json, get, offered } = openDesk()
    await json('POST', `${api}/imports`, { path: offered[1]?.path, asApprovedEstimateChange: true })
    expect((await json('GET', `${api}/imports/1`)).body).toMatchObject({ acceptedTotal: '57000.00' })
    expect(String((await get(`${api}/imports/1/rejects`)).body)).toMatch(/^"\*","24-1007"\r\n"C","31-2000"/)
  })

  test('posted entries are listed with run and sequence', async () => {
    const { json, company } = openDesk()
    importLines(company, originalEstimate)
    company.postEntries({ ids: [3] })
    expect((await json('GET', `${api}/transactions`)).body).toMatchObject([
      { run: 1, sequence: 1, costCode: '03-3000', amount: '325000.00' },
    ])
  })

  test('reports are printed on request, into the folder for them', async () => {
    const { json, reports } = openDesk()
    expect((await json('POST', `${api}/reports`)).body).toEqual({
      folder: reports,
      asOf: '2025-06-02T08:00:00.000Z',
    })
  })

  test('without a folder for reports none are printed', async () => {
    const { sage } = openOffice()
    const desk = sageDesk({ sage, importableFiles: () => Promise.resolve([]) })
    expect((await desk.handle({ method: 'POST', path: `${api}/reports` })).status).toBe(409)
  })

  test('the tick box has no default: an import that does not say it is refused', async () => {
    const { json, offered } = openDesk()
    expect((await json('POST', `${api}/imports`, { path: offered[0]?.path })).status).toBe(422)
  })

  test('an import answers with the rejects and where they are kept', async () => {
    const { json, offered } = openDesk()
    const { body } = await json('POST', `${api}/imports`, {
      path: offered[1]?.path,
      asApprovedEstimateChange: true,
    })
    expect(body).toMatchObject({
      rejectedLines: [{ line: 5, field: 13 }],
      rejectsSavedAs: '/rejects/2-change.rejects.jce',
    })
  })

  test('entries are listed, edited, deleted and posted in part', async () => {
    const { json, company } = openDesk()
    importLines(company, originalEstimate)
    await json('PATCH', `${api}/entries/3`, { amount: '12.34' })
    await json('DELETE', `${api}/entries/4`)
    const { body } = await json('POST', `${api}/post`, { ids: [3] })
    expect(body).toMatchObject({ run: 1, total: '12.34', posted: [{ sequence: 1, amount: '12.34' }] })
    expect((await json('GET', `${api}/entries`)).body).toMatchObject([{ entry: 1 }, { entry: 2 }])
  })

  test('foreign entries, change orders and edits after posting move a key', async () => {
    const { json, company } = openDesk()
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    const key = { costCode: '03-3000', category: 'S' }
    const date = '2025-06-02'
    await json('POST', `${api}/entries`, {
      ...key,
      job: '24-1007',
      date,
      kind: 'original_estimate',
      amount: '1.00',
    })
    await json('POST', `${api}/owner-change-orders`, {
      job: '24-1007',
      number: 'CO-1',
      date,
      lines: [{ ...key, amount: '2.00' }],
    })
    await json('PATCH', `${api}/transactions/1/3`, { amount: '3.00' })
    expect(totalsOf(company)['/03-3000/S']).toEqual([400, 200, 600])
  })

  test('changing one switch leaves the others', async () => {
    const { json } = openDesk()
    await json('PATCH', `${api}/faults`, { replicaLagSeconds: 3600 })
    const { body } = await json('PATCH', `${api}/faults`, { noLicenceSeat: true })
    expect(body).toMatchObject({ noLicenceSeat: true, replicaLagSeconds: 3600 })
  })

  test('changing one setting leaves the others', async () => {
    const { json } = openDesk()
    await json('PATCH', `${api}/settings`, { dateOrder: 'DMY' })
    const { body } = await json('PATCH', `${api}/settings`, { extras: false })
    expect(body).toMatchObject({ dateOrder: 'DMY', extras: false, categories: true })
  })

  test('a read view is answered with the instant it is of', async () => {
    const { json } = openDesk()
    const { body } = await json('GET', `${api}/views/JCM_MASTER__STANDARD_CATEGORY`)
    expect(body).toMatchObject({ asOf: '2025-06-02T08:00:00.000Z', rows: [{ Category: 'L  ' }, {}, {}] })
  })

  test('a change prints the reports', async () => {
    const { json, company, reports } = openDesk()
    importLines(company, originalEstimate)
    await json('POST', `${api}/post`, { all: true })
    expect(readFileSync(join(reports, 'category-totals.csv'), 'utf8')).toContain('03-3000,S,325000.00')
  })

  test.each([
    ['a company that is not there', 'GET', '/sage/api/companies/None', undefined, 404, 'COMPANY_UNKNOWN'],
    [
      'a company that is there',
      'POST',
      '/sage/api/companies',
      { name: 'Tacoma Builders' },
      409,
      'COMPANY_EXISTS',
    ],
    ['an unknown field', 'POST', '/sage/api/companies', { name: 'A', colour: 'red' }, 422, 'INVALID'],
    ['an amount that is no amount', 'PATCH', `${api}/entries/1`, { amount: '1e3' }, 422, 'INVALID'],
    ['an unknown switch', 'PATCH', `${api}/faults`, { gremlins: true }, 422, 'INVALID'],
    ['an unknown view', 'GET', `${api}/views/NEW_TRANSACTIONS`, undefined, 404, 'VIEW_UNKNOWN'],
    ['an unknown address', 'GET', '/sage/api/nothing', undefined, 404, 'NOT_FOUND'],
  ])('%s is answered as a problem', async (_what, method, path, body, status, title) => {
    const answered = await openDesk().json(method, path, body)
    expect([answered.status, answered.body['title']]).toEqual([status, title])
  })

  test('a body that is no JSON is answered 400', async () => {
    const { desk } = openDesk()
    const answered = await desk.handle({ method: 'POST', path: '/sage/api/companies', body: '{' })
    expect(answered.status).toBe(400)
  })

  test('a crash in mid import is answered 500, and says so', async () => {
    const { json, company, offered } = openDesk()
    company.setFaults({ crashAfterRecords: 2 })
    const { status, body } = await json('POST', `${api}/imports`, {
      path: offered[0]?.path,
      asApprovedEstimateChange: false,
    })
    expect([status, body['title']]).toEqual([500, 'SAGE_CRASHED'])
  })
})

async function served(listener: RequestListener, act: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    await act(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const fourChanges = Array.from({ length: 4 }, () => 'approved_estimate_change')

describe('behind a node server', () => {
  test('a form of a browser imports its file', async () => {
    const { desk, company } = openDesk()
    const form = new FormData()
    form.set('upload', new File([Buffer.from(bytesOf(originalEstimate))], 'budget.jce'))
    form.set('asApprovedEstimateChange', '1')
    await served(nodeListener(desk, console.error), async (origin) => {
      const answered = await fetch(`${origin}${here}/import`, { method: 'POST', body: form })
      expect([answered.status, answered.url]).toEqual([200, `${origin}${here}/imports/1`])
    })
    expect(company.newEntries().map(({ kind }) => kind)).toEqual(fourChanges)
  })

  test('the style sheet is served', async () => {
    const { desk } = openDesk()
    await served(nodeListener(desk, console.error), async (origin) => {
      const answered = await fetch(`${origin}/sage/style.css`)
      expect([answered.headers.get('content-type'), (await answered.text()).length > 0]).toEqual([
        'text/css; charset=utf-8',
        true,
      ])
    })
  })

  test('a body beyond all import files is refused', async () => {
    const { desk } = openDesk()
    await served(nodeListener(desk, console.error), async (origin) => {
      const body = new Uint8Array(33 * 1024 * 1024)
      const status = await fetch(`${origin}${here}/import`, { method: 'POST', body }).then(
        (answered) => answered.status,
        () => 'cut off',
      )
      expect([413, 'cut off']).toContain(status)
    })
  })

  test('a failure of the desk is told to its owner and answered 500', async () => {
    const failures: unknown[] = []
    const broken = { handle: () => Promise.reject(new Error('disk full')) }
    await served(
      nodeListener(broken, (error) => failures.push(error)),
      async (origin) => {
        expect((await fetch(`${origin}/sage`)).status).toBe(500)
      },
    )
    expect(failures).toEqual([new Error('disk full')])
  })
})

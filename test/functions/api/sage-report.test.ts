import { beforeAll, describe, expect, test } from 'vitest'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { agent, jobOf, newProject, pat, setUpAcme } from './acme.ts'
import { type Came, useMemoryApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import { acceptIt, deliver, sentProject, step } from './workflow-by-hand.ts'

const api = useMemoryApi()
beforeAll(async () => {
  await setUpAcme(api())
})

type Read = readonly [cost_code: string, category: string, original: string, changes?: string]

/** The agent has read Sage's totals of the project's job, and they are compared. */
async function readBack(project: string, totals: readonly Read[]): Promise<void> {
  const came = await api().call('PUT', `/erp/master_data/east/totals/${jobOf(project)}`, {
    as: agent,
    body: {
      as_of: api().clock.now(),
      totals: totals.map(([cost_code, category, original, changes = '0.00']) => ({
        cost_code,
        category,
        original,
        changes,
      })),
    },
  })
  if (came.status !== 200) throw new Error(came.text)
  await takeSageEvent(api(), api().reports.at(-1))
}

const both: readonly Read[] = [
  ['03-3000', 'S', '325000.00'],
  ['05-1200', 'M', '180750.00'],
]
const byHand: Read = ['01-1000', 'L', '500.00', '0.05']

/** A project whose file is with accounting, with a baseline of Sage's totals before it. */
const withAccounting = putBack(async () => {
  const project = await sentProject(api())
  await readBack(project, [])
  await acceptIt(api(), project)
  await deliver(api(), project)
  return project
})

const settled = putBack(async () => {
  const project = await withAccounting(api())
  await readBack(project, both)
  await step(api(), project, 'closeCycle')
  return project
})

const report = async (project: string, query: Record<string, string> = {}, end = ''): Promise<Came> =>
  await api().call('GET', `/projects/${project}/sage_report${end}`, { as: pat, query })

describe('the report of a job', () => {
  test('before anything was sent or read holds nothing', async () => {
    const { json } = await report(await newProject(api()))
    expect(json).toMatchObject({
      export: null,
      sage_as_of: null,
      taken: { total: '0.00' },
      in_sage: null,
      made_in_sage: null,
      difference: null,
      budget_codes: [],
    })
  })

  test('shows what is on its way, and that Sage has not moved', async () => {
    const project = await withAccounting(api())
    expect((await report(project)).json).toMatchObject({
      job: { sage_company: 'east', number: jobOf(project) },
      erp_state: 'exported',
      export: `${project}-e1`,
      taken: { total: '0.00' },
      on_its_way: {
        original_estimate: '505750.00',
        approved_estimate_changes: '0.00',
        total: '505750.00',
      },
      in_sage: { total: '0.00' },
      difference: { total: '0.00' },
      budget_codes: [
        { budget_code: '03-3000.S', on_its_way: { original_estimate: '325000.00' } },
        { budget_code: '05-1200.M', on_its_way: { original_estimate: '180750.00' } },
      ],
      budget_codes_in_all: 2,
    })
  })

  test('counts a file that is posted as taken, and a line that Sage rejected as on its way', async () => {
    const project = await withAccounting(api())
    const say = async (what: string, body: object) =>
      await api().command(`/exports/${project}-e1/${what}`, { as: pat, body: { part: 1, ...body } })
    await say('rejects', { lines: [{ cost_code: '05-1200', cost_type: 'M' }] })
    await step(api(), project, 'exportCorrections')
    expect((await report(project)).json).toMatchObject({
      taken: { total: '0.00' },
      on_its_way: { total: '505750.00' },
    })
    await deliver(api(), project, 1, 2)
    await say('posted', { part: 2 })
    expect((await report(project)).json).toMatchObject({
      taken: { original_estimate: '505750.00' },
      on_its_way: { total: '0.00' },
    })
  })

  test('takes what Sage shows of a file that is not posted whole for the file’s', async () => {
    const project = await withAccounting(api())
    await readBack(project, both.slice(0, 1))
    expect((await report(project)).json).toMatchObject({
      on_its_way: { total: '505750.00' },
      in_sage: { total: '325000.00' },
      made_in_sage: { not_acknowledged: { total: '0.00' } },
    })
  })

  test('is there where Sage’s totals were first read after the file was sent', async () => {
    const project = await sentProject(api())
    await acceptIt(api(), project)
    await deliver(api(), project)
    await readBack(project, both)
    expect((await report(project)).json).toMatchObject({ in_sage: { total: '505750.00' } })
  })

  test('tells what was made in Sage from what is ours, before and after a poster acknowledged it', async () => {
    const project = await settled(api())
    await readBack(project, [...both, byHand])
    const made = { original_estimate: '500.00', approved_estimate_changes: '0.05', total: '500.05' }
    const none = { original_estimate: '0.00', approved_estimate_changes: '0.00', total: '0.00' }
    expect((await report(project)).json).toMatchObject({
      taken: { total: '505750.00' },
      on_its_way: none,
      in_sage: { total: '506250.05' },
      made_in_sage: { acknowledged: none, not_acknowledged: made },
      difference: none,
    })
    await api().command(`/exports/${project}-e1/acknowledge`, {
      as: pat,
      body: { part: 1, note: 'Owner change order 7.' },
    })
    expect((await report(project)).json).toMatchObject({
      made_in_sage: { acknowledged: made, not_acknowledged: none },
      difference: none,
    })
  })

  test('as a file is the same, with the total as its last row', async () => {
    const project = await settled(api())
    await readBack(project, [...both, byHand])
    const { text } = await report(project, {}, '.csv')
    expect(text.trim().split('\r\n').slice(1)).toEqual([
      ',01-1000,L,0.00,0.00,0.00,0.00,500.00,0.05,0.00,0.00,500.00,0.05,0.00,0.00',
      ',03-3000,S,325000.00,0.00,0.00,0.00,325000.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00',
      ',05-1200,M,180750.00,0.00,0.00,0.00,180750.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00',
      'Total,,,505750.00,0.00,0.00,0.00,506250.00,0.05,0.00,0.00,500.00,0.05,0.00,0.00',
    ])
  })

  test('comes page by page, as JSON and as a file, each budget code once', async () => {
    const project = await settled(api())
    await readBack(project, [...both, byHand])
    const whole = await report(project, {}, '.csv')
    const files: string[] = []
    let next: string | undefined
    do {
      const page = await report(project, { limit: '3', ...(next !== undefined && { cursor: next }) }, '.csv')
      files.push(page.text)
      next = page.headers['x-next-cursor']
    } while (next !== undefined)
    expect([files.length, files.join('')]).toEqual([2, whole.text])
    const first = await report(project, { limit: '2' })
    const second = await report(project, { limit: '2', cursor: first.json.next_cursor ?? '' })
    const pages = [first, second].map(({ json }) => json.budget_codes)
    expect(pages).toMatchObject([
      [{ budget_code: '01-1000.L' }, { budget_code: '03-3000.S' }],
      [{ budget_code: '05-1200.M' }],
    ])
    expect([second.json.next_cursor, second.json.in_sage]).toEqual([null, first.json.in_sage])
  })

  test('is begun again when Sage was read between two pages', async () => {
    const project = await settled(api())
    const { next_cursor } = (await report(project, { limit: '1' })).json
    await readBack(project, [...both, byHand])
    const came = await report(project, { limit: '1', cursor: next_cursor ?? '' })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })
})

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { Instant, SageCompanyId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { textWith } from './answer-body.ts'
import { acme, ada, eastFolder, jobOf, pat, setUpAcme, vera } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { acceptIt, deliver, sentProject, step } from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const list = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`
const codesHead = 'Cost_Code,Description,Group_Cost_Code,Closed'
const totalsHead = 'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes'
const at = (hour: number): string => `2026-11-22T${String(hour).padStart(2, '0')}:00:00.000Z`

let sage = ''
let made = 0
// A Sage company of its own for each test, of which nothing was read.
beforeEach(async () => {
  made += 1
  sage = `hand-${String(made)}`
  const set = { ...eastFolder, id: SageCompanyId.parse(sage), folder: sage, connector: 'file_drop' as const }
  await api().companies.putSageCompany(acme, set, 'system')
})

async function send(
  below: string,
  text: string,
  query: { as_of: string; preview?: string },
  as = ada,
  of = sage,
): Promise<Came> {
  const headers = { 'content-type': 'text/csv' }
  return await api().call('POST', `/erp/master_data/${of}/${below}`, { as, text, query, headers })
}

/** Looks at a file, and has what was shown stored. */
async function upload(below: string, text: string, as_of: string, as = ada, of = sage): Promise<Came> {
  const { preview } = (await send(below, text, { as_of }, as, of)).json
  return await send(below, text, { as_of, preview }, as, of)
}

const stored = async (): Promise<Came> => await api().call('GET', `/erp/master_data/${sage}`, { as: vera })
const refused = (came: Came) => [came.status, came.json.type, came.json.errors?.[0]]

describe('a list', () => {
  const codes = list(codesHead, '03-3000,Concrete,No,No', '05-1200,Steel,No,No')

  test('that is only looked at stores nothing', async () => {
    const came = await send('lists/cost_codes', codes, { as_of: at(8) })
    expect(came.json).toMatchObject({
      stored: false,
      list: 'cost_codes',
      before_as_of: null,
      rows: 2,
      added: { count: 2, first: ['03-3000', '05-1200'] },
      removed: { count: 0 },
    })
    expect((await stored()).status).toBe(404)
  })

  test('is stored with what the preview answered, and the same again changes nothing', async () => {
    const { preview } = (await send('lists/cost_codes', codes, { as_of: at(8) })).json
    const first = await send('lists/cost_codes', codes, { as_of: at(8), preview })
    const again = await send('lists/cost_codes', codes, { as_of: at(8), preview })
    expect([first.json, again.json]).toMatchObject([
      { stored: true, added: { count: 2 } },
      { stored: true, added: { count: 0 }, before_as_of: at(8) },
    ])
    expect((await stored()).json).toMatchObject({
      as_of: at(8),
      lists_as_of: { cost_codes: at(8) },
      cost_codes: [{ cost_code: '03-3000', description: 'Concrete' }, { cost_code: '05-1200' }],
      jobs: [],
    })
  })

  test('tells what it adds, changes, closes and removes', async () => {
    await upload(
      'lists/cost_codes',
      list(codesHead, 'A,a,No,No', 'B,b,No,No', 'C,c,No,No', 'D,d,No,No'),
      at(8),
    )
    const next = list(codesHead, 'A,a,No,No', 'B,other,No,No', 'C,c,No,Yes', 'E,e,No,No')
    expect((await send('lists/cost_codes', next, { as_of: at(9) })).json).toMatchObject({
      before_as_of: at(8),
      added: { count: 1, first: ['E'] },
      changed: {
        count: 1,
        first: ['B'],
        values: [{ name: 'B', before: { description: 'b' }, after: { description: 'other' } }],
      },
      closed: {
        count: 1,
        first: ['C'],
        values: [{ name: 'C', before: { closed: false }, after: { closed: true } }],
      },
      removed: { count: 1, first: ['D'] },
    })
  })

  test.each([
    ['another file', list(codesHead, '03-3000,Concrete,No,Yes'), at(8)],
    ['another time', codes, at(9)],
  ])('is not stored by the preview of %s', async (_, text, as_of) => {
    const { preview } = (await send('lists/cost_codes', codes, { as_of: at(8) })).json
    const came = await send('lists/cost_codes', text, { as_of, preview })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
    expect((await stored()).status).toBe(404)
  })

  test('is not stored when another list was stored since its preview', async () => {
    const { preview } = (await send('lists/cost_codes', codes, { as_of: at(8) })).json
    await upload('lists/categories', list('Category,Description,Accumulate_As', 'L,Labor,L'), at(8))
    const came = await send('lists/cost_codes', codes, { as_of: at(8), preview })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('is not stored when the same list was stored otherwise since its preview', async () => {
    const { preview } = (await send('lists/cost_codes', codes, { as_of: at(8) })).json
    await upload('lists/cost_codes', list(codesHead, 'A,a,No,No'), at(7))
    const came = await send('lists/cost_codes', codes, { as_of: at(8), preview })
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
  })

  test('of extras may hold one extra for two jobs, whatever their names', async () => {
    const text = list('Job,Extra,Description,Closed', 'A B,C,One,No', 'A,B C,Other,No')
    expect((await send('lists/extras', text, { as_of: at(8) })).json).toMatchObject({
      added: { count: 2, first: ['A B C', 'A B C'] },
    })
  })

  test('leaves the others as they were read', async () => {
    await upload('lists/cost_codes', codes, at(8))
    await upload('lists/categories', list('Category,Description,Accumulate_As', 'L,Labor,L'), at(7))
    await upload('lists/extras', list('Job,Extra,Description,Closed', '26-1,SITE,Site package,No'), at(9))
    await upload(
      'lists/jobs',
      list('Job,Description,Closed,Original_Estimate_Finalized', '26-1,Dam,No,Yes'),
      at(6),
    )
    expect((await stored()).json).toMatchObject({
      as_of: at(9),
      lists_as_of: { cost_codes: at(8), categories: at(7), extras: at(9), jobs: at(6) },
      cost_codes: [{ cost_code: '03-3000' }, { cost_code: '05-1200' }],
      categories: [{ category: 'L' }],
      extras: [{ job: '26-1', extra: 'SITE' }],
      jobs: [{ job: '26-1', original_finalized: true }],
    })
  })

  test.each([
    ['older than what stands', 'lists/cost_codes', codes, at(7), { pointer: '/as_of', code: 'OLDER' }],
    ['from the future', 'lists/cost_codes', codes, '2026-12-22T00:00:00.000Z', { pointer: '/as_of' }],
    [
      'with a code twice',
      'lists/cost_codes',
      `${codes}03-3000,Again,No,No\r\n`,
      at(9),
      { code: 'GIVEN_TWICE' },
    ],
    ['of another kind', 'lists/jobs', codes, at(9), { sentence: textWith('has no column Job') }],
    [
      'that is no CSV',
      'lists/cost_codes',
      `${codesHead}\r\n"A,a`,
      at(9),
      { sentence: textWith('is no CSV file') },
    ],
  ])('%s is refused', async (_, below, text, as_of, place) => {
    await upload('lists/cost_codes', codes, at(8))
    expect(refused(await send(below, text, { as_of }))).toMatchObject([
      400,
      problemType('INVALID_INPUT'),
      place,
    ])
  })
})

describe('totals of a job', () => {
  test('with an amount that is none are refused at its line', async () => {
    const text = list(totalsHead, '26-1,,03-3000,S,1.005,0.00')
    expect(refused(await send('totals/26-1', text, { as_of: at(8) }, pat))).toMatchObject([
      400,
      problemType('INVALID_INPUT'),
      { sentence: textWith('row 2: Original_Estimate') },
    ])
  })

  test('of another job are refused', async () => {
    const text = list(totalsHead, '26-2,,03-3000,S,1.00,0.00')
    expect(refused(await send('totals/26-1', text, { as_of: at(8) }, pat))[2]).toMatchObject({
      code: 'OTHER_JOB',
    })
  })

  test('that are only looked at are told in sum, and neither stored nor compared', async () => {
    const before = api().reports.length
    const text = list(totalsHead, '26-1,,03-3000,S,"325000.00",-1.50', '26-1,SITE,03-3000,S,10.00,0.00')
    const came = await send('totals/26-1', text, { as_of: at(8) }, pat)
    expect(came.json).toMatchObject({
      stored: false,
      before: { total: '0.00' },
      after: { original_estimate: '325010.00', approved_estimate_changes: '-1.50', total: '325008.50' },
      added: { count: 2, first: ['03-3000.S', 'SITE.03-3000.S'] },
    })
    const there = await api().call('GET', `/erp/master_data/${sage}/totals/26-1`, { as: pat })
    expect([there.status, api().reports.length]).toEqual([404, before])
  })

  test('may hold two keys that are written alike', async () => {
    const text = list(totalsHead, '26-1,,01.100,L,1.00,0.00', '26-1,01,100,L,2.00,0.00')
    expect((await send('totals/26-1', text, { as_of: at(8) }, pat)).json).toMatchObject({
      rows: 2,
      added: { count: 2, first: ['01.100.L', '01.100.L'] },
    })
    const twice = list(totalsHead, '26-1,01,100,L,1.00,0.00', '26-1,01,100,L,2.00,0.00')
    expect(refused(await send('totals/26-1', twice, { as_of: at(8) }, pat))[2]).toMatchObject({
      code: 'GIVEN_TWICE',
      sentence: '01.100.L stands in the file twice.',
    })
  })

  test('tell of what they change the amounts before and after', async () => {
    const before = list(totalsHead, '26-1,SITE,03-3000,S,10.00,0.00', '26-1,,05-1200,M,1.00,2.00')
    await upload('totals/26-1', before, at(8), pat)
    const after = list(totalsHead, '26-1,SITE,03-3000,S,325000.00,0.00', '26-1,,05-1200,M,1.00,2.00')
    expect((await send('totals/26-1', after, { as_of: at(9) }, pat)).json).toMatchObject({
      changed: {
        count: 1,
        values: [{ name: 'SITE.03-3000.S', before: { original: '10.00' }, after: { original: '325000.00' } }],
      },
    })
  })

  test('without a row are taken for a job in Sage’s list of jobs, and for no other', async () => {
    const jobs = list('Job,Description,Closed,Original_Estimate_Finalized', '26-1,Dam,No,No')
    await upload('lists/jobs', jobs, at(7))
    const look = async (job: string) => await send(`totals/${job}`, list(totalsHead), { as_of: at(8) }, pat)
    expect((await look('26-1')).status).toBe(200)
    expect(refused(await look('26-9'))).toMatchObject([
      400,
      problemType('INVALID_INPUT'),
      { code: 'JOB_NOT_IN_SAGE', sentence: textWith('holds no job 26-9') },
    ])
  })

  test('without a row are taken where Sage’s list of jobs was never uploaded', async () => {
    await upload('lists/categories', list('Category,Description,Accumulate_As', 'L,Labor,L'), at(7))
    expect((await upload('totals/26-9', list(totalsHead), at(8), pat)).json.stored).toBe(true)
  })

  test('uploaded at once by two who each saw a preview are stored once', async () => {
    const asked = ['1.00', '2.00'].map((amount) => list(totalsHead, `26-8,,03-3000,S,${amount},0.00`))
    const seen = await Promise.all(
      asked.map(async (text) => (await send('totals/26-8', text, { as_of: at(8) }, pat)).json.preview),
    )
    const came = await Promise.all(
      asked.map(
        async (text, i) => await send('totals/26-8', text, { as_of: at(8), preview: seen[i] ?? '' }, pat),
      ),
    )
    expect(came.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412])
  })

  test('are not stored when other totals were stored since their preview', async () => {
    const job = '26-7'
    const text = list(totalsHead, `${job},,03-3000,S,1.00,0.00`)
    const { preview } = (await send(`totals/${job}`, text, { as_of: at(8) }, pat)).json
    await upload(`totals/${job}`, list(totalsHead, `${job},,03-3000,S,900.00,0.00`), at(7), pat)
    const came = await send(`totals/${job}`, text, { as_of: at(8), preview }, pat)
    expect([came.status, came.json.type]).toEqual([412, problemType('CHANGED_MEANWHILE')])
    const reports = api().reports.length
    const seen = await upload(`totals/${job}`, text, at(8), pat)
    // A time that a person types does not make two uploads one message of the queue.
    expect(api().reports.slice(reports)).toMatchObject([{ kind: 'totals', job }])
    expect(api().reports.at(-1)).not.toHaveProperty('as_of')
    const again = await send(`totals/${job}`, text, { as_of: at(8), preview: seen.json.preview }, pat)
    expect([seen.json.stored, again.json.stored]).toEqual([true, true])
  })

  test('uploaded by a poster verify what was sent, by that poster, and the company’s history names who uploaded them', async () => {
    const project = await sentProject(api())
    const job = jobOf(project)
    const read = async (...rows: readonly string[]): Promise<Came> => {
      const text = list(totalsHead, ...rows.map((row) => `${job},${row}`))
      const came = await upload(`totals/${job}`, text, Instant.parse(api().clock.now()), pat, 'east')
      await takeSageEvent(api(), api().reports.at(-1))
      return came
    }
    await read()
    await acceptIt(api(), project)
    await deliver(api(), project)
    expect((await read(',03-3000,S,325000.00,0.00', ',05-1200,M,180750.00,0.00')).json.stored).toBe(true)
    await step(api(), project, 'closeCycle')
    const { json } = await api().call('GET', `/projects/${project}/budget`, { as: vera })
    expect(json).toMatchObject({ erp_state: 'synced', shown_as: 'Posted in Sage (checked in Sage)' })
    const sent = await api().call('GET', `/exports/${project}-e1`, { as: pat })
    expect(sent.json).toMatchObject({ parts: [{ posted: { how: 'verified', by: 'pat' } }] })
    const history = await api().call('GET', '/company/history', { as: ada, query: { limit: '200' } })
    expect(history.json.history.at(-1)).toMatchObject({
      event: 'job_totals_uploaded',
      by: 'pat',
      detail: { sage_company: 'east', job },
    })
  })
})

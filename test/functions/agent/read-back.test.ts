import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { createReadBack } from '../../../functions/sage-connector/agent/read-back.ts'
import { csvReports } from '../../../functions/sage-connector/agent/sage-reports.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { startApi } from './api-server.ts'
import { print as printOne, printReports } from './printed-reports.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder('reports')
})

const print = (name: string, ...lines: readonly string[]): void => {
  printOne(folder, name, ...lines)
}

const nine = '2026-01-05T09:00:00.000Z'

function printed(asOf = nine, amount = '325000.00'): void {
  printReports(folder, { asOf, amount })
}

const readBackOf = (url: string) =>
  createReadBack(
    createApi({ url, company: 'northwind', token: () => 'token' }),
    csvReports(folder),
    'nw-main',
  )

test('reports are read in cents, trimmed, with quoted commas', () => {
  printed()
  const reader = csvReports(folder)
  expect(reader.masterData().read).toMatchObject({
    as_of: nine,
    jobs: [{ job: '24-1007', description: 'Clinic, east', closed: false, original_finalized: true }],
    cost_codes: [{ group: false }, { cost_code: '03-0000', group: true }],
    categories: [{ category: 'S' }],
    extras: [{ extra: 'SITE' }],
  })
  expect(reader.totals().read).toEqual([
    {
      job: '24-1007',
      as_of: nine,
      totals: [{ extra: '', cost_code: '03-3000', category: 'S', original: 32_500_000, changes: -1_500_000 }],
    },
  ])
})

test('before a report was printed there is nothing to read', () => {
  expect(() => csvReports(folder).masterData()).toThrow('holds no as-of.txt: no report was printed yet')
})

test('a job without any amount has totals without rows: that nothing moved is news', () => {
  printed()
  print('category-totals.csv', 'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes')
  expect(csvReports(folder).totals().read).toEqual([{ job: '24-1007', as_of: nine, totals: [] }])
})

const totalsHeader = 'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes'

test('the totals of a job of 50,000 lines are told, though they are more than a call may carry', async () => {
  printed()
  const rows = Array.from(
    { length: 50_000 },
    (_, i) => `24-1007,B1,03-${String(i).padStart(5, '0')},S,12345.67,0.00`,
  )
  print('category-totals.csv', totalsHeader, ...rows)
  const api = await startApi()
  expect((await readBackOf(api.url).once()).jobs).toEqual(['24-1007'])
  expect(api.of('24-1007')).toMatchObject([{ totals: { length: 50_000 } }])
})

test('a row that cannot be read holds back the totals of its job, and nothing else', () => {
  printed()
  const sound = '24-2000,,03-3000,S,1.00,0.00'
  print(
    'category-totals.csv',
    totalsHeader,
    '24-1007,,03-3000,S,1.00,0.00',
    '24-1007,,03-3000,L,"325,000",0.00',
    sound,
    '24-3000,,03-3000,S,1.00',
    '24-4000,,,S,1.00,0.00',
    '24-5000,,03-3000,S,1,000.00,0.00',
  )
  const { read, unreadable } = csvReports(folder).totals()
  const total = { extra: '', cost_code: '03-3000', category: 'S', original: 100, changes: 0 }
  expect(read).toEqual([{ job: '24-2000', as_of: nine, totals: [total] }])
  expect(unreadable.map((sentence) => sentence.replace('category-totals.csv, ', ''))).toEqual([
    'row 3: Original_Estimate: 325,000 is no amount with two decimals',
    expect.stringMatching('^row 5: Approved_Estimate_Changes: '),
    'row 6: Cost_Code: is blank',
    expect.stringMatching('^row 7: .*'),
  ])
})

test('many rows that cannot be read are told by the first of them', () => {
  printed()
  const rows = Array.from({ length: 40 }, (_, index) => `24-1007,,03-${String(index)},S,?,0.00`)
  print('category-totals.csv', totalsHeader, ...rows, '24-2000,,03-3000,S,1.00,0.00')
  expect(csvReports(folder).totals().unreadable).toHaveLength(6)
})

test('a list goes without a row that cannot be read', () => {
  printed()
  print(
    'standard-cost-codes.csv',
    'Cost_Code,Description,Group_Cost_Code,Closed',
    '03-3000,Cast-in-place,No,No',
    '04-0000,Stone, brick and block,No,No',
    '05-0000,Steel 6" pipe,No,No',
  )
  const { read, unreadable } = csvReports(folder).masterData()
  expect(read?.cost_codes.map(({ cost_code }) => cost_code)).toEqual(['03-3000', '05-0000'])
  expect(unreadable).toEqual(['standard-cost-codes.csv, row 3: 5 fields where the header has 4'])
})

/** Reports of which nothing can be taken, and what is sent nevertheless. */
const spoilt: readonly [
  string,
  string,
  readonly string[],
  string,
  { masterData: boolean; jobs: string[] },
][] = [
  [
    'renamed fields of the totals',
    'category-totals.csv',
    ['Job,Extra,Phase,Category,Original_Estimate,Approved_Estimate_Changes', '24-1007,,03-3000,S,1.00,0.00'],
    'has no column Cost_Code; its columns are Job, Extra, Phase',
    { masterData: true, jobs: [] },
  ],
  [
    'renamed fields of a list',
    'extras.csv',
    ['Job,Sub_Job,Description,Closed'],
    'has no column Extra',
    { masterData: false, jobs: ['24-1007'] },
  ],
  [
    'renamed fields of the jobs',
    'jobs.csv',
    ['Number,Description,Closed,Original_Estimate_Finalized', '24-1007,Clinic,No,No'],
    'has no column Job',
    { masterData: false, jobs: ['24-1007'] },
  ],
  [
    'renamed fields of the cost codes',
    'standard-cost-codes.csv',
    ['Phase,Description,Group_Cost_Code,Closed', '03-3000,Cast-in-place,No,No'],
    'has no column Cost_Code',
    { masterData: false, jobs: ['24-1007'] },
  ],
  [
    'no row that can be read',
    'standard-categories.csv',
    ['Category,Description,Accumulate_As', ',Subcontract,S'],
    'has no row that can be read',
    { masterData: false, jobs: ['24-1007'] },
  ],
  [
    'a comma too many before the job',
    'category-totals.csv',
    [
      'Extra,Job,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes',
      ',24-1007,03-3000,S,1.00,0.00',
      'SITE, north,24-1007,03-3000,S,1.00,0.00',
    ],
    'has a row of 7 fields where the header has 6, so its job is not known',
    { masterData: true, jobs: [] },
  ],
  [
    'a quote that never ends',
    'category-totals.csv',
    [totalsHeader, '"24-1007,,03-3000,S,1.00,0.00'],
    'is no CSV file',
    { masterData: true, jobs: [] },
  ],
]

test.each(spoilt)('%s are told, and what can be read is sent', async (_, name, lines, words, sent) => {
  const server = await startApi()
  printed()
  print(name, ...lines)
  expect(await readBackOf(server.url).once()).toEqual({
    ...sent,
    unreadable: [expect.stringContaining(`${name} ${words}`)],
  })
})

test('totals of one job that the API does not take hold up no other', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  printed()
  print(
    'jobs.csv',
    'Job,Description,Closed,Original_Estimate_Finalized',
    '24-0001,A,No,No',
    '24-1007,B,No,No',
  )
  server.refuse('/totals/24-0001', 422, 'INVALID')
  expect(await readBack.once()).toEqual({
    masterData: true,
    jobs: ['24-1007'],
    unreadable: ['Totals of job 24-0001 of this reading were not taken: Refused: INVALID'],
  })
  expect((await readBack.once()).jobs).toEqual([])
})

test('a reading that the API does not take is told with what is wrong with it', async () => {
  const server = await startApi()
  printed()
  server.refuse('/nw-main', 400, 'INVALID_INPUT', 'One place is wrong.', {
    errors: [{ pointer: '/as_of', sentence: 'Sage cannot have been read in the future.' }],
  })
  expect((await readBackOf(server.url).once()).unreadable).toEqual([
    'The lists of this reading were not taken: One place is wrong. Sage cannot have been read in the future.',
  ])
})

test('a time of the reading that is none in UTC is told in words', async () => {
  const server = await startApi()
  printed('01/05/2026 09:00 AM')
  await expect(readBackOf(server.url).once()).rejects.toThrow(
    'as-of.txt holds "01/05/2026 09:00 AM"; it must hold a time in UTC, as 2026-01-05T09:00:00.000Z.',
  )
})

test('nothing is sent before a report was printed', async () => {
  const server = await startApi()
  expect(await readBackOf(server.url).once()).toEqual({ masterData: false, jobs: [], unreadable: [] })
  expect(server.calls).toEqual([])
})

test('master data that stays the same is told anew once a day, so that its age is that of the reading', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  const told: boolean[] = []
  for (const asOf of [
    nine,
    '2026-01-06T08:59:59.000Z',
    '2026-01-06T09:00:00.000Z',
    '2026-01-06T21:00:00.000Z',
  ]) {
    printed(asOf)
    told.push((await readBack.once()).masterData)
  }
  expect(told).toEqual([true, false, true, false])
  expect(server.of('nw-main').at(-1)).toMatchObject({ as_of: '2026-01-06T09:00:00.000Z' })
})

test('master data is sent when it changed, totals with every reading, and a reading once', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  printed()
  expect(await readBack.once()).toEqual({ masterData: true, jobs: ['24-1007'], unreadable: [] })
  expect(await readBack.once()).toEqual({ masterData: false, jobs: [], unreadable: [] })
  printed('2026-01-05T09:05:00.000Z', '340000.00')
  expect(await readBack.once()).toEqual({ masterData: false, jobs: ['24-1007'], unreadable: [] })
  expect(server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PUT /erp/master_data/nw-main',
    'PUT /erp/master_data/nw-main/totals/24-1007',
    'PUT /erp/master_data/nw-main/totals/24-1007',
  ])
  expect(server.of('24-1007').at(-1)).toMatchObject({ totals: [{ original: '340000.00' }] })
})

test('master data that changed is sent with its reading', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  printed()
  await readBack.once()
  printed('2026-01-05T09:05:00.000Z')
  print('extras.csv', 'Job,Extra,Description,Closed', '24-1007,SITE,Site package,Yes')
  expect((await readBack.once()).masterData).toBe(true)
  expect(server.of('nw-main').at(-1)).toMatchObject({ extras: [{ closed: true }] })
})

test('reports that were taken away after a reading are waited for', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  printed()
  await readBack.once()
  rmSync(join(folder, 'as-of.txt'))
  expect(await readBack.once()).toEqual({ masterData: false, jobs: [], unreadable: [] })
})

test('of a printing that is replaced while it is read nothing is sent before it is read again', async () => {
  const server = await startApi()
  printed()
  const reader = csvReports(folder)
  let replaced = false
  const totals = () => {
    const read = reader.totals()
    if (!replaced) printed('2026-01-05T09:05:00.000Z')
    replaced = true
    return read
  }
  const api = createApi({ url: server.url, company: 'northwind', token: () => 'token' })
  const readBack = createReadBack(api, { ...reader, totals }, 'nw-main')
  expect(await readBack.once()).toEqual({ masterData: false, jobs: [], unreadable: [] })
  expect(server.calls).toEqual([])
  expect((await readBack.once()).jobs).toEqual(['24-1007'])
  expect(server.of('24-1007')).toMatchObject([{ as_of: '2026-01-05T09:05:00.000Z' }])
})

test('a reading that the API refused is sent again at the next turn', async () => {
  const server = await startApi()
  const readBack = readBackOf(server.url)
  printed()
  server.refuse('/totals/24-1007', 503, 'BUSY')
  await expect(readBack.once()).rejects.toThrow('BUSY')
  server.allow('/totals/24-1007')
  expect((await readBack.once()).jobs).toEqual(['24-1007'])
})

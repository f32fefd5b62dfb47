import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cents } from '../../../local/sage/amounts.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type Office, approvedChange, importLines, openOffice, originalEstimate } from './riverside-clinic.ts'

function postedOffice(): Office {
  const office = openOffice()
  importLines(office.company, originalEstimate)
  importLines(office.company, approvedChange, { box: true })
  office.company.postEntries({ all: true })
  return office
}

const printed = (office = postedOffice()): ((name: string) => string) => {
  const folder = temporaryFolder('sage-simulator')
  office.company.writeReports(folder)
  return (name) => readFileSync(join(folder, name), 'utf8')
}

describe('read views', () => {
  test('a category shows its three estimates as doubles, under keys padded as Sage pads them', () => {
    const row = postedOffice()
      .company.view('JCM_MASTER__CATEGORY')
      .find(({ Extra, Category }) => Extra === '          ' && Category === 'S  ')
    expect(row).toMatchObject({
      Job: '24-1007     ',
      Cost_Code: '03-3000        ',
      Original_Estimate: 325000,
      Pending_Estimate_Changes: 0,
      Approved_Estimate_Changes: 15000,
      Total_Estimate: 340000,
    })
  })

  test('a key of digits alone is justified to the right', () => {
    const extras = postedOffice().company.view('JCM_MASTER__EXTRA')
    expect(extras.map(({ Extra }) => Extra)).toEqual(['       001'])
  })

  test('a cost code calls its approved changes by another name than a category does', () => {
    const row = postedOffice()
      .company.view('JCM_MASTER__COST_CODE')
      .find(({ Cost_Code }) => Cost_Code === '03-3000        ')
    expect(row).toMatchObject({
      Original_Estimate: 750000,
      JTD_Aprvd_Estimate_Chgs: 15000,
      Total_Estimate: 765000,
    })
  })

  test('a job keeps the estimates of its extras apart', () => {
    expect(postedOffice().company.view('JCM_MASTER__JOB')[0]).toMatchObject({
      ORIG_ESTIMATE_FINALIZED: false,
      ORIGINAL_ESTIMATE: 750000,
      JTD_APRVD_ESTIMATE_CHGS: 57000,
      TOTAL_ESTIMATE: 807000,
      EXTRAS_ORIGINAL_ESTIMATE: 500000,
      EXTRAS_JTD_APRVD_ESTIMATE_CHGS: -15000,
      EXTRAS_TOTAL_ESTIMATE: 485000,
    })
  })

  test('a posted entry shows run, sequence and type, and nothing of the file it came from', () => {
    expect(postedOffice().company.view('JCT_CURRENT__TRANSACTION')[4]).toMatchObject({
      Transaction_Type: 'Approved est changes',
      Run: 1,
      Sequence: 5,
      Amount: 15000,
      Accounting_Date: '2025-06-02',
      Description: '',
      Batch: '',
      Source: '',
      Ref_1: '',
    })
  })

  test('an original estimate has the type text of the company', () => {
    const { company } = openOffice({ transactionTypes: { original_estimate: 'Orig est' } })
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    expect(company.view('JCT_CURRENT__TRANSACTION')[0]?.['Transaction_Type']).toBe('Orig est')
  })

  test('standard lists show group codes and what a category accumulates as', () => {
    const { company } = openOffice()
    expect(company.view('JCM_MASTER__STANDARD_COST_CODE')[0]?.['Group_Cost_Code']).toBe(true)
    expect(company.view('JCM_MASTER__STANDARD_CATEGORY')[0]?.['Accumulate_As']).toBe('Labor')
  })

  test('entries that are not posted are in none of them', () => {
    const { company } = openOffice()
    company.setUp({ jobs: [{ job: '24-1007' }] })
    const views = ['JCT_CURRENT__TRANSACTION', 'JCM_MASTER__JOB'] as const
    const before = views.map((view) => company.view(view))
    company.enter({
      job: '24-1007',
      costCode: '03-3000',
      category: 'S',
      kind: 'original_estimate',
      date: '2025-06-02',
      amount: cents(1),
    })
    expect(views.map((view) => company.view(view))).toEqual(before)
  })
})

describe('reports', () => {
  test('category totals have one row per job, extra, cost code and category, with two decimals', () => {
    expect(printed()('category-totals.csv').split('\r\n')).toEqual([
      'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes,Total_Estimate',
      '24-1007,,03-3000,L,185000.00,0.00,185000.00',
      '24-1007,,03-3000,M,240000.00,0.00,240000.00',
      '24-1007,,03-3000,S,325000.00,15000.00,340000.00',
      '24-1007,001,31-2000,S,500000.00,-15000.00,485000.00',
      '24-1007,,09-9000,S,0.00,42000.00,42000.00',
      '',
    ])
  })

  test('jobs say whether they are closed and whether the original estimate is finalized', () => {
    const office = postedOffice()
    office.company.setUp({ jobs: [{ job: '24-1007', originalEstimateFinalized: true }] })
    expect(printed(office)('jobs.csv')).toBe(
      'Job,Description,Closed,Original_Estimate_Finalized\r\n24-1007,Riverside Clinic,false,true\r\n',
    )
  })

  test('standard cost codes say whether they are a group and whether they are closed', () => {
    const lines = printed()('standard-cost-codes.csv').split('\r\n')
    expect([lines[0], lines[1], lines[5]]).toEqual([
      'Cost_Code,Description,Group_Cost_Code,Closed',
      '03-0000,Concrete,true,false',
      '99-0000,No longer used,false,true',
    ])
  })

  test('standard categories say what they accumulate as', () => {
    expect(printed()('standard-categories.csv')).toMatch(
      /^Category,Description,Accumulate_As\r\nL,Labor,Labor\r\n/,
    )
  })

  test('extras stand under their job', () => {
    expect(printed()('extras.csv')).toBe('Job,Extra,Description,Closed\r\n24-1007,001,Site package,false\r\n')
  })

  test('a description with a comma and a quote keeps to one field', () => {
    const office = openOffice()
    office.company.setUp({ jobs: [{ job: '24-1', description: 'Doors, 3" frames' }] })
    expect(printed(office)('jobs.csv')).toContain('24-1,"Doors, 3"" frames",false,false')
  })

  test('as-of says the instant the figures are of', () => {
    expect(printed()('as-of.txt').trim()).toBe('2025-06-02T08:00:00.000Z')
  })

  test('entries that are not posted move nothing in them', () => {
    const office = openOffice()
    importLines(office.company, originalEstimate)
    expect(printed(office)('category-totals.csv')).toContain('24-1007,,03-3000,S,0.00,0.00,0.00')
  })

  test('printing again leaves the five reports, as-of, and nothing else in the folder', () => {
    const folder = temporaryFolder('sage-simulator')
    const { company } = postedOffice()
    company.writeReports(folder)
    company.writeReports(folder)
    expect(readdirSync(folder).toSorted()).toEqual([
      'as-of.txt',
      'category-totals.csv',
      'extras.csv',
      'jobs.csv',
      'standard-categories.csv',
      'standard-cost-codes.csv',
    ])
  })

  test('a printing that dies before its end leaves the earlier as-of', () => {
    const { company, clock } = postedOffice()
    const folder = temporaryFolder('sage-simulator')
    company.writeReports(folder)
    const before = readFileSync(join(folder, 'as-of.txt'), 'utf8')
    clock.forward(60)
    const broken = join(folder, 'category-totals.csv')
    rmSync(broken)
    mkdirSync(broken) // a folder of that name: the rename onto it fails
    expect(() => company.writeReports(folder)).toThrow(/EISDIR|ENOTEMPTY/)
    expect(readFileSync(join(folder, 'as-of.txt'), 'utf8')).toBe(before)
  })
})

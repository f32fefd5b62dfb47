import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSage } from '../../../local/sage/open-sage.ts'
import { SageCrashed } from '../../../local/sage/refusals.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { importLines, openOffice, originalEstimate, totalsOf } from './riverside-clinic.ts'

function crashed() {
  const office = openOffice()
  office.company.setFaults({ crashAfterRecords: 3 })
  expect(() => importLines(office.company, originalEstimate)).toThrow(SageCrashed)
  return office
}

const original = (office: ReturnType<typeof openOffice>): unknown =>
  office.company.view('JCM_MASTER__JOB')[0]?.['ORIGINAL_ESTIMATE']

function late() {
  const office = openOffice()
  importLines(office.company, originalEstimate)
  office.company.setFaults({ replicaLagSeconds: 3600 })
  office.clock.forward(60)
  office.company.postEntries({ all: true })
  return office
}

function renamed() {
  const office = openOffice()
  importLines(office.company, originalEstimate)
  office.company.setFaults({ renamedFields: { Cost_Code: 'Phase' } })
  return office.company
}

describe('no licence seat', () => {
  test('nothing is imported', () => {
    const { company } = openOffice()
    company.setFaults({ noLicenceSeat: true })
    expect(() => importLines(company, originalEstimate)).toThrow(/licence seat/)
    expect(company.newEntries()).toEqual([])
  })

  test('nothing is posted', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    company.setFaults({ noLicenceSeat: true })
    expect(() => company.postEntries({ all: true })).toThrow(/licence seat/)
    expect(company.newEntries()).toHaveLength(4)
  })

  test('once a seat is free the same file imports without a warning', () => {
    const { company } = openOffice()
    company.setFaults({ noLicenceSeat: true })
    expect(() => importLines(company, originalEstimate)).toThrow(/licence seat/)
    company.setFaults({ noLicenceSeat: false })
    expect(importLines(company, originalEstimate).outcome).toBe('imported')
  })
})

describe('a crash in the middle of an import', () => {
  test('keeps the entries made before it, and they are on disk', () => {
    const { folder } = crashed()
    expect(openSage(folder).company('Tacoma Builders').newEntries()).toHaveLength(2)
  })

  test('leaves the file unmarked: importing it again asks nothing and repeats what was kept', () => {
    const { company } = crashed()
    const report = importLines(company, originalEstimate)
    company.postEntries({ all: true })
    expect([report.outcome, totalsOf(company)['/03-3000/L']?.[0]]).toEqual(['imported', 37_000_000])
  })

  test('leaves no report', () => {
    const { company } = crashed()
    expect(() => company.importReport(1)).toThrow(/no such file/)
  })

  test('after the last record still leaves no report and no mark', () => {
    const { company } = openOffice()
    company.setFaults({ crashAfterRecords: 6 })
    expect(() => importLines(company, originalEstimate)).toThrow(SageCrashed)
    expect([company.newEntries().length, company.tables().importedFiles]).toEqual([4, []])
  })

  test('goes off once', () => {
    expect(crashed().company.tables().faults.crashAfterRecords).toBeNull()
  })
})

describe('a replica that is an hour late', () => {
  test('shows the old totals until the hour has passed', () => {
    const office = late()
    office.clock.forward(3599)
    expect(original(office)).toBe(0)
  })

  test('shows the new totals once the hour has passed', () => {
    const office = late()
    office.clock.forward(3600)
    expect(original(office)).toBe(750000)
  })

  test('says the instant its figures are of', () => {
    const office = late()
    office.clock.forward(3600)
    expect(office.company.asOf().toISOString()).toBe('2025-06-02T08:01:00.000Z')
  })

  test('is late in the reports too', () => {
    const office = late()
    const folder = temporaryFolder('sage-simulator')
    office.company.writeReports(folder)
    expect(readFileSync(join(folder, 'category-totals.csv'), 'utf8')).toContain(
      '24-1007,,03-3000,S,0.00,0.00,0.00',
    )
  })

  test('is as late after a restart', () => {
    const office = late()
    office.clock.forward(1800)
    const again = openSage(office.folder, { clock: office.clock.now }).company('Tacoma Builders')
    expect(again.view('JCM_MASTER__JOB')[0]?.['ORIGINAL_ESTIMATE']).toBe(0)
    office.clock.forward(1800)
    expect(again.view('JCM_MASTER__JOB')[0]?.['ORIGINAL_ESTIMATE']).toBe(750000)
  })

  test('shows each state in its turn', () => {
    const office = late()
    office.clock.forward(600)
    office.company.setUp({ jobs: [{ job: '24-1007', description: 'Renamed' }] })
    office.clock.forward(3000)
    expect(office.company.view('JCM_MASTER__JOB')[0]?.['Description']).toBe('Riverside Clinic')
    office.clock.forward(600)
    expect(office.company.view('JCM_MASTER__JOB')[0]?.['Description']).toBe('Renamed')
  })

  test('switched off shows the present', () => {
    const office = late()
    office.company.setFaults({ replicaLagSeconds: 0 })
    expect(original(office)).toBe(750000)
  })
})

describe('a company that renamed its fields', () => {
  test('shows its own names to a reader that does not pin the standard mode', () => {
    const row = renamed().view('JCM_MASTER__CATEGORY', 'custom')[0]
    expect([row && 'Phase' in row, row && 'Cost_Code' in row]).toEqual([true, false])
  })

  test('shows the standard names to a reader that does', () => {
    expect(renamed().view('JCM_MASTER__CATEGORY', 'standard')[0]).toHaveProperty('Cost_Code')
  })

  test('prints its own names on the reports', () => {
    const folder = temporaryFolder('sage-simulator')
    renamed().writeReports(folder)
    expect(readFileSync(join(folder, 'category-totals.csv'), 'utf8')).toMatch(/^Job,Extra,Phase,Category,/)
  })
})

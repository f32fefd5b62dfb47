import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { csvReports } from '../../../functions/sage-connector/agent/sage-reports.ts'
import { openSage } from '../../../local/sage/open-sage.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { print } from './printed-reports.ts'

interface Query {
  readonly report: string
  readonly table: string
  /** What is selected, and the column that it becomes. */
  readonly columns: readonly { readonly of: string; readonly as: string }[]
}

/** The queries of docs/agent.md, as far as they are written there. */
function documentedQueries(): Query[] {
  const [, sql = ''] = /```sql\n([\s\S]*?)```/.exec(readFileSync('docs/agent.md', 'utf8')) ?? []
  return [...sql.matchAll(/-- (\S+)\nSELECT ([\s\S]*?)\nFROM (\w+)/g)].map(
    ([, report = '', columns = '', table = '']) => ({
      report,
      table,
      columns: columns.split(/,\s+(?!2\))/).map((item) => {
        const [, rounded, plain, as] = /^(?:ROUND\((\w+), 2\)|(\w+))(?: AS (\w+))?$/.exec(item) ?? []
        const of = rounded ?? plain ?? item
        return { of, as: as ?? of }
      }),
    }),
  )
}

test('the documented queries, asked of Sage’s own table and column names, give reports that the agent reads', () => {
  const root = temporaryFolder('queries')
  const company = openSage(join(root, 'sage')).createCompany('Tacoma Builders')
  company.setUp({
    standardCostCodes: [{ costCode: '03-3000', description: 'Cast-in-place concrete' }],
    standardCategories: [{ category: 'S', description: 'Subcontract', accumulateAs: 'Subcontract' }],
    jobs: [{ job: '24-1007', description: 'Clinic, east', closed: true }],
  })
  const lines = '"*","24-1007"\r\n"C","03-3000","","S",03152025,,"",325000.10\r\n'
  company.setUp({ jobs: [{ job: '24-1008', description: 'Tower' }] })
  company.importEstimates({
    bytes: Buffer.from(lines.replace('24-1007', '24-1008')),
    fileName: 'budget.jce',
    asApprovedEstimateChange: false,
  })
  company.postEntries({ all: true })
  for (const { report, table, columns } of documentedQueries()) {
    const rows = company.view(table as Parameters<typeof company.view>[0])
    const cells = rows.map((row) => columns.map(({ of }) => `"${String(row[of])}"`).join(','))
    print(root, report, columns.map(({ as }) => as).join(','), ...cells)
  }
  writeFileSync(join(root, 'as-of.txt'), '2026-01-05T09:00:00.000Z')
  const reader = csvReports(root)
  const [master, totals] = [reader.masterData(), reader.totals()]
  expect([...master.unreadable, ...totals.unreadable]).toEqual([])
  expect(master.read).toMatchObject({
    jobs: [
      { job: '24-1007', closed: true },
      { job: '24-1008', closed: false },
    ],
    cost_codes: [{ cost_code: '03-3000', group: false, closed: false }],
    categories: [{ category: 'S' }],
    extras: [],
  })
  expect(totals.read?.find(({ job }) => job === '24-1008')).toMatchObject({
    totals: [{ cost_code: '03-3000', category: 'S', original: 32_500_010, changes: 0 }],
  })
})

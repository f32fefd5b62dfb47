import { join } from 'node:path'
import { asDecimal } from './amounts.ts'
import { writeAtomically } from './atomic-file.ts'
import type { CompanyTables } from './company-tables.ts'
import { customName } from './read-views.ts'

type Cell = string | number | boolean
type Report = { readonly columns: readonly string[]; readonly rows: (tables: CompanyTables) => Cell[][] }

/** The CSV reports an accountant prints to a folder; README.md is the contract of whoever reads them. */
const reports: Record<string, Report> = {
  'jobs.csv': {
    columns: ['Job', 'Description', 'Closed', 'Original_Estimate_Finalized'],
    rows: ({ jobs }) =>
      [...jobs.values()].map((row) => [row.job, row.description, row.closed, row.originalEstimateFinalized]),
  },
  'standard-cost-codes.csv': {
    columns: ['Cost_Code', 'Description', 'Group_Cost_Code', 'Closed'],
    rows: ({ standardCostCodes }) =>
      [...standardCostCodes.values()].map((row) => [row.costCode, row.description, row.group, row.closed]),
  },
  'standard-categories.csv': {
    columns: ['Category', 'Description', 'Accumulate_As'],
    rows: ({ standardCategories }) =>
      [...standardCategories.values()].map((row) => [row.category, row.description, row.accumulateAs]),
  },
  'extras.csv': {
    columns: ['Job', 'Extra', 'Description', 'Closed'],
    rows: ({ extras }) =>
      [...extras.values()].map((row) => [row.job, row.extra, row.description, row.closed]),
  },
  'category-totals.csv': {
    columns: [
      'Job',
      'Extra',
      'Cost_Code',
      'Category',
      'Original_Estimate',
      'Approved_Estimate_Changes',
      'Total_Estimate',
    ],
    rows: ({ categories }) =>
      [...categories.values()].map((row) => [
        row.job,
        row.extra,
        row.costCode,
        row.category,
        asDecimal(row.original),
        asDecimal(row.approved),
        asDecimal(row.original + row.approved),
      ]),
  },
}

/**
 * Writes the five reports and then `as-of.txt`, the instant the figures are of. Each file is replaced whole; a reader
 * who finds the same instant before and after has read one printing.
 */
export function writeReports(tables: CompanyTables, asOf: Date, folder: string): void {
  for (const [name, report] of Object.entries(reports)) {
    const header = report.columns.map((column) => customName(tables, column))
    const lines = [header, ...report.rows(tables)].map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    writeAtomically(join(folder, name), lines.join(''))
  }
  writeAtomically(join(folder, 'as-of.txt'), `${asOf.toISOString()}\r\n`)
}

const csvCell = (cell: Cell): string => {
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

import type { BudgetCode } from '../domain/budget-code.ts'
import { formatCents } from '../domain/cents.ts'
import type { Amounts, ReportFigures } from '../domain/job-report.ts'
import { byteOrderMark, csvRow } from './csv-row.ts'
import { shownNotRun } from './spreadsheet-text.ts'

// For accounting, so in Sage's words.
const columns: readonly (readonly [
  heading: string,
  amounts: (figures: ReportFigures) => Amounts | undefined,
])[] = [
  ['Taken', ({ taken }) => taken],
  ['On Its Way', ({ open }) => open],
  ['In Sage', ({ sage }) => sage],
  ['Made In Sage, Acknowledged', ({ made }) => made?.acknowledged],
  ['Made In Sage, Not Acknowledged', ({ made }) => made?.not_acknowledged],
  ['Difference', ({ difference }) => difference],
]

export const sageReportCsvHead =
  byteOrderMark +
  csvRow([
    'Extra',
    'Cost Code',
    'Category',
    ...columns.flatMap(([heading]) => [`${heading}, Original Estimate`, `${heading}, Approved Changes`]),
  ])

/** One key, or all of them added up; what is not known is left empty. */
export const sageReportCsvRow = (figures: ReportFigures & { readonly code?: BudgetCode }): string => {
  const { code } = figures
  const names = code ? [code.sub_job, code.cost_code, code.cost_type] : ['Total', '', '']
  return csvRow([
    ...names.map(shownNotRun),
    ...columns.flatMap(([, amounts]) => {
      const of = amounts(figures)
      return of ? [formatCents(of.original), formatCents(of.changes)] : ['', '']
    }),
  ])
}

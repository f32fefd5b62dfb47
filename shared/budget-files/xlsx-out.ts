import type { LineItem } from '../domain/line-item.ts'
import type { AllowedCodes } from './allowed-codes.ts'
import { headingCells, lineCells } from './line-cells.ts'
import { type Column, template } from './template.ts'
import {
  cellStyle,
  type Choice,
  columnLetter,
  type SheetColumn,
  type SheetOut,
  workbookOf,
} from './workbook-out.ts'

const shownAs: Readonly<Record<Column, SheetColumn>> = {
  sub_job: { width: 12, style: cellStyle.text },
  cost_code: { width: 16, style: cellStyle.text },
  cost_type: { width: 12, style: cellStyle.text },
  description: { width: 40, style: cellStyle.text },
  calculation_strategy: { width: 20, style: cellStyle.text },
  quantity: { width: 14, style: cellStyle.quantity },
  uom: { width: 10, style: cellStyle.text },
  unit_cost: { width: 14, style: cellStyle.quantity },
  original_budget_amount: { width: 18, style: cellStyle.amount },
}

const place = (column: Column): number => template.findIndex((each) => each.column === column)

const yesOrNo: Choice = { column: place('calculation_strategy'), formula: '"yes,no"' }

function* rowsOf(lines: Iterable<LineItem>): Generator<readonly string[]> {
  yield headingCells
  for (const line of lines) yield lineCells(line)
}

const lineSheet = (lines: Iterable<LineItem>, choices: readonly Choice[]): SheetOut => ({
  name: 'Budget Line Items',
  columns: template.map(({ column }) => shownAs[column]),
  rows: rowsOf(lines),
  choices,
})

/**
 * The lines as a workbook that `readBudgetXlsx` reads back into the same lines, budget changes apart. Amounts,
 * quantities and unit costs are numbers: with at most 13 digits all of them are exact as doubles.
 */
export const writeBudgetXlsx = (lines: Iterable<LineItem>): Uint8Array =>
  workbookOf([lineSheet(lines, [yesOrNo])])

const codesSheet = 'Allowed Codes'

/** What each pair of columns of the second sheet offers to a column of the first. */
const offered = [
  { column: 'cost_code', headings: ['Cost Code', 'Cost Code Description'], of: 'cost_codes' },
  { column: 'cost_type', headings: ['Cost Type', 'Cost Type Description'], of: 'cost_types' },
  { column: 'sub_job', headings: ['Sub Job', 'Sub Job Description'], of: 'sub_jobs' },
] as const

function* codeRows(codes: AllowedCodes): Generator<readonly string[]> {
  yield [...offered.flatMap(({ headings }) => headings), codes.note]
  const most = Math.max(...offered.map(({ of }) => codes[of].length))
  for (let row = 0; row < most; row += 1)
    yield offered.flatMap(({ of }) => {
      const code = codes[of][row]
      return [code?.code ?? '', code?.description ?? '']
    })
}

/** A workbook without lines, with the codes that Sage allows on a second sheet and offered where they are written. */
export function writeTemplateXlsx(codes: AllowedCodes): Uint8Array {
  const choices = offered.flatMap(({ column, of }, index) => {
    const letter = columnLetter(2 * index)
    const last = String(codes[of].length + 1)
    return codes[of].length === 0
      ? []
      : [{ column: place(column), formula: `'${codesSheet}'!$${letter}$2:$${letter}$${last}` }]
  })
  const widths = offered.flatMap(() => [
    { width: 16, style: cellStyle.text },
    { width: 34, style: cellStyle.text },
  ])
  return workbookOf([
    lineSheet([], [...choices, yesOrNo]),
    {
      name: codesSheet,
      columns: [...widths, { width: 60, style: cellStyle.text }],
      rows: codeRows(codes),
    },
  ])
}

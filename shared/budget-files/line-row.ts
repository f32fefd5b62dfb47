import type { LineItem } from '../domain/line-item.ts'
import { lineFromInput } from '../domain/lines.ts'
import type { FaultyPlace } from '../domain/refusal.ts'
import { type Heading, headingFor } from './headings.ts'
import { takenBack } from './spreadsheet-text.ts'
import { type Column, readStrategy, template } from './template.ts'

/** Why a cell cannot be taken as it is. */
export type CellFault = Pick<FaultyPlace, 'code' | 'sentence'>

/** A cell of a sheet that is more than its text: what keeps it from being read as a text, or as a number. */
export interface SheetCell {
  readonly text: string
  readonly notText?: CellFault
  readonly notNumber?: CellFault
}

export type Cell = string | SheetCell

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

const numbers: ReadonlySet<Column> = new Set(['quantity', 'unit_cost', 'original_budget_amount'])

const faultOf = (column: Column, cell: Cell): CellFault | undefined =>
  typeof cell === 'string' ? undefined : numbers.has(column) ? cell.notNumber : cell.notText

/** `Mar-00`, `3-Mar`: what Excel makes of the codes 03-3000 and 3-3 in a CSV file that it opens and saves. */
const madeADate = /^(?:\d{1,2}-)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:-\d{2,4})?$/i

/** What stands in for a cell that cannot be read: no fault as a text, and as a number one that the cell's own replaces. */
const unread = '?'

/** One row as a line, or every faulty place in it. `longest`: characters of one cell. */
export function readRow(
  line: number,
  row: readonly Cell[],
  headings: readonly Heading[],
  longest: number,
): LineItem | FaultyPlace[] {
  const shape = checkShape(line, row.map(textOf), headings, longest)
  if (shape.length > 0) return shape
  const unreadable = new Map<Column, CellFault>()
  const cells = new Map<Column, string>()
  for (const [index, { column }] of headings.entries()) {
    const cell = row[index] ?? ''
    const fault = faultOf(column, cell)
    if (fault) unreadable.set(column, fault)
    cells.set(column, fault ? unread : textOf(cell).trim())
  }
  const read = readCells(line, cells, headings)
  if (unreadable.size === 0) return read
  const others = Array.isArray(read) ? read : []
  const named = new Set([...unreadable.keys()].map((column) => headingFor(headings, column)))
  return [
    ...[...unreadable].map(([column, fault]) => ({ line, column: headingFor(headings, column), ...fault })),
    ...others.filter(({ column }) => column === undefined || !named.has(column)),
  ]
}

function readCells(
  line: number,
  cells: ReadonlyMap<Column, string>,
  headings: readonly Heading[],
): LineItem | FaultyPlace[] {
  const text = (column: Column): string => takenBack(cells.get(column) ?? '')
  const number = (column: Column): string | undefined => cells.get(column) || undefined
  const strategy = readStrategy(cells.get('calculation_strategy') ?? '')
  const read = lineFromInput({
    sub_job: text('sub_job'),
    cost_code: text('cost_code'),
    cost_type: text('cost_type'),
    description: text('description'),
    calculation_strategy: strategy === 'unclear' ? undefined : strategy,
    quantity: number('quantity'),
    uom: text('uom'),
    unit_cost: number('unit_cost'),
    original_budget_amount: number('original_budget_amount'),
  })
  const faults = Array.isArray(read) ? read.map((fault) => inFile(line, fault, headings)) : []
  const code = text('cost_code')
  if (code.includes('-') && madeADate.test(code))
    faults.push({
      line,
      column: headingFor(headings, 'cost_code'),
      code: 'DATE',
      sentence: `${code} is a date that a spreadsheet made of a code; write the code again in a column formatted as text.`,
    })
  if (strategy === 'unclear')
    faults.push({
      line,
      column: headingFor(headings, 'calculation_strategy'),
      code: 'NOT_YES_OR_NO',
      sentence: `${text('calculation_strategy')} is neither yes nor no.`,
    })
  return faults.length > 0 || Array.isArray(read) ? faults : read
}

function checkShape(
  line: number,
  cells: readonly string[],
  headings: readonly Heading[],
  longest: number,
): FaultyPlace[] {
  const tooLong = cells.flatMap((cell, index) =>
    cell.length > longest
      ? [
          {
            line,
            column: headings[index]?.text ?? `cell ${String(index + 1)}`,
            code: 'TEXT_TOO_LONG',
            sentence: `The cell has more than ${String(longest)} characters, which is the most that is read.`,
          },
        ]
      : [],
  )
  const extra = cells.slice(headings.length).some((cell) => cell.trim() !== '')
  if (cells.length >= headings.length && !extra) return tooLong
  const lastHeading = headings.at(-1)?.text ?? ''
  return [
    ...tooLong,
    {
      line,
      column: lastHeading,
      code: 'CELL_COUNT',
      sentence: extra
        ? `Something stands to the right of ${lastHeading}, where no heading is; is a text with a comma not quoted?`
        : `The line has ${String(cells.length)} cells and there are ${String(headings.length)} headings.`,
    },
  ]
}

/** A fault of a line where it stands in the file. */
function inFile(
  line: number,
  { pointer, code, sentence }: FaultyPlace,
  headings: readonly Heading[],
): FaultyPlace {
  const column = template.find((known) => `/${known.column}` === pointer)?.column
  return { line, ...(column && { column: headingFor(headings, column) }), code, sentence }
}

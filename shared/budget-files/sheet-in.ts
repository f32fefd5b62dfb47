import { BrokenWorkbook } from './broken-workbook.ts'
import type { Cell, SheetCell } from './line-row.ts'
import { plainDecimal } from './plain-decimal.ts'
import { cut, RunsOfText, type Workbook, withoutEscapes } from './workbook-in.ts'
import { attributesOf, readXml, xmlText } from './xml-in.ts'

// ECMA-376 and Excel: a sheet ends at XFD1048576.
const lastRow = 1_048_576
const lastColumn = 16_384

/**
 * Cells of one row that are told apart. What stands further to the right is put into the last of them: a budget has
 * nine columns, and a cell at XFD must not cost a row of sixteen thousand.
 */
const widest = 64

const broken = (why: string): BrokenWorkbook =>
  new BrokenWorkbook('BROKEN_WORKBOOK', `The workbook cannot be read: ${why}.`)

/** Takes one row: its number from 1, and its cells from A to the last that has something. True: read no further. */
type TakeRow = (line: number, cells: readonly Cell[]) => boolean

/** A cell being read. */
interface Begun {
  readonly column: number
  readonly type: string
  readonly style: number
  formula: boolean
  /** Absent: there is no value. */
  value?: string
}

/** Reads the rows of a worksheet in order; rows without a cell are passed over. @throws BrokenWorkbook */
export function readSheet(bytes: Buffer, workbook: Workbook, longest: number, take: TakeRow): void {
  const inline = new RunsOfText(longest)
  let line = 0
  let column = 0
  let cells: Cell[] = []
  let cell: Begun | undefined
  let inValue = false
  readXml(bytes, {
    open(name, tag) {
      if (name === 'row') {
        line = rowNumber(attributesOf(tag).get('r'), line)
        column = 0
        cells = []
      } else if (name === 'c') {
        const attributes = attributesOf(tag)
        column = columnNumber(attributes.get('r'), line, column)
        cell = {
          column,
          type: attributes.get('t') ?? 'n',
          style: Number(attributes.get('s') ?? 0),
          formula: false,
        }
      } else if (cell && name === 'v') {
        inValue = true
        cell.value = ''
      } else if (cell && name === 'f') cell.formula = true
      else if (cell) inline.open(name)
      return undefined
    },
    close(name) {
      if (name === 'v') inValue = false
      else if (name === 'c' && cell) {
        put(cells, cell.column, cellOf(cell, inline.take(), workbook, longest))
        cell = undefined
      } else if (name === 'row' && cells.length > 0) return take(line, cells)
      else inline.close(name)
      // What follows the rows is of no use here: filters, validations, pictures.
      return name === 'sheetData'
    },
    text(raw) {
      if (inValue && cell?.value !== undefined && cell.value.length <= longest) cell.value += xmlText(raw)
      else if (cell) inline.add(raw)
    },
  })
}

function rowNumber(given: string | undefined, before: number): number {
  const line = given === undefined ? before + 1 : Number(given)
  if (Number.isInteger(line) && line > before && line <= lastRow) return line
  throw broken('its rows are not in order')
}

const reference = /^([A-Z]{1,3})(\d{1,7})$/

function columnNumber(given: string | undefined, line: number, before: number): number {
  if (given === undefined) return before + 1
  const [, letters = '', row = ''] = reference.exec(given) ?? []
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  if (column > before && column <= lastColumn && Number(row) === line) return column
  throw broken(`the cell ${given.slice(0, 20)} stands where it cannot be`)
}

function put(cells: Cell[], column: number, cell: Cell): void {
  if (cell === '') return
  const at = Math.min(column, widest) - 1
  while (cells.length < at) cells.push('')
  cells[at] = cell
}

const unusable = (text: string, code: string, sentence: string): SheetCell => {
  const fault = { code, sentence }
  return { text, notText: fault, notNumber: fault }
}

function cellOf(cell: Begun, inline: string, workbook: Workbook, longest: number): Cell {
  const { type, formula, value } = cell
  if (type === 'inlineStr') return inline
  if (value === undefined || (value === '' && type !== 'str'))
    return formula
      ? unusable(
          '=',
          'FORMULA_WITHOUT_RESULT',
          'The cell holds a formula whose result is not in the file; open it in a spreadsheet program and save it there.',
        )
      : ''
  switch (type) {
    case 's':
      return sharedText(value, workbook)
    case 'str':
      return cut(withoutEscapes(value), longest)
    case 'b':
      return value === '1' || value === 'true' ? 'TRUE' : 'FALSE'
    case 'e':
      return unusable(value, 'CELL_ERROR', `The cell shows the error ${value.slice(0, 20)}.`)
    case 'd':
      return dateCell(value)
    case 'n':
      return numberCell(value, workbook.shownAs[cell.style] ?? 'plain')
    default:
      throw broken('a cell is of a kind that workbooks do not have')
  }
}

function sharedText(value: string, { strings }: Workbook): string {
  const text = /^\d{1,9}$/.test(value) ? strings[Number(value)] : undefined
  if (text === undefined) throw broken('a cell refers to a text that is not there')
  return text
}

const dateCell = (text: string): SheetCell =>
  unusable(
    text,
    'DATE',
    'The cell holds a date, as spreadsheets make of a code such as 3-10; format the column as text and write it again.',
  )

function numberCell(value: string, shown: Workbook['shownAs'][number]): Cell {
  const text = plainDecimal(value)
  if (text === undefined) throw broken('a number of it is none')
  if (shown === 'date') return dateCell(text)
  if (shown === 'plain') return text
  const otherThanShown = {
    code: 'SHOWN_OTHERWISE',
    sentence: `The cell holds the number ${text} and shows it in another form; format it as text and write what it shall be.`,
  }
  return shown === 'percent'
    ? {
        text,
        notText: otherThanShown,
        notNumber: {
          code: 'PERCENT',
          sentence: `The cell shows a percentage and holds ${text}; format it as a number and write what it shall be.`,
        },
      }
    : { text, notText: otherThanShown }
}

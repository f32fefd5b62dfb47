import { type CodeKey, keyOf, showCode } from '../domain/budget-code.ts'
import type { LineItem } from '../domain/line-item.ts'
import { lineFromInput } from '../domain/lines.ts'
import { type FaultyPlace, type Refusal, refusal } from '../domain/refusal.ts'
import { takenBack } from './spreadsheet-text.ts'
import { type Column, columnOf, readStrategy, template } from './template.ts'

/** What a budget file says: its lines, and which columns it has: what it has no column for, it says nothing about. */
export interface BudgetFile {
  readonly lines: readonly LineItem[]
  readonly columns: ReadonlySet<Column>
}

/** Limits of a file. */
export interface FileLimits {
  readonly lines: number
  /** Characters of one cell. */
  readonly cell: number
  /** Faulty places that are listed; the rest is counted. */
  readonly places: number
}

// Twice the largest budget that the product is measured with (design: bars).
export const fileLimits: FileLimits = { lines: 100_000, cell: 2_000, places: 200 }

interface Heading {
  readonly text: string
  readonly column: Column
}

/** Takes the rows of a file one by one, headings first, whatever kind of file they come from. */
export class BudgetRows {
  readonly #limits: FileLimits
  readonly #lines: LineItem[] = []
  readonly #firstSeen = new Map<CodeKey, number>()
  readonly #places: FaultyPlace[] = []
  #headings: readonly Heading[] | undefined
  #rows = 0
  #faults = 0
  #total = 0
  #unreadable = false

  constructor(limits: FileLimits = fileLimits) {
    this.#limits = limits
  }

  /** `line` is the number, from 1, of the physical line or sheet row on which the row begins. */
  row(line: number, cells: readonly string[]): void {
    if (this.#unreadable || cells.every((cell) => cell.trim() === '')) return
    if (this.#headings) this.#lineItem(line, cells, this.#headings)
    else this.#readHeadings(line, cells)
  }

  /** A fault of the file itself, after which no row can be read. */
  broken(place: FaultyPlace): void {
    this.#unreadable = true
    this.#fault(place)
  }

  /** The heading over the n-th cell, from 0. */
  headingOf(index: number): string | undefined {
    return this.#headings?.[index]?.text
  }

  /** The file as read, or everything that is wrong with it. */
  done(): BudgetFile | Refusal {
    if (!this.#unreadable && this.#rows === 0) this.broken(this.#empty())
    if (this.#rows > this.#limits.lines) return tooManyLines(this.#rows, this.#limits.lines)
    if (!Number.isSafeInteger(this.#total))
      this.#fault({ code: 'OUT_OF_RANGE', sentence: 'The sum of all amounts is larger than can be counted.' })
    return this.#faults === 0
      ? { lines: this.#lines, columns: new Set(this.#headings?.map(({ column }) => column)) }
      : refuseFile(this.#places, this.#faults, this.#unreadable)
  }

  #fault(place: FaultyPlace): void {
    this.#faults += 1
    if (this.#places.length < this.#limits.places) this.#places.push(place)
  }

  #empty(): FaultyPlace {
    const sentence = this.#headings ? 'There is no line below the headings.' : 'The file is empty.'
    return { line: 1, code: 'EMPTY', sentence }
  }

  #readHeadings(line: number, cells: readonly string[]): void {
    const read = readHeadings(line, cells)
    if ('faults' in read) for (const place of read.faults) this.broken(place)
    else this.#headings = read.headings
  }

  #lineItem(line: number, cells: readonly string[], headings: readonly Heading[]): void {
    this.#rows += 1
    if (this.#rows > this.#limits.lines) return
    const read = readRow(line, cells, headings, this.#limits)
    if (Array.isArray(read)) {
      for (const place of read) this.#fault(place)
      return
    }
    this.#checkTwice(line, read, headings)
    this.#total += read.original
    if (this.#faults === 0) this.#lines.push(read)
  }

  #checkTwice(line: number, { code }: LineItem, headings: readonly Heading[]): void {
    const key = keyOf(code)
    const before = this.#firstSeen.get(key)
    if (before === undefined) this.#firstSeen.set(key, line)
    else
      this.#fault({
        line,
        column: headingFor(headings, 'cost_code'),
        code: 'DUPLICATE_BUDGET_CODE',
        sentence: `${showCode(code)} stands on line ${String(before)} already; one line per budget code.`,
      })
  }
}

function tooManyLines(rows: number, limit: number): Refusal {
  return refusal(
    'TOO_LARGE',
    `The file has ${String(rows)} lines; at most ${String(limit)} are read.`,
    'Split the file and import the pieces one after the other, each merged into the budget.',
  )
}

function refuseFile(places: readonly FaultyPlace[], faults: number, unreadable: boolean): Refusal {
  const listed = faults > places.length ? ` The first ${String(places.length)} are listed.` : ''
  return refusal(
    unreadable ? 'FILE_NOT_READABLE' : 'LINE_INVALID',
    `The file has ${faults === 1 ? 'one fault' : `${String(faults)} faults`}; nothing was imported.${listed}`,
    'Correct the file where it is named and import it again.',
    { places },
  )
}

function readHeadings(
  line: number,
  cells: readonly string[],
): { headings: readonly Heading[] } | { faults: readonly FaultyPlace[] } {
  const faults: FaultyPlace[] = []
  const headings: Heading[] = []
  // Blank headings at the end come from columns that a spreadsheet once used; what stands below is refused row by row.
  const used = cells.findLastIndex((cell) => cell.trim() !== '') + 1
  for (const cell of cells.slice(0, used)) {
    const text = cell.trim()
    const column = columnOf(takenBack(text))
    if (column === undefined) faults.push(unknownColumn(line, text))
    else if (headings.some((known) => known.column === column))
      faults.push({
        line,
        column: text,
        code: 'COLUMN_TWICE',
        sentence: `The column ${text} says the same as ${headingFor(headings, column)}; keep one of them.`,
      })
    else headings.push({ text, column })
  }
  if (faults.length > 0) return { faults }
  const missing = template.filter(
    ({ column, required }) => required && !headings.some((known) => known.column === column),
  )
  return missing.length === 0
    ? { headings }
    : {
        faults: missing.map(({ heading }) => ({
          line,
          column: heading,
          code: 'COLUMN_MISSING',
          sentence: `The column ${heading} is missing.`,
        })),
      }
}

function unknownColumn(line: number, text: string): FaultyPlace {
  const names = template.map(({ heading }) => heading).join(', ')
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  const place = { line, column: shown, code: 'COLUMN_UNKNOWN' }
  if (/[;\t]/.test(text))
    return { ...place, sentence: 'The cells are not separated by commas; save the file comma separated.' }
  return text === ''
    ? { ...place, sentence: 'A column has no heading.' }
    : { ...place, sentence: `There is no column ${shown} in a budget file; its columns are ${names}.` }
}

const headingFor = (headings: readonly Heading[], column: Column): string =>
  headings.find((known) => known.column === column)?.text ??
  template.find((known) => known.column === column)?.heading ??
  column

/** One row as a line, or every faulty place in it. */
function readRow(
  line: number,
  row: readonly string[],
  headings: readonly Heading[],
  limits: FileLimits,
): LineItem | FaultyPlace[] {
  const shape = checkShape(line, row, headings, limits)
  if (shape.length > 0) return shape
  const cells = new Map(headings.map(({ column }, index) => [column, row[index]?.trim() ?? '']))
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
  limits: FileLimits,
): FaultyPlace[] {
  const tooLong = cells.flatMap((cell, index) =>
    cell.length > limits.cell
      ? [
          {
            line,
            column: headings[index]?.text ?? `cell ${String(index + 1)}`,
            code: 'TEXT_TOO_LONG',
            sentence: `The cell has ${String(cell.length)} characters; at most ${String(limits.cell)} are read.`,
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

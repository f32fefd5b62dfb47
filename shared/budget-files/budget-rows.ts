import { type CodeKey, keyOf, showCode } from '../domain/budget-code.ts'
import type { LineItem } from '../domain/line-item.ts'
import { type FaultyPlace, type Refusal, refusal } from '../domain/refusal.ts'
import { type Heading, headingFor, readHeadings } from './headings.ts'
import { type Cell, readRow, textOf } from './line-row.ts'
import type { Column } from './template.ts'

/** What a budget file says: its lines, and which columns it has: what it has no column for, it says nothing about. */
export interface BudgetFile {
  readonly lines: readonly LineItem[]
  readonly columns: ReadonlySet<Column>
  /** The physical line or sheet row, from 1, on which each line stands. */
  readonly standsOn: ReadonlyMap<CodeKey, number>
}

/** Limits of a file. */
export interface FileLimits {
  readonly lines: number
  /** Characters of one cell. */
  readonly cell: number
  /** Faulty places that are listed; the rest is counted. */
  readonly places: number
}

// Lines: twice the largest budget that the product is measured with (design: bars).
export const fileLimits: FileLimits = { lines: 100_000, cell: 2_000, places: 1_000 }

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
  row(line: number, cells: readonly Cell[]): void {
    if (this.#unreadable || cells.every(isBlank)) return
    if (this.#headings) this.#lineItem(line, cells, this.#headings)
    else this.#readHeadings(line, cells.map(textOf))
  }

  /** Whether nothing that follows can be of use: the file is refused for its length, or its headings are no budget's. */
  get closed(): boolean {
    return this.#unreadable || this.#rows > this.#limits.lines
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
    if (this.#rows > this.#limits.lines) return tooManyLines(this.#limits.lines)
    if (!Number.isSafeInteger(this.#total))
      this.#fault({ code: 'OUT_OF_RANGE', sentence: 'The sum of all amounts is larger than can be counted.' })
    return this.#faults === 0
      ? {
          lines: this.#lines,
          columns: new Set(this.#headings?.map(({ column }) => column)),
          standsOn: this.#firstSeen,
        }
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
    else this.#headings = read
  }

  #lineItem(line: number, cells: readonly Cell[], headings: readonly Heading[]): void {
    this.#rows += 1
    if (this.#rows > this.#limits.lines) return
    const read = readRow(line, cells, headings, this.#limits.cell)
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

const isBlank = (cell: Cell): boolean => textOf(cell).trim() === ''

export function tooManyLines(limit: number): Refusal {
  return refusal(
    'TOO_LARGE',
    `The file has more than ${String(limit)} lines, which is the most that is read.`,
    'Split the file and import the pieces one after the other, each merged into the budget.',
  )
}

function refuseFile(places: readonly FaultyPlace[], faults: number, unreadable: boolean): Refusal {
  const listed = faults > places.length ? ` The first ${String(places.length)} are listed.` : ''
  return refusal(
    unreadable ? 'FILE_NOT_READABLE' : 'LINE_INVALID',
    `The file has ${faults === 1 ? 'one fault' : `${String(faults)} faults`}; nothing was imported.${listed}`,
    'Correct the file where it is named and import it again.',
    { places, places_in_all: faults },
  )
}

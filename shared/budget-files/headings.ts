import type { FaultyPlace } from '../domain/refusal.ts'
import { takenBack } from './spreadsheet-text.ts'
import { type Column, columnOf, template, unclearHeading } from './template.ts'

/** A heading as the file writes it, and the column it names. */
export interface Heading {
  readonly text: string
  readonly column: Column
}

/** What a finding calls a column: as the file does, otherwise as the template does. */
export const headingFor = (headings: readonly Heading[], column: Column): string =>
  headings.find((known) => known.column === column)?.text ??
  template.find((known) => known.column === column)?.heading ??
  column

/** The headings of a row, or what is wrong with them. `line` is where the row stands, from 1. */
export function readHeadings(line: number, cells: readonly string[]): readonly Heading[] | FaultyPlaces {
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
  const missing = missingIn(headings.map(({ column }) => column))
  return missing.length === 0
    ? headings
    : {
        faults: missing.map((heading) => ({
          line,
          column: heading,
          code: 'COLUMN_MISSING',
          sentence: `The column ${heading} is missing.`,
        })),
      }
}

interface FaultyPlaces {
  readonly faults: readonly FaultyPlace[]
}

const missingIn = (columns: readonly (Column | undefined)[]): string[] =>
  template.flatMap(({ column, heading, required }) =>
    required && !columns.includes(column) ? [heading] : [],
  )

/** Whether a row names every column that a budget cannot do without, whatever else stands in it. */
export const namesBudget = (cells: readonly string[]): boolean =>
  missingIn(cells.map((cell) => columnOf(takenBack(cell.trim())))).length === 0

/** How many cells of a row are headings of a budget file. */
export const headingsAmong = (cells: readonly string[]): number =>
  cells.filter((cell) => columnOf(takenBack(cell.trim())) !== undefined).length

function unknownColumn(line: number, text: string): FaultyPlace {
  const names = template.map(({ heading }) => heading).join(', ')
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  const place = { line, column: shown }
  const unclear = unclearHeading(text)
  if (unclear !== undefined) return { ...place, code: 'COLUMN_UNCLEAR', sentence: `${shown}: ${unclear}` }
  return {
    ...place,
    code: 'COLUMN_UNKNOWN',
    sentence:
      text === ''
        ? 'A column has no heading.'
        : `There is no column ${shown} in a budget file; its columns are ${names}.`,
  }
}

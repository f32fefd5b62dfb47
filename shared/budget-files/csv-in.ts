import { CsvError, parse } from 'csv-parse/sync'
import type { FaultyPlace, Refusal } from '../domain/refusal.ts'
import { type BudgetFile, BudgetRows, type FileLimits, fileLimits, tooManyLines } from './budget-rows.ts'
import { asUtf8 } from './encoding.ts'
import { separatorOf } from './separator.ts'

/**
 * Reads a budget from a CSV file in the columns of the template, in any order, or lists what is wrong with it: every
 * faulty place with its physical line (from 1), its column heading, a code and a sentence. A file with a fault gives
 * no line. Cells may be separated by semicolons or tabs. Rows are taken one at a time; only lines are kept. Past a
 * broken quote nothing can be read, so faults further down show once the quote is corrected.
 */
export function readBudgetCsv(bytes: Uint8Array, limits: FileLimits = fileLimits): BudgetFile | Refusal {
  const rows = new BudgetRows(limits)
  const text = asUtf8(bytes)
  if (!(text instanceof Uint8Array)) rows.broken(text)
  else if (filledLines(text) > limits.lines + 1) return tooManyLines(limits.lines)
  else readRows(text, rows, limits)
  return rows.done()
}

const [tab, lineFeed, carriageReturn, blank] = [0x09, 0x0a, 0x0d, 0x20]

/** Physical lines that are not blank, the headings' among them: a file that is too long is not parsed first. */
function filledLines(text: Uint8Array): number {
  let lines = 0
  let filled = false
  // By index: an iterator over every byte of a large file takes five times as long.
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at]
    if (byte === lineFeed || byte === carriageReturn) {
      if (filled) lines += 1
      filled = false
    } else filled ||= byte !== blank && byte !== tab
  }
  return filled ? lines + 1 : lines
}

const breaks = /\r\n|\n|\r/g

/** The parser counts a CR LF inside quotes twice, so lines are counted here. */
const lineBreaksIn = (cells: readonly string[]): number =>
  cells.reduce((count, cell) => count + (cell.match(breaks)?.length ?? 0), 0)

function readRows(utf8: Uint8Array, rows: BudgetRows, limits: FileLimits): void {
  let line = 1
  const { by, namedFirst } = separatorOf(utf8)
  try {
    parse(Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength), {
      bom: false,
      delimiter: by,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      max_record_size: limits.cell * 20, // a quote that is never closed must not gather the whole file
      on_record: (cells: string[]) => {
        if (line > 1 || !namedFirst) rows.row(line, cells)
        line += 1 + lineBreaksIn(cells)
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    rows.broken(brokenAt(line, error, rows))
  }
}

const quoteFaults: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened on this line and never closed.',
  CSV_MAX_RECORD_SIZE:
    'A quote is opened on this line and not closed for pages, or the line is far too long.',
  CSV_INVALID_CLOSING_QUOTE: 'Something follows a closing quote; write a quote inside a text twice.',
  INVALID_OPENING_QUOTE:
    'A quote stands inside a text without quotes; quote the text and write the quote twice.',
}

function brokenAt(line: number, error: CsvError, rows: BudgetRows): FaultyPlace {
  const column = typeof error['column'] === 'number' ? rows.headingOf(error['column']) : undefined
  return {
    line,
    ...(column !== undefined && { column }),
    code: 'BROKEN_QUOTE',
    sentence: `${quoteFaults[error.code] ?? 'The line cannot be read.'} Nothing after it was read.`,
  }
}

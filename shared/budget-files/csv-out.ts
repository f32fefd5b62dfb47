import type { LineItem } from '../domain/line-item.ts'
import { headingCells, lineCells } from './line-cells.ts'

// Semicolon and tab too: where a spreadsheet separates by them, a quoted text stays one cell.
const quoted = (cell: string): string =>
  /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

const row = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`

/** Makes Excel read the file as UTF-8. */
const byteOrderMark = '\ufeff'

/**
 * The lines as a CSV file that `readBudgetCsv` reads back into the same lines, budget changes apart, which a file
 * does not carry. RFC 4180 with CR LF. Without a line it is the template.
 */
export const writeBudgetCsv = (lines: Iterable<LineItem>): string => {
  const rows = [row(headingCells)]
  for (const line of lines) rows.push(row(lineCells(line)))
  return byteOrderMark + rows.join('')
}

import type { LineItem } from '../domain/line-item.ts'
import { byteOrderMark, csvRow } from './csv-row.ts'
import { headingCells, lineCells } from './line-cells.ts'

/**
 * The lines as a CSV file that `readBudgetCsv` reads back into the same lines, budget changes apart, which a file
 * does not carry. RFC 4180 with CR LF. Without a line it is the template.
 */
export const writeBudgetCsv = (lines: Iterable<LineItem>): string => {
  const rows = [csvRow(headingCells)]
  for (const line of lines) rows.push(csvRow(lineCells(line)))
  return byteOrderMark + rows.join('')
}

import { formatCents } from '../domain/cents.ts'
import type { LineItem } from '../domain/line-item.ts'
import { formatScaled4 } from '../domain/quantity.ts'
import { byteOrderMark, csvRow } from './csv-row.ts'
import { shownNotRun } from './spreadsheet-text.ts'
import { type Column, template } from './template.ts'

const cellOf: Record<Column, (line: LineItem) => string> = {
  sub_job: ({ code }) => shownNotRun(code.sub_job),
  cost_code: ({ code }) => shownNotRun(code.cost_code),
  cost_type: ({ code }) => shownNotRun(code.cost_type),
  description: ({ description }) => shownNotRun(description),
  calculation_strategy: ({ calculation_strategy }) => (calculation_strategy === 'manual' ? 'yes' : 'no'),
  quantity: ({ quantity }) => (quantity === null ? '' : formatScaled4(quantity)),
  uom: ({ uom }) => shownNotRun(uom),
  unit_cost: ({ unit_cost }) => (unit_cost === null ? '' : formatScaled4(unit_cost)),
  original_budget_amount: ({ original }) => formatCents(original),
}

/**
 * The lines as a CSV file that `readBudgetCsv` reads back into the same lines, budget changes apart, which a file
 * does not carry. RFC 4180 with CR LF. A text that a spreadsheet would run as a formula has an apostrophe before it.
 */
export const writeBudgetCsv = (lines: Iterable<LineItem>): string => {
  const rows = [csvRow(template.map(({ heading }) => heading))]
  for (const line of lines) rows.push(csvRow(template.map(({ column }) => cellOf[column](line))))
  return byteOrderMark + rows.join('')
}

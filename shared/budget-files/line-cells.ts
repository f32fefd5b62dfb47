import { formatCents } from '../domain/cents.ts'
import type { LineItem } from '../domain/line-item.ts'
import { formatScaled4 } from '../domain/quantity.ts'
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

export const headingCells: readonly string[] = template.map(({ heading }) => heading)

/**
 * A line as the cells of a file, in the order of the template. A text that a spreadsheet would run as a formula has an
 * apostrophe before it, in a workbook too: its sheet may be saved as CSV.
 */
export const lineCells = (line: LineItem): string[] => template.map(({ column }) => cellOf[column](line))

import { formatCents, plus } from '../domain/cents.ts'
import { deltaOf, kindOf, type SageDifference, type Sides } from '../domain/difference.ts'
import { type LineItem, revisedEstimate } from '../domain/line-item.ts'
import { formatScaled4 } from '../domain/quantity.ts'
import { byteOrderMark, csvRow } from './csv-row.ts'
import { shownNotRun } from './spreadsheet-text.ts'

type Cell = (line: LineItem) => string

/** What a line says, before and after; a line that is not there says nothing. */
const said: readonly (readonly [heading: string, cell: Cell])[] = [
  ['Description', ({ description }) => shownNotRun(description)],
  ['Manual Calculation', ({ calculation_strategy }) => (calculation_strategy === 'manual' ? 'yes' : 'no')],
  ['Unit Qty', ({ quantity }) => (quantity === null ? '' : formatScaled4(quantity))],
  ['UOM', ({ uom }) => shownNotRun(uom)],
  ['Unit Cost', ({ unit_cost }) => (unit_cost === null ? '' : formatScaled4(unit_cost))],
  ['Budget Amount', ({ original }) => formatCents(original)],
  ['Budget Changes', ({ changes }) => formatCents(changes)],
  ['Revised Estimate', (line) => formatCents(revisedEstimate(line))],
]

const deltas = ['Budget Amount Difference', 'Budget Changes Difference', 'Revised Estimate Difference']
const codes = ['Sub Job', 'Cost Code', 'Cost Type']

export const differenceCsvHead =
  byteOrderMark +
  csvRow([
    'Difference',
    ...codes,
    ...said.flatMap(([heading]) => [`${heading} Before`, `${heading} After`]),
    ...deltas,
  ])

const codeCells = ({ code }: Pick<LineItem, 'code'>): string[] =>
  [code.sub_job, code.cost_code, code.cost_type].map(shownNotRun)

export function differenceCsvRow(sides: Sides): string {
  const { before, after } = sides
  const line = after ?? before
  const { original, changes } = deltaOf(sides)
  return csvRow([
    kindOf(sides),
    ...(line ? codeCells(line) : codes.map(() => '')),
    ...said.flatMap(([, cell]) => [before ? cell(before) : '', after ? cell(after) : '']),
    ...[original, changes, plus(original, changes)].map(formatCents),
  ])
}

export const sageDifferenceCsvHead =
  byteOrderMark +
  csvRow([
    ...codes,
    'Description',
    'In Sage, Original Estimate',
    'In Sage, Approved Changes',
    'In Sage, Total',
    'Revised Estimate',
    'Difference To Send',
  ])

export const sageDifferenceCsvRow = (difference: SageDifference): string => {
  const { line, held, due } = difference
  return csvRow([
    ...codeCells(difference),
    shownNotRun(line?.description ?? ''),
    formatCents(held.original),
    formatCents(held.changes),
    formatCents(plus(held.original, held.changes)),
    line ? formatCents(revisedEstimate(line)) : '0.00',
    formatCents(due),
  ])
}

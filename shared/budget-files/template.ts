import type { LineInput } from '../domain/lines.ts'

/** A column of the budget file, by the field of a line that it fills. */
export type Column = keyof LineInput

/**
 * The budget file, CSV or a sheet: its columns in the order in which they are written (research: budget import).
 * `also` are headings that mean the same beyond doubt, as Procore's and Sage's screens and the API have them.
 * A joined budget code is not among them: its parts may hold the joining point themselves.
 */
export const template: readonly {
  readonly column: Column
  readonly heading: string
  readonly also: readonly string[]
  readonly required: boolean
}[] = [
  { column: 'sub_job', heading: 'Sub Job', also: ['Sub Job Code', 'Extra'], required: false },
  { column: 'cost_code', heading: 'Cost Code', also: [], required: true },
  { column: 'cost_type', heading: 'Cost Type', also: ['Category'], required: true },
  { column: 'description', heading: 'Description', also: ['Budget Description'], required: false },
  { column: 'calculation_strategy', heading: 'Manual Calculation', also: [], required: false },
  { column: 'quantity', heading: 'Unit Qty', also: ['Unit Quantity', 'Quantity', 'Qty'], required: false },
  { column: 'uom', heading: 'UOM', also: ['Unit of Measure', 'Unit'], required: false },
  { column: 'unit_cost', heading: 'Unit Cost', also: ['Unit Price'], required: false },
  {
    column: 'original_budget_amount',
    heading: 'Budget Amount',
    also: ['Original Budget Amount', 'Original Budget'],
    required: true,
  },
]

/** Case, blanks, underscores and the star of a required column make no other heading. */
const plainHeading = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[\s_*]+/g, ' ')
    .trim()

const columns = new Map(
  template.flatMap(({ column, heading, also }) =>
    [heading, ...also].map((name): [string, Column] => [plainHeading(name), column]),
  ),
)

export const columnOf = (heading: string): Column | undefined => columns.get(plainHeading(heading))

const strategies = new Map<string, LineInput['calculation_strategy']>([
  ['', undefined],
  ...['yes', 'y', 'true', 'x', '1', 'manual'].map((word): [string, 'manual'] => [word, 'manual']),
  ...['no', 'n', 'false', '0', 'automatic'].map((word): [string, 'automatic'] => [word, 'automatic']),
])

/**
 * Reads a cell under Manual Calculation. Blank (undefined in the answer): automatic when quantity and unit cost are
 * both given, otherwise manual. `unclear`: any other word.
 */
export function readStrategy(cell: string): LineInput['calculation_strategy'] | 'unclear' {
  const word = cell.toLowerCase()
  return strategies.has(word) ? strategies.get(word) : 'unclear'
}

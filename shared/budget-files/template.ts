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
  {
    column: 'sub_job',
    heading: 'Sub Job',
    also: ['Sub-Job', 'Subjob', 'Sub Job Code', 'Extra'],
    required: false,
  },
  { column: 'cost_code', heading: 'Cost Code', also: [], required: true },
  {
    column: 'cost_type',
    heading: 'Cost Type',
    also: ['Cost Type Code', 'Category', 'Category Code'],
    required: true,
  },
  {
    column: 'description',
    heading: 'Description',
    also: ['Budget Description', 'Line Item Description'],
    required: false,
  },
  {
    column: 'calculation_strategy',
    heading: 'Manual Calculation',
    also: ['Manual Calculation?', 'Calculation Strategy'],
    required: false,
  },
  { column: 'quantity', heading: 'Unit Qty', also: ['Unit Quantity', 'Quantity', 'Qty'], required: false },
  {
    column: 'uom',
    heading: 'UOM',
    also: ['Unit of Measure', 'Units of Measure', 'Unit'],
    required: false,
  },
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

const joined = 'its parts cannot be told apart for sure; give Sub Job, Cost Code and Cost Type a column each.'
const notOriginal =
  'this figure is not the original budget, which is all that a file sets; give Budget Amount, and changes as budget changes.'

/** Headings that might mean a column of ours and might not: taken for one, they would store other figures than meant. */
const unclear = new Map(
  Object.entries({
    'budget code': joined,
    code: joined,
    wbs: joined,
    'wbs code': joined,
    type: 'is it the cost type or something else? Name it Cost Type, or leave it out.',
    phase: 'is it the cost code or the sub job? Name it so, or leave it out.',
    division: 'a division is part of the cost code; leave the column out.',
    amount: 'is it the original budget? Name it Budget Amount, or leave it out.',
    budget: 'is it the original budget? Name it Budget Amount, or leave it out.',
    total: 'is it the original budget? Name it Budget Amount, or leave it out.',
    'total cost': 'is it the original budget? Name it Budget Amount, or leave it out.',
    units: 'is it the quantity or the unit of measure? Name it Unit Qty or UOM.',
    cost: 'is it the unit cost or the amount? Name it Unit Cost or Budget Amount.',
    'budget modifications': notOriginal,
    'budget changes': notOriginal,
    'approved cos': notOriginal,
    'approved change orders': notOriginal,
    'revised budget': notOriginal,
    'revised estimate': notOriginal,
    'projected budget': notOriginal,
  }),
)

/** Why a heading is not taken for a column although it looks like one; undefined for any other. */
export const unclearHeading = (heading: string): string | undefined => unclear.get(plainHeading(heading))

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

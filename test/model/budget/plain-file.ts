import { keyOf, type PlainBudget } from './plain-budget.ts'
import {
  decimal,
  factor,
  isProduct,
  lineOf,
  type PlainLine,
  product,
  sameLine,
  type Typed,
} from './plain-line.ts'

/** Columns that a file may lack; the code and the amount are always there. */
export const maybeColumns = ['description', 'strategy', 'quantity', 'uom', 'unitCost'] as const
export type MaybeColumn = (typeof maybeColumns)[number]
export type Columns = ReadonlySet<MaybeColumn>

const headings: Readonly<Record<MaybeColumn, string>> = {
  description: 'Description',
  strategy: 'Manual Calculation',
  quantity: 'Unit Qty',
  uom: 'UOM',
  unitCost: 'Unit Cost',
}

const strategyCell = { manual: 'yes', automatic: 'no' } as const

const cellOf: Readonly<Record<MaybeColumn, (row: Typed) => string>> = {
  description: ({ description }) => description,
  strategy: ({ strategy }) => (strategy ? strategyCell[strategy] : ''),
  quantity: ({ quantity }) => factor(quantity) ?? '',
  uom: ({ uom }) => uom,
  unitCost: ({ unitCost }) => factor(unitCost) ?? '',
}

const amountCell = ({ amount }: Typed): string =>
  typeof amount === 'bigint' ? decimal(amount) : (amount ?? '')

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

function cellsOf(rows: readonly Typed[], columns: Columns): string[][] {
  const used = maybeColumns.filter((column) => columns.has(column))
  return [
    ['Sub Job', 'Cost Code', 'Cost Type', ...used.map((column) => headings[column]), 'Budget Amount'],
    ...rows.map((row) => [...row.code, ...used.map((column) => cellOf[column](row)), amountCell(row)]),
  ]
}

export const fileText = (rows: readonly Typed[], columns: Columns): string =>
  cellsOf(rows, columns)
    .map((row) => `${row.map(quoted).join(',')}\r\n`)
    .join('')

export type SheetRows = readonly (readonly (string | number | null)[])[]

const numeric = new Set(['Unit Qty', 'Unit Cost', 'Budget Amount'])

const typedIn = (cell: string, heading: string | undefined) =>
  numeric.has(heading ?? '') && /^-?\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : cell

/** The same as cells of a sheet, with numbers where somebody typed numbers. */
export function sheetRows(rows: readonly Typed[], columns: Columns): SheetRows {
  const [top = [], ...below] = cellsOf(rows, columns)
  return [top, ...below.map((row) => row.map((cell, i) => (cell === '' ? null : typedIn(cell, top[i]))))]
}

/** What is left of a row in a file of these columns. */
const inFile = (row: Typed, columns: Columns): Typed => ({
  ...row,
  description: columns.has('description') ? row.description : '',
  strategy: columns.has('strategy') ? row.strategy : undefined,
  quantity: columns.has('quantity') ? row.quantity : null,
  uom: columns.has('uom') ? row.uom : '',
  unitCost: columns.has('unitCost') ? row.unitCost : null,
})

/** The line that is stored where one stands: what is not typed stays. */
function typedOver(row: Typed, before: PlainLine, columns: Columns): PlainLine | undefined {
  const quantity = columns.has('quantity') ? row.quantity : before.quantity
  const unitCost = columns.has('unitCost') ? row.unitCost : before.unitCost
  const both = quantity !== null && unitCost !== null
  const told = columns.has('quantity') && columns.has('unitCost')
  const stays =
    before.automatic && both && (row.amount === undefined || row.amount === product(quantity, unitCost))
  const strategy = row.strategy ?? ((told ? both : stays) ? 'automatic' : 'manual')
  return lineOf({
    code: row.code,
    description: columns.has('description') ? row.description : before.description,
    uom: columns.has('uom') ? row.uom : before.uom,
    quantity,
    unitCost,
    strategy,
    amount: row.amount ?? (strategy === 'automatic' ? undefined : before.original),
  })
}

/** The line that an upsert with these members makes of the one that stands, or of none; undefined where it makes none. */
export const upserted = (
  typed: Typed,
  before: PlainLine | undefined,
  columns: Columns,
): PlainLine | undefined => {
  const row = inFile(typed, columns)
  return before ? typedOver(row, before, columns) : lineOf(row)
}

/** The lines that the file says, or the code with which it is refused before anybody looks at the budget. */
export function linesOfFile(rows: readonly Typed[], columns: Columns): PlainLine[] | string {
  if (rows.length === 0) return 'FILE_NOT_READABLE'
  const read = rows.map((row) => lineOf(inFile(row, columns)))
  const keys = new Set(rows.map(({ code }) => keyOf(code)))
  const lines = read.filter((line) => line !== undefined)
  return lines.length < rows.length || keys.size < rows.length ? 'LINE_INVALID' : lines
}

/** What the file has no column for stays; how a line is calculated stays as long as its amount is the product. */
function laidOver(row: PlainLine, before: PlainLine, columns: Columns): PlainLine {
  const line = {
    ...row,
    description: columns.has('description') ? row.description : before.description,
    quantity: columns.has('quantity') ? row.quantity : before.quantity,
    uom: columns.has('uom') ? row.uom : before.uom,
    unitCost: columns.has('unitCost') ? row.unitCost : before.unitCost,
  }
  if (columns.has('strategy') || (columns.has('quantity') && columns.has('unitCost'))) return line
  return { ...line, automatic: before.automatic && isProduct(line) }
}

interface Merged {
  readonly edits: ReadonlyMap<string, PlainLine | null>
  readonly counts: Readonly<Record<'add' | 'change' | 'unchanged' | 'remove' | 'keep', number>>
}

export function mergeInto(
  plain: PlainBudget,
  lines: readonly PlainLine[],
  columns: Columns,
  mode: string,
): Merged {
  const counts = { add: 0, change: 0, unchanged: 0, remove: 0, keep: 0 }
  const edits = new Map<string, PlainLine | null>()
  const named = new Set<string>()
  for (const row of lines) {
    const key = keyOf(row.code)
    named.add(key)
    const before = plain.lines.get(key)
    const after = before ? laidOver(row, before, columns) : row
    const kind = !before ? 'add' : sameLine(before, after) ? 'unchanged' : 'change'
    counts[kind] += 1
    if (kind !== 'unchanged') edits.set(key, after)
  }
  for (const key of mode === 'replace' ? plain.lines.keys() : []) {
    if (named.has(key)) continue
    const kind = plain.isTouched(key) ? 'keep' : 'remove'
    counts[kind] += 1
    if (kind === 'remove') edits.set(key, null)
  }
  return { edits, counts }
}

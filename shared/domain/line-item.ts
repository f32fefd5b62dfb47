import * as z from 'zod'
import { BudgetCode, type CodeKey, keyOf } from './budget-code.ts'
import { Cents, cents } from './cents.ts'
import { Scaled4, timesUnitCost } from './quantity.ts'

/** `automatic`: original = quantity x unit cost; `manual`: the typed amount stands. */
export const CalculationStrategy = z.enum(['automatic', 'manual'])
export type CalculationStrategy = z.infer<typeof CalculationStrategy>

/** One line of a budget, with its three figures: original, approved changes, and (derived) their sum. */
export const LineItem = z.strictObject({
  code: BudgetCode,
  description: z.string(),
  calculation_strategy: CalculationStrategy,
  quantity: Scaled4.nullable(),
  uom: z.string(),
  unit_cost: Scaled4.nullable(),
  original: Cents,
  /** Sum of the approved budget changes on this line. */
  changes: Cents,
})
export type LineItem = z.infer<typeof LineItem>

export const lineKey = (line: LineItem): CodeKey => keyOf(line.code)

export const revisedEstimate = (line: Pick<LineItem, 'original' | 'changes'>): Cents =>
  cents(line.original + line.changes)

/** The original amount that an automatic line must carry; undefined where a factor is missing or the product too large. */
export const automaticAmount = (line: Pick<LineItem, 'quantity' | 'unit_cost'>): Cents | undefined =>
  line.quantity === null || line.unit_cost === null ? undefined : timesUnitCost(line.quantity, line.unit_cost)

export interface Totals {
  readonly lines: number
  readonly original: Cents
  readonly changes: Cents
}

export function totalsOf(lines: Iterable<LineItem>): Totals {
  let count = 0
  let original = 0
  let changes = 0
  for (const line of lines) {
    count += 1
    original += line.original
    changes += line.changes
  }
  return { lines: count, original: cents(original), changes: cents(changes) }
}

import type { MaybeColumn } from './plain-file.ts'

// The model of a budget, in the simplest way: amounts are bigint, codes are three texts, nothing is shared with the
// rules of the product. Cents for money, ten-thousandths for quantities and unit costs.

/** Sub job, cost code, cost type. */
export type Code = readonly [subJob: string, costCode: string, costType: string]

export interface PlainLine {
  readonly code: Code
  readonly description: string
  readonly automatic: boolean
  readonly quantity: bigint | null
  readonly uom: string
  readonly unitCost: bigint | null
  readonly original: bigint
}

/** A line as somebody types it. An amount that is a text is one that no line can carry. */
export interface Typed {
  readonly code: Code
  readonly description: string
  readonly strategy: 'automatic' | 'manual' | undefined
  readonly quantity: bigint | null
  readonly uom: string
  readonly unitCost: bigint | null
  readonly amount: bigint | string | undefined
  /** What an upsert leaves out. */
  readonly leaves?: readonly MaybeColumn[]
}

/** `-1250.50` of -125050. */
export function decimal(amount: bigint, places = 2): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(places + 1, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

export const factor = (amount: bigint | null): string | null =>
  amount === null ? null : decimal(amount, 4).replace(/\.?0+$/, '')

/** Half a cent goes away from zero. */
export function product(quantity: bigint, unitCost: bigint): bigint {
  const twice = 2n * quantity * unitCost
  return twice < 0n ? -((-twice + 1_000_000n) / 2_000_000n) : (twice + 1_000_000n) / 2_000_000n
}

export const isProduct = ({ quantity, unitCost, original }: PlainLine): boolean =>
  quantity !== null && unitCost !== null && product(quantity, unitCost) === original

const largest = 99_999_999_999n

/** The line that was typed; undefined where it is none. */
export function lineOf(typed: Typed): PlainLine | undefined {
  const { code, description, strategy, quantity, uom, unitCost, amount } = typed
  if (code[1] === '' || code[2] === '' || description.length > 255 || typeof amount === 'string')
    return undefined
  const both = quantity !== null && unitCost !== null
  const automatic = strategy === undefined ? both : strategy === 'automatic'
  const original = amount ?? (automatic && both ? product(quantity, unitCost) : undefined)
  if (original === undefined || original > largest || original < -largest) return undefined
  const line = { code, description, automatic, quantity, uom, unitCost, original }
  return automatic && !isProduct(line) ? undefined : line
}

/** As somebody would type the line that stands. */
export const typedAs = ({ automatic, original, ...line }: PlainLine): Typed => ({
  ...line,
  strategy: automatic ? 'automatic' : 'manual',
  amount: original,
})

export const sameLine = (a: PlainLine, b: PlainLine): boolean =>
  String(a.code) === String(b.code) &&
  a.description === b.description &&
  a.automatic === b.automatic &&
  a.quantity === b.quantity &&
  a.uom === b.uom &&
  a.unitCost === b.unitCost &&
  a.original === b.original

/** By sub job, then cost code, then cost type. */
export function inOrder(a: Code, b: Code): number {
  for (const part of [0, 1, 2] as const) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  return 0
}

export const figures = (original: bigint, changes: bigint) => ({
  original_budget_amount: decimal(original),
  budget_changes: decimal(changes),
  revised_estimate: decimal(original + changes),
})

export const codeShown = ([sub_job, cost_code, cost_type]: Code) => ({ sub_job, cost_code, cost_type })

export const joined = (code: Code): string => code.filter((part) => part !== '').join('.')

/** The line as the API shows it, with the sum of the approved changes on it. */
export const lineShown = (line: PlainLine, changes: bigint) => ({
  ...codeShown(line.code),
  budget_code: joined(line.code),
  description: line.description,
  calculation_strategy: line.automatic ? 'automatic' : 'manual',
  quantity: factor(line.quantity),
  uom: line.uom,
  unit_cost: factor(line.unitCost),
  ...figures(line.original, changes),
})

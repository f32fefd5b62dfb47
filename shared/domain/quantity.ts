import * as z from 'zod'
import { type Cents, cents } from './cents.ts'

/** A quantity or a unit cost: a whole number of ten-thousandths (Procore keeps four decimals). */
export const Scaled4 = z.int().brand('Scaled4')
export type Scaled4 = z.infer<typeof Scaled4>

const decimal4 = /^(-?)(\d{1,9})(?:\.(\d{1,4}))?$/

/** Reads `12`, `-3.5`, `0.1234`; anything else, exponents and separators included, is undefined. */
export function parseScaled4(text: string): Scaled4 | undefined {
  const match = decimal4.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const scaled = Number(whole) * 10_000 + Number(fraction.padEnd(4, '0'))
  return Scaled4.parse(sign === '-' && scaled !== 0 ? -scaled : scaled)
}

/** Shortest decimal form: `12`, `-3.5`, `0.1234`. */
export function formatScaled4(scaled: Scaled4): string {
  const digits = String(Math.abs(scaled)).padStart(5, '0')
  const fraction = digits.slice(-4).replace(/0+$/, '')
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, -4)}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * quantity x unit cost in cents, exact, rounded half away from zero once.
 * Undefined where the product leaves the exact range of cents.
 */
export function timesUnitCost(quantity: Scaled4, unitCost: Scaled4): Cents | undefined {
  const product = BigInt(quantity) * BigInt(unitCost) // scale 8; cents are scale 2
  const size = product < 0n ? -product : product
  const rounded = (size + 500_000n) / 1_000_000n
  const amount = Number(product < 0n ? -rounded : rounded)
  return Number.isSafeInteger(amount) ? cents(amount) : undefined
}

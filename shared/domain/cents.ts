import * as z from 'zod'

/** An amount of money in whole cents, signed; exact up to ±9,007,199,254,740,991. */
export const Cents = z.int().brand('Cents')
export type Cents = z.infer<typeof Cents>

export const noCents: Cents = Cents.parse(0)

const isWhole = (amount: number): amount is Cents => Number.isSafeInteger(amount)

/**
 * Marks a whole number as cents; throws on a fraction or past the exact range. A large budget does so a million times:
 * the schema, ten times as slow, is left to refuse.
 */
export const cents = (amount: number): Cents => (isWhole(amount) ? amount : Cents.parse(amount))

export const plus = (a: Cents, b: Cents): Cents => cents(a + b)
export const minus = (a: Cents, b: Cents): Cents => cents(a - b)
export const sum = (amounts: Iterable<Cents>): Cents => {
  let total = 0
  for (const amount of amounts) total += amount
  return cents(total)
}

const decimalAmount = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/

/**
 * Reads a decimal amount such as `1250.5`, `-3.00` or `12`.
 * No sign but `-`, no exponent, no thousands separator, at most two decimals: anything else is undefined.
 */
export function parseCents(text: string): Cents | undefined {
  const match = decimalAmount.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const amount = Number(whole) * 100 + Number(fraction.padEnd(2, '0'))
  return cents(sign === '-' && amount !== 0 ? -amount : amount)
}

/** `-1250.50`: always two decimals, no separators; the form of the API, of files and of Sage. */
export function formatCents(amount: Cents): string {
  const digits = String(Math.abs(amount)).padStart(3, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `-1,250.50`: for people, on pages and in mails. */
export function showCents(amount: Cents): string {
  return formatCents(amount).replace(/\B(?=(\d{3})+\.)/g, ',')
}

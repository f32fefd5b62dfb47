declare const brand: unique symbol

/** A whole number of cents. The simulator keeps no money in any other form; read views turn it into doubles. */
export type Cents = number & { readonly [brand]: 'Sage cents' }

const isCents = (value: number): value is Cents => Number.isSafeInteger(value)

/** @throws {RangeError} where the value is no whole number of cents that can be counted exactly. */
export function cents(value: number): Cents {
  if (!isCents(value)) throw new RangeError(`not a whole number of cents: ${String(value)}`)
  return value
}

export const noCents = cents(0)

export const plus = (a: Cents, b: Cents): Cents => cents(a + b)
export const minus = (a: Cents, b: Cents): Cents => cents(a - b)
export const sumOf = (amounts: Iterable<Cents>): Cents => {
  let sum = noCents
  for (const amount of amounts) sum = plus(sum, amount)
  return sum
}

/** `12345` -> `'123.45'`. */
export function asDecimal(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(3, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** For people: `-1,234.50`. Never written to a file Sage reads. */
export const asMoney = (amount: number): string => asDecimal(amount).replace(/\B(?=(\d{3})+\.)/g, ',')

/** What Sage stores and shows through its data driver: a double. */
export const asDouble = (amount: number): number => amount / 100

const digitsLeft = 8 // "8.2" for quantity and amount, sage-connector.md 1.3
const digitsRight = 2
const number = /^(-?)(\d+)(?:\.(\d+))?$/

export type ReadNumber =
  | { readonly ok: true; readonly hundredths: Cents }
  | { readonly ok: false; readonly reason: string }

/**
 * A signed number of at most 8 digits left and 2 right of the point, in hundredths: cents of an amount,
 * hundredths of a unit of a quantity.
 */
export function readNumber(text: string): ReadNumber {
  const [, sign = '', whole = '', fraction = ''] = number.exec(text) ?? []
  if (whole === '') return { ok: false, reason: `"${text}" is not a number` }
  if (whole.length > digitsLeft)
    return { ok: false, reason: `more than ${String(digitsLeft)} digits left of the point` }
  if (fraction.length > digitsRight)
    return { ok: false, reason: `more than ${String(digitsRight)} digits right of the point` }
  const size = Number(whole) * 100 + Number(fraction.padEnd(2, '0'))
  return { ok: true, hundredths: cents(sign === '-' && size !== 0 ? -size : size) }
}

import { type Cents, cents, parseCents, showCents } from './cents.ts'
import { parseScaled4, type Scaled4 } from './quantity.ts'

/** Why a text is not the number that was asked for. */
export interface NumberFault {
  readonly code: 'TOO_MANY_DECIMALS' | 'EXPONENT' | 'THOUSANDS_SEPARATOR' | 'OUT_OF_RANGE' | 'NOT_A_NUMBER'
  readonly sentence: string
}

/**
 * Nine digits before the point, as Procore's sample rules for Sage have it. Sage itself takes less, which is a
 * finding of the pre-check; this bound keeps the sum of a whole budget within exact cents.
 */
export const largestAmount = cents(99_999_999_999)

const plain = /^-?\d+(?:\.\d+)?$/
const exponent = /^[+-]?\d*\.?\d+[eE][+-]?\d+$/
const separated = /^-?\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d+)?$/

function whyNot(text: string, decimals: number, largest: string): NumberFault {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  if (exponent.test(text))
    return { code: 'EXPONENT', sentence: `${shown} is written with an exponent; write all its digits.` }
  if (plain.test(text)) {
    const fraction = text.split('.')[1] ?? ''
    return fraction.length > decimals
      ? {
          code: 'TOO_MANY_DECIMALS',
          sentence: `${shown} has more than ${String(decimals)} decimals; round it.`,
        }
      : { code: 'OUT_OF_RANGE', sentence: `${shown} lies outside ±${largest}.` }
  }
  if (separated.test(text))
    return {
      code: 'THOUSANDS_SEPARATOR',
      sentence: `${shown} has a thousands separator; write digits and a decimal point only.`,
    }
  return {
    code: 'NOT_A_NUMBER',
    sentence: `${shown} is not a number; write it like -1250.50, without a currency sign.`,
  }
}

/** Reads an amount such as `-1250.50` into cents, or says what is wrong with it. */
export function readAmount(text: string): Cents | NumberFault {
  const amount = parseCents(text)
  return amount === undefined || Math.abs(amount) > largestAmount
    ? whyNot(text, 2, showCents(largestAmount))
    : amount
}

/** Reads a quantity or unit cost such as `12.5` into ten-thousandths, or says what is wrong with it. */
export const readScaled4 = (text: string): Scaled4 | NumberFault =>
  parseScaled4(text) ?? whyNot(text, 4, '999,999,999.9999')

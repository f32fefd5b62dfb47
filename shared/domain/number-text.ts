import { type Cents, cents, parseCents, showCents } from './cents.ts'
import { parseScaled4, type Scaled4 } from './quantity.ts'

/** Why a text is not the number that was asked for. */
export interface NumberFault {
  readonly code:
    | 'TOO_MANY_DECIMALS'
    | 'EXPONENT'
    | 'THOUSANDS_SEPARATOR'
    | 'DECIMAL_COMMA'
    | 'IN_BRACKETS'
    | 'OTHER_DIGITS'
    | 'OUT_OF_RANGE'
    | 'NOT_A_NUMBER'
  readonly sentence: string
}

/**
 * Nine digits before the point, as Procore's sample rules for Sage have it. Sage itself takes less, which is a
 * finding of the pre-check; this bound keeps the sum of a whole budget within exact cents.
 */
export const largestAmount = cents(99_999_999_999)

const plain = /^-?\d+(?:\.\d+)?$/
const exponent = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)[eE][+-]?\d+$/
const separated = /^-?\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?$/
// As most of Europe writes it; 1,500 alone is a thousands separator, which is what it means in this trade's home.
const decimalComma = /^-?(?:\d+|\d{1,3}(?:[.' \u00a0\u202f]\d{3})+),\d+$/
const pointsOnly = /^-?\d{1,3}(?:\.\d{3}){2,}$/
const bracketed = /^\([^()\d]*\d[^()]*\)$/
const otherDigits = /(?![0-9])\p{Nd}/u

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
  if (separated.test(text) || pointsOnly.test(text))
    return {
      code: 'THOUSANDS_SEPARATOR',
      sentence: `${shown} has a thousands separator; write digits and a decimal point only.`,
    }
  if (decimalComma.test(text))
    return {
      code: 'DECIMAL_COMMA',
      sentence: `${shown} has a decimal comma; write a decimal point, or save the sheet as .xlsx, which keeps numbers as such.`,
    }
  if (bracketed.test(text))
    return { code: 'IN_BRACKETS', sentence: `${shown} is in brackets; write a minus before a deduction.` }
  if (otherDigits.test(text))
    return { code: 'OTHER_DIGITS', sentence: `${shown} has digits of another script; write 0 to 9.` }
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

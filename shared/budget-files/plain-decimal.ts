const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/

// A spreadsheet's number is a double, of which it shows 15 digits: what is beyond comes from calculating.
const digits = 15
// Five orders below the smallest quantity that is kept; what is left of a difference that should be zero is smaller.
const decimals = 9

/**
 * A spreadsheet's number, which it writes as the nearest double (`0.30000000000000004`, `1.5E-3`), as the decimal that
 * was meant: `0.3`, `0.0015`. Undefined for what is no number.
 */
export function plainDecimal(text: string): string | undefined {
  const value = number.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) return undefined
  const shown = Number(value.toPrecision(digits))
  // The shortest decimal of a double of 15 digits is those digits; past these two bounds it would be in powers of ten.
  if (Math.abs(shown) >= 1e15) return BigInt(shown).toString()
  const kept = Math.abs(shown) < 1e5 ? Math.round(shown * 10 ** decimals) / 10 ** decimals : shown
  const plain = Math.abs(kept) < 1e-6 ? kept.toFixed(decimals).replace(/\.?0+$/, '') : String(kept)
  return plain === '-0' ? '0' : plain
}

/** Letters and signs that do not come apart into ASCII by Unicode's compatibility decomposition. */
const spelled: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ł: 'l',
  Ł: 'L',
  ħ: 'h',
  Ħ: 'H',
  ı: 'i',
  '"': "'", // how Sage reads a quote inside quotes is not known (research: L12)
  '“': "'",
  '”': "'",
  '„': "'",
  '«': "'",
  '»': "'",
  '″': "'",
  '‘': "'",
  '’': "'",
  '‚': "'",
  '′': "'",
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '⁄': '/',
  '×': 'x',
  '÷': '/',
  '·': '.',
  '•': '*',
  '°': ' deg',
  '±': '+/-',
  '€': 'EUR',
  '£': 'GBP',
  '©': '(C)',
  '®': '(R)',
}

const notPlain = /[^\u0020-\u007e]|"/u
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu
const invisible = /[\p{Cc}\p{Cf}\p{M}]/gu

/**
 * Writes a text in printable ASCII, the part of Windows-1252 that no code page can spoil: accents fall off, signs are
 * spelled, double quotes become single, line breaks become a blank, control characters go, all else becomes `?`.
 * Outer blanks are trimmed, which alone does not count as a change.
 */
export function transliterate(text: string): { readonly text: string; readonly changed: boolean } {
  const trimmed = text.trim()
  if (!notPlain.test(trimmed)) return { text: trimmed, changed: false }
  let plain = ''
  for (const sign of trimmed.replace(lineBreaks, ' ').normalize('NFC')) plain += inAscii(sign)
  return { text: plain.trim(), changed: true }
}

function inAscii(sign: string): string {
  let plain = ''
  for (const piece of spelled[sign] ?? sign.normalize('NFKD').replace(invisible, ''))
    plain += notPlain.test(piece) ? (spelled[piece] ?? '?') : piece
  return plain
}

/** Cuts a description to Sage's length, in characters of a text that is already plain; no blank is left at the cut. */
export function cutDescription(
  text: string,
  limit: number,
): { readonly text: string; readonly cut: boolean } {
  return text.length <= limit ? { text, cut: false } : { text: text.slice(0, limit).trimEnd(), cut: true }
}

/** A description as the import file carries it, and what was lost on the way. */
export function descriptionForSage(
  description: string,
  limit: number,
): { readonly text: string; readonly changed: boolean; readonly cut: boolean } {
  const { text, changed } = transliterate(description)
  return { changed, ...cutDescription(text, limit) }
}

/** Whether a code can stand in the import file as it is: printable ASCII without a double quote. */
export const plainCode = (code: string): boolean => !notPlain.test(code)

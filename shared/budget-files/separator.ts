import { headingsAmong } from './headings.ts'

export type Separator = ',' | ';' | '\t'

const candidates: readonly Separator[] = [',', ';', '\t']

// Every heading there is, in quotes and with blanks around, is far below this.
const longestHeadingLine = 4_096

/** Cells of one line, roughly: enough to tell headings, which hold neither separators nor quotes. */
const cellsOf = (line: string, separator: Separator): string[] =>
  line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

/**
 * What separates the cells of a file: that by which its first line that is not blank holds the most headings of a
 * budget file. Excel writes semicolons where the decimal sign is a comma, and tabs as *Unicode text*.
 */
export function separatorOf(text: Uint8Array): Separator {
  const begin = Buffer.from(text.buffer, text.byteOffset, Math.min(text.byteLength, longestHeadingLine))
  const line = /\S.*/.exec(begin.toString('utf8'))?.[0] ?? ''
  const [best] = candidates
    .map((separator) => ({ separator, known: headingsAmong(cellsOf(line, separator)) }))
    .toSorted((a, b) => b.known - a.known)
  return best && best.known > 0 ? best.separator : ','
}

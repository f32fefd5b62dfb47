import { headingsAmong } from './headings.ts'

export type Separator = ',' | ';' | '\t'

const candidates: readonly Separator[] = [',', ';', '\t']

// Every heading there is, in quotes and with blanks around, is far below this.
const longestHeadingLine = 4_096

/** Cells of one line, roughly: enough to tell headings, which hold neither separators nor quotes. */
const cellsOf = (line: string, separator: Separator): string[] =>
  line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

/** `sep=;`: a first line that tells Excel, and nobody else, what separates the cells. */
const named = /^sep=([,;\t])$/i

/** How the cells of a file are told apart, and whether its first line is no more than that. */
export interface Separated {
  readonly by: Separator
  readonly namedFirst: boolean
}

/**
 * What separates the cells of a file: what its first line names, or that by which its first line that is not blank holds
 * the most headings of a budget file. Excel writes semicolons where the decimal sign is a comma, and tabs as *Unicode text*.
 */
export function separatorOf(text: Uint8Array): Separated {
  const begin = Buffer.from(text.buffer, text.byteOffset, Math.min(text.byteLength, longestHeadingLine))
  const [line = ''] = /\S.*/.exec(begin.toString('utf8')) ?? []
  const given = candidates.find((separator) => separator === named.exec(line.trimEnd())?.[1])
  if (given !== undefined && begin.toString('utf8').startsWith(line)) return { by: given, namedFirst: true }
  const [best] = candidates
    .map((by) => ({ by, known: headingsAmong(cellsOf(line, by)) }))
    .toSorted((a, b) => b.known - a.known)
  return { by: best && best.known > 0 ? best.by : ',', namedFirst: false }
}

/** One record of a file in Sage's import format: the text of its fields without their quotes. */
export interface SageRecord {
  readonly kind: 'record'
  /** Line on which the record begins, from 1. */
  readonly line: number
  /** First field: `*` job, `E` extra, `C` category line. */
  readonly type: string
  readonly fields: readonly string[]
}

export interface SageComment {
  readonly kind: 'comment'
  readonly line: number
  /** What stands behind the comment character. */
  readonly text: string
}

export interface BrokenLine {
  readonly kind: 'broken'
  readonly line: number
  readonly sentence: string
}

type Read = SageRecord | SageComment | BrokenLine

export const isBroken = (read: Read): read is BrokenLine => read.kind === 'broken'

const longestLine = 4_096 // our longest is under 300
const mostLines = 200_000 // a budget has up to 50,000
const mostFields = 100 // 15 of Sage's, then a company's own

/**
 * Reads records by Sage's lexical rules (research: estimate import file, lexical rules): commas, text in quotes, a line
 * that ends in `+` behind a comma goes on in the next, comment lines. Line ends may be LF, as editors leave them.
 */
export function* readRecords(bytes: Uint8Array, commentCharacter: string): Generator<Read> {
  let begun: { line: number; fields: string[] } | undefined
  for (const { line, text } of linesOf(bytes)) {
    if (line > mostLines) {
      yield { kind: 'broken', line, sentence: 'The file has too many lines.' }
      return
    }
    if (begun === undefined && text.startsWith(commentCharacter)) {
      yield { kind: 'comment', line, text: text.slice(commentCharacter.length) }
      continue
    }
    const read = readFields(text)
    begun ??= { line, fields: [] }
    if (typeof read === 'string' || begun.fields.length + read.fields.length > mostFields) {
      yield {
        kind: 'broken',
        line,
        sentence: typeof read === 'string' ? read : 'The record has too many fields.',
      }
      begun = undefined
      continue
    }
    begun.fields.push(...read.fields)
    if (read.continued) continue
    yield { kind: 'record', line: begun.line, type: begun.fields[0] ?? '', fields: begun.fields }
    begun = undefined
  }
  if (begun)
    yield { kind: 'broken', line: begun.line, sentence: 'The file ends in the middle of this record.' }
}

function* linesOf(bytes: Uint8Array): Generator<{ line: number; text: string }> {
  const text = new TextDecoder('windows-1252').decode(bytes)
  let start = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0 // an editor's UTF-8 mark, read as Windows-1252
  for (let line = 1; start < text.length; line += 1) {
    const lineFeed = text.indexOf('\n', start)
    const next = lineFeed === -1 ? text.length : lineFeed + 1
    const bare = text.slice(start, next).replace(/\r?\n$/, '')
    start = next
    if (bare.trim() !== '') yield { line, text: bare }
  }
}

/** The fields of one line, or a sentence that says why it is none. */
function readFields(text: string): { fields: string[]; continued: boolean } | string {
  if (text.length > longestLine) return 'The line is too long.'
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f]/.test(text)) return 'The line holds characters that are no text.'
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text.slice(at) === '+' && at > 0) return { fields, continued: true }
    const quotedEnd = text[at] === '"' ? text.indexOf('"', at + 1) : undefined
    if (quotedEnd === -1) return 'A quote is not closed on its line.'
    const comma = text.indexOf(',', quotedEnd ?? at)
    const end = comma === -1 ? text.length : comma
    const field = text.slice(at, end)
    if (quotedEnd === undefined ? field.includes('"') : quotedEnd + 1 !== end)
      return 'A quote stands in the middle of a field.'
    fields.push(quotedEnd === undefined ? field : field.slice(1, -1))
    if (comma === -1) return { fields, continued: false }
    at = comma + 1
    if (at === text.length) return 'A comma stands behind the last field.'
  }
}

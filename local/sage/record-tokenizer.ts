/** One field as it stood in the file: its characters without the quotes, and whether it had quotes. */
export interface Field {
  readonly text: string
  readonly quoted: boolean
}

/** One record: the line it begins on, its fields, and its own bytes with their line ends. */
export interface ImportRecord {
  readonly line: number
  readonly fields: readonly Field[]
  readonly bytes: Uint8Array
}

/** What breaks a rule: the line of the file and, where there is one, the field of the record (both from 1). */
export interface Complaint {
  readonly line: number
  readonly field: number | null
  readonly reason: string
}

/** The file cannot be read as records. Carries every broken line, first to last, at most `mostComplaints`. */
export class ImportFileError extends Error {
  readonly complaints: readonly Complaint[]
  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(sayComplaint).join('\n'))
    this.name = 'ImportFileError'
    this.complaints = complaints
  }
}

const sayComplaint = ({ line, field, reason }: Complaint): string =>
  field === null
    ? `line ${String(line)}: ${reason}`
    : `line ${String(line)}, field ${String(field)}: ${reason}`

const mostComplaints = 100 // a file of another kind breaks every line; the report stays readable

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const unusedInWindows1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]) // the five holes of code page 1252

interface Line {
  readonly number: number
  readonly start: number
  /** End of the text, before the line end. */
  readonly end: number
  /** First byte of the next line. */
  readonly next: number
}

/** The one thing that is wrong first on a line; caught by `tokenizeRecords`, which goes on with the next line. */
class BrokenLine extends Error {
  readonly complaint: Complaint
  constructor(line: Line, field: number | null, reason: string) {
    super(reason)
    this.complaint = { line: line.number, field, reason }
  }
}

/**
 * Reads an import file into records by the lexical rules L1 to L11 of sage-connector.md 1.1.
 *
 * Comment lines are passed over. Knows nothing of record types; field meanings are `estimate-records.ts`.
 * @throws {ImportFileError} naming line and field of everything that breaks a rule, and nothing else.
 */
export function tokenizeRecords(bytes: Uint8Array, commentCharacter = ';'): ImportRecord[] {
  const reader = new RecordReader(bytes, commentCharacter.charCodeAt(0))
  const complaints: Complaint[] = []
  for (const line of linesOf(bytes)) {
    const complaint = reader.complaintAbout(line)
    if (complaint) complaints.push(complaint)
    if (complaints.length === mostComplaints) break
  }
  const unfinished = reader.unfinished()
  if (unfinished) complaints.push(unfinished)
  if (complaints.length > 0) throw new ImportFileError(complaints)
  return reader.records
}

function* linesOf(bytes: Uint8Array): Generator<Line> {
  let start = 0
  for (let number = 1; start < bytes.length; number += 1) {
    const lineFeed = bytes.indexOf(LF, start)
    const next = lineFeed === -1 ? bytes.length : lineFeed + 1
    const hasEnd = lineFeed > start && bytes[lineFeed - 1] === CR
    yield { number, start, end: hasEnd ? lineFeed - 1 : next, next }
    start = next
  }
}

/** Puts fields of consecutive lines together while they end with a continuing `+`. */
class RecordReader {
  readonly records: ImportRecord[] = []
  readonly #bytes: Uint8Array
  readonly #comment: number
  readonly #text: string
  #fields: Field[] = []
  #began: Line | null = null

  constructor(bytes: Uint8Array, comment: number) {
    this.#bytes = bytes
    this.#comment = comment
    this.#text = new TextDecoder('windows-1252').decode(bytes) // one byte, one character: offsets stay equal
  }

  complaintAbout(line: Line): Complaint | null {
    try {
      this.#read(line)
      return null
    } catch (error) {
      if (!(error instanceof BrokenLine)) throw error
      this.#forget()
      return error.complaint
    }
  }

  unfinished(): Complaint | null {
    if (!this.#began) return null
    return { line: this.#began.number, field: null, reason: 'the file ends while the record is continued' }
  }

  #read(line: Line): void {
    this.#checkLineEnd(line)
    this.#checkCharacters(line)
    if (line.start === line.end) throw new BrokenLine(line, null, 'an empty line holds no record')
    if (this.#bytes[line.start] === this.#comment) {
      this.#passComment(line)
      return
    }
    this.#began ??= line
    if (this.#readFields(line) === 'continued') return
    const bytes = this.#bytes.subarray(this.#began.start, line.next)
    this.records.push({ line: this.#began.number, fields: this.#fields, bytes })
    this.#forget()
  }

  #forget(): void {
    this.#fields = []
    this.#began = null
  }

  #checkLineEnd(line: Line): void {
    if (line.end !== line.next) return
    const bareLineFeed = this.#bytes[line.next - 1] === LF
    const reason = bareLineFeed ? 'the line ends with LF alone' : 'the last line has no line end'
    throw new BrokenLine(line, this.#lastFieldOf(line), `${reason}; lines end with CR LF`)
  }

  /** The field a complaint about the line's end is about: the last one on it, counted by commas outside quotes. */
  #lastFieldOf(line: Line): number | null {
    if (this.#bytes[line.start] === this.#comment) return null
    let field = this.#fields.length + 1
    let inQuotes = false
    for (let at = line.start; at < line.end; at += 1) {
      if (this.#bytes[at] === QUOTE) inQuotes = !inQuotes
      if (this.#bytes[at] === COMMA && !inQuotes) field += 1
    }
    return field
  }

  #checkCharacters(line: Line): void {
    if (line.number === 1 && this.#text.startsWith('\u00ef\u00bb\u00bf'))
      throw new BrokenLine(line, 1, 'the file begins with a UTF-8 mark; it is read as Windows-1252')
    for (let at = line.start; at < line.end; at += 1) {
      const byte = this.#bytes[at] ?? 0
      if (byte >= 0x20 && byte !== 0x7f && !unusedInWindows1252.has(byte)) continue
      const field = this.#lastFieldOf({ ...line, end: at })
      throw new BrokenLine(line, field, `byte ${hex(byte)} is no character of Windows-1252 text`)
    }
  }

  #passComment(line: Line): void {
    if (this.#began) throw new BrokenLine(line, null, 'a comment stands inside a continued record')
    if (this.#bytes[line.end - 1] === PLUS)
      throw new BrokenLine(line, null, 'a comment ends with +, which would continue it on the next line')
  }

  #readFields(line: Line): 'ended' | 'continued' {
    let at = line.start
    for (;;) {
      if (at === line.end) {
        const reason = 'a comma follows the last field of the record'
        throw new BrokenLine(line, this.#fields.length, reason)
      }
      if (this.#bytes[at] === PLUS && at + 1 === line.end && at > line.start) return 'continued'
      at = this.#bytes[at] === QUOTE ? this.#readQuoted(line, at) : this.#readUnquoted(line, at)
      if (at === line.end) return 'ended'
      at += 1 // the comma
    }
  }

  #readQuoted(line: Line, at: number): number {
    const field = this.#fields.length + 1
    const close = this.#bytes.indexOf(QUOTE, at + 1)
    if (close === -1 || close >= line.end)
      throw new BrokenLine(line, field, 'the quotes are not closed; a field may not be broken over two lines')
    const after = close + 1
    if (after < line.end && this.#bytes[after] !== COMMA)
      throw new BrokenLine(line, field, this.#afterQuote(after))
    this.#fields.push({ text: this.#text.slice(at + 1, close), quoted: true })
    return after
  }

  #afterQuote(at: number): string {
    if (this.#bytes[at] === PLUS) return 'a + that continues the record must follow a comma'
    return 'a quote stands inside the text, or text follows the closing quote'
  }

  #readUnquoted(line: Line, at: number): number {
    const field = this.#fields.length + 1
    const comma = this.#bytes.indexOf(COMMA, at)
    const end = comma === -1 || comma > line.end ? line.end : comma
    const text = this.#text.slice(at, end)
    if (text.includes('"')) throw new BrokenLine(line, field, 'a quote stands inside a field without quotes')
    if (text.startsWith('+')) throw new BrokenLine(line, field, 'a number may not begin with +')
    if (end === line.end && text.endsWith('+'))
      throw new BrokenLine(line, field, 'a + that continues the record must follow a comma')
    this.#fields.push({ text, quoted: false })
    return end
  }
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0').toUpperCase()}`

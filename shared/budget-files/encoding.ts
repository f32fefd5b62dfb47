import { isUtf8 } from 'node:buffer'
import type { FaultyPlace } from '../domain/refusal.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The physical line, from 1, on which a byte stands; CR LF, LF and CR each end a line. */
export function lineOfByte(bytes: Uint8Array, position: number): number {
  let line = 1
  for (let at = 0; at < position; at += 1) {
    const ends = bytes[at] === lineFeed || (bytes[at] === carriageReturn && bytes[at + 1] !== lineFeed)
    if (ends) line += 1
  }
  return line
}

const wrongEncoding = (line: number, why: string): FaultyPlace => ({
  line,
  code: 'WRONG_ENCODING',
  sentence: `${why} Save the file as CSV UTF-8.`,
})

const startsWith = (bytes: Uint8Array, ...mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte)

/**
 * The bytes of a text file as UTF-8 without its mark. Read are UTF-8, UTF-16 with its mark, and Windows-1252 where
 * every byte has a meaning there and nothing suggests that the file was meant as UTF-8. Text in which a letter was
 * lost on the way is refused.
 */
export function asUtf8(bytes: Uint8Array): Uint8Array | FaultyPlace {
  if (startsWith(bytes, 0xff, 0xfe)) return fromUtf16(bytes.subarray(2), 'utf-16le')
  if (startsWith(bytes, 0xfe, 0xff)) return fromUtf16(bytes.subarray(2), 'utf-16be')
  const marked = startsWith(bytes, 0xef, 0xbb, 0xbf)
  const text = marked ? bytes.subarray(3) : bytes
  const zero = text.indexOf(0)
  if (zero !== -1)
    return wrongEncoding(lineOfByte(text, zero), 'There are zero bytes, as in UTF-16 without its mark.')
  if (isUtf8(text)) return withoutLoss(text)
  return marked || hasUtf8Sequence(text)
    ? wrongEncoding(firstLineNotUtf8(text), 'Some characters are UTF-8 and some are not.')
    : fromWindows1252(text)
}

const replaced = Buffer.from('\ufffd')

/**
 * A gateway hands text/csv over as text and puts U+FFFD for what is no UTF-8 (API Gateway, payload format 2.0): the
 * letter that stood there is lost, and a budget must not be stored without it.
 */
function withoutLoss(text: Uint8Array): Uint8Array | FaultyPlace {
  const lost = Buffer.from(text.buffer, text.byteOffset, text.byteLength).indexOf(replaced)
  return lost === -1
    ? text
    : wrongEncoding(
        lineOfByte(text, lost),
        'A letter was lost before the file came here, as its encoding is another (or send it as application/octet-stream).',
      )
}

function fromUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Uint8Array | FaultyPlace {
  const text = new TextDecoder(encoding).decode(bytes)
  const utf8 = Buffer.from(text)
  const broken = text.indexOf('\ufffd') // what the decoder puts for half a character
  return broken === -1
    ? utf8
    : wrongEncoding(lineOfByte(utf8, Buffer.byteLength(text.slice(0, broken))), 'A character is cut in half.')
}

/** A lead byte with its continuation bytes: rare as Windows-1252, where they are a letter before odd signs. */
function hasUtf8Sequence(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/.test(text)
}

function firstLineNotUtf8(bytes: Uint8Array): number {
  let start = 0
  while (start < bytes.length) {
    const feed = bytes.indexOf(lineFeed, start)
    const end = feed === -1 ? bytes.length : feed + 1
    if (!isUtf8(bytes.subarray(start, end))) break
    start = end
  }
  return lineOfByte(bytes, start)
}

/** Source: Microsoft code page 1252; these five have no character. */
const withoutCharacter = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])

function fromWindows1252(bytes: Uint8Array): Uint8Array | FaultyPlace {
  const unknown = bytes.findIndex((byte) => withoutCharacter.has(byte))
  return unknown === -1
    ? Buffer.from(new TextDecoder('windows-1252').decode(bytes))
    : wrongEncoding(lineOfByte(bytes, unknown), 'A byte is neither UTF-8 nor Windows-1252.')
}

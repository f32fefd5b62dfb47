import { isUtf8 } from 'node:buffer'
import { BrokenWorkbook } from './broken-workbook.ts'

/** What is told of a document as it is read; names are without their prefix. */
export interface XmlEvents {
  /** `tag` is what stands between the angle brackets, for `attributesOf`. True: read no further. */
  readonly open: (name: string, tag: string) => boolean | undefined
  /** True: read no further. */
  readonly close: (name: string) => boolean | undefined
  /** Text as it stands in the document, for `xmlText`. */
  readonly text?: (raw: string) => void
}

const deepest = 64 // a worksheet nests eight deep
const longestTag = 32_768 // the longest of a workbook lists its namespaces; a validation's formula is an element's text

const broken = (why: string): BrokenWorkbook =>
  new BrokenWorkbook('BROKEN_WORKBOOK', `The workbook cannot be read: ${why}.`)

/**
 * Reads an XML document in one pass, in time and memory of its length: nothing is expanded, a document type is refused,
 * and no tree is built. @throws BrokenWorkbook where it is not well formed.
 */
export function readXml(bytes: Buffer, { open, close, text }: XmlEvents): void {
  if (!isUtf8(bytes)) throw broken('a part of it is not in UTF-8')
  // One character a byte, so that positions are cheap; text is put together again where it is asked for.
  const source = bytes.toString('latin1')
  const inside: string[] = []
  let at = 0
  for (;;) {
    const begin = source.indexOf('<', at)
    if (begin === -1) break
    if (begin > at && inside.length > 0) text?.(source.slice(at, begin))
    if (source.startsWith('!--', begin + 1)) at = after(source, '-->', begin + 4)
    else if (source.startsWith('![CDATA[', begin + 1)) {
      at = after(source, ']]>', begin + 9)
      text?.(source.slice(begin + 9, at - 3).replaceAll('&', '&amp;'))
    } else if (source[begin + 1] === '!') throw broken('it holds a document type, which no workbook has')
    else if (source[begin + 1] === '?') at = after(source, '?>', begin + 2)
    else {
      const ends = endOfTag(source, begin)
      at = ends + 1
      const closing = source[begin + 1] === '/'
      const tag = source.slice(begin + (closing ? 2 : 1), source[ends - 1] === '/' ? ends - 1 : ends)
      const name = localName(tag)
      if (closing) {
        if (inside.pop() !== name) throw broken('its elements are not closed in order')
        if (close(name) === true) return
        continue
      }
      if (open(name, tag) === true) return
      if (source[ends - 1] !== '/') inside.push(name)
      else if (close(name) === true) return
      if (inside.length > deepest) throw broken('its elements are nested deeper than in any spreadsheet')
    }
  }
  if (inside.length > 0) throw broken('it ends in the middle')
}

function after(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from)
  if (found === -1) throw broken('it ends in the middle')
  return found + what.length
}

const doubleQuote = 0x22
const singleQuote = 0x27
const opens = 0x3c
const closes = 0x3e

/** Where a tag ends; a bracket within quotes belongs to an attribute. */
function endOfTag(source: string, begin: number): number {
  let quote = 0
  const last = Math.min(source.length, begin + longestTag)
  for (let at = begin + 1; at < last; at += 1) {
    const character = source.charCodeAt(at)
    if (quote !== 0) {
      if (character === quote) quote = 0
    } else if (character === doubleQuote || character === singleQuote) quote = character
    else if (character === closes) return at
    else if (character === opens) break
  }
  throw broken('it has a tag that does not end')
}

const isBlank = (character: number): boolean => character === 0x20 || (character >= 0x09 && character <= 0x0d)

function localName(tag: string): string {
  let begin = 0
  let at = 0
  for (; at < tag.length && !isBlank(tag.charCodeAt(at)); at += 1) if (tag[at] === ':') begin = at + 1
  return tag.slice(begin, at)
}

/** The attributes of a tag by their name as written. */
export function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let at = 0
  for (;;) {
    const equals = tag.indexOf('=', at)
    if (equals === -1) return found
    let opening = equals + 1
    while (isBlank(tag.charCodeAt(opening))) opening += 1
    const quote = tag[opening]
    const closing = quote === '"' || quote === "'" ? tag.indexOf(quote, opening + 1) : -1
    if (closing === -1) throw broken('an attribute of it has no value')
    let end = equals
    while (end > at && isBlank(tag.charCodeAt(end - 1))) end -= 1
    let begin = end
    while (begin > at && !isBlank(tag.charCodeAt(begin - 1))) begin -= 1
    found.set(tag.slice(begin, end), xmlText(tag.slice(opening + 1, closing)))
    at = closing + 1
  }
}

const named = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }))

/** Text of a document as it is meant: its references resolved, of which only XML's own five and numbers are known. */
export function xmlText(raw: string): string {
  const text = /[\x80-\xff]/.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw
  if (!text.includes('&')) return text
  return text.replaceAll(/&([^;&]{0,16});?/g, (_, reference: string) => {
    const [, hexadecimal, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(reference) ?? []
    const point = hexadecimal === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hexadecimal, 16)
    const character = named.get(reference) ?? (point <= 0x10ffff ? String.fromCodePoint(point) : undefined)
    if (character === undefined) throw broken('it refers to something that it does not hold')
    return character
  })
}

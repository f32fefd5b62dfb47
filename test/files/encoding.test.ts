import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { textOver, tried } from '../arbitraries.ts'
import { granted, refused } from '../given.ts'

const text = (description: string): string =>
  `Cost Code,Cost Type,Description,Budget Amount\r\n03-3000,S,${description},1.00\r\n`

const utf8 = (content: string): Uint8Array => Buffer.from(content)
const utf16le = (content: string): Uint8Array => Buffer.from(`\ufeff${content}`, 'utf16le')
const utf16be = (content: string): Uint8Array => Buffer.from(`\ufeff${content}`, 'utf16le').swap16()
const latin1 = (content: string): Uint8Array => Buffer.from(content, 'latin1')
const descriptionIn = (bytes: Uint8Array): string | undefined =>
  granted(readBudgetCsv(bytes)).lines[0]?.description
const encodingFault = (bytes: Uint8Array): (number | string | undefined)[] => {
  const { code, places } = refused(readBudgetCsv(bytes))
  return [code, places?.[0]?.code, places?.[0]?.line]
}

describe('the same text is read from', () => {
  const anyText = textOver('abé钢ß€–œ', 12).map((drawn) => drawn.trim())

  test.each([
    ['UTF-8', utf8],
    ['UTF-8 with its mark', (content: string) => utf8(`\ufeff${content}`)],
    ['UTF-16, low byte first', utf16le],
    ['UTF-16, high byte first', utf16be],
  ])('%s', (_, encode) => {
    fc.assert(
      fc.property(anyText, (description) => {
        expect(descriptionIn(encode(text(description)))).toBe(description)
      }),
      tried(50, 2_000),
    )
  })
})

test('what is no UTF-8 is read as Windows-1252', () => {
  expect(descriptionIn(latin1(text('B\xe9ton arm\xe9 \x96 fa\xe7ade 5 \x80')))).toBe(
    'Béton armé – façade 5 €',
  )
})

describe('a wrong encoding is named with its line:', () => {
  test.each<[string, Uint8Array, number]>([
    ['a byte that Windows-1252 has no character for', latin1(text('a\xe9\x81')), 2],
    ['UTF-8 with a stray byte', Buffer.concat([utf8(text('é')), latin1('31-2000,S,\xe9t\xe9,1.00')]), 3],
    ['a mark of UTF-8 before other bytes', Buffer.concat([utf8('\ufeff'), latin1(text('\xe9t\xe9'))]), 2],
    ['UTF-16 without its mark', Buffer.from(text('a'), 'utf16le'), 1],
    ['UTF-16 that ends within a character', utf16le(text('a').trimEnd()).subarray(0, -1), 2],
    ['half a pair in UTF-16', utf16le(text('a\ud800b')), 2],
    ['a zero byte', utf8(text('a\0b')), 2],
    ['a letter that was lost on the way', utf8(text('B\ufffdton')), 2],
  ])('%s', (_, bytes, line) => {
    expect(encodingFault(bytes)).toEqual(['FILE_NOT_READABLE', 'WRONG_ENCODING', line])
  })
})

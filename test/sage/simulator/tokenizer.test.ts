import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImportFileError, tokenizeRecords } from '../../../local/sage/record-tokenizer.ts'
import { bytesOf, originalEstimate, textOf } from './riverside-clinic.ts'

const raw = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

const complaintsAbout = (text: string): readonly unknown[] => {
  try {
    tokenizeRecords(raw(text))
    return []
  } catch (error) {
    if (!(error instanceof ImportFileError)) throw error
    return error.complaints
  }
}

const texts = (text: string): string[][] =>
  tokenizeRecords(raw(text)).map(({ fields }) => fields.map((field) => field.text))

const grammar = fc.array(
  fc.constantFrom('"', ',', '+', ';', '\r', '\n', '\r\n', '"C"', '5.00', 'x', '\t', '\x81', ',+\r\n'),
  { maxLength: 60 },
)

const readsOrRefuses = (bytes: Uint8Array): void => {
  try {
    tokenizeRecords(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(ImportFileError)
  }
}

describe('what is read', () => {
  test('the worked example of an original estimate is six records and a comment', () => {
    expect(tokenizeRecords(bytesOf(originalEstimate)).map(({ fields }) => fields.length)).toEqual([
      8, 12, 12, 12, 3, 13,
    ])
  })

  test('a field knows whether it had quotes', () => {
    const [record] = tokenizeRecords(raw('"C",5.00\r\n'))
    expect(record?.fields).toEqual([
      { text: 'C', quoted: true },
      { text: '5.00', quoted: false },
    ])
  })

  test('a comma inside quotes separates nothing', () => {
    expect(texts('"C","Doors, frames",1\r\n')).toEqual([['C', 'Doors, frames', '1']])
  })

  test('a + after a comma at the end of a line continues the record', () => {
    expect(texts('"C","03",+\r\n"x",+\r\n5\r\n')).toEqual([['C', '03', 'x', '5']])
  })

  test('a + inside quotes is text', () => {
    expect(texts('"C","A+"\r\n')).toEqual([['C', 'A+']])
  })

  test('a line that begins with the comment character is passed over', () => {
    expect(texts('; "broken, and nobody minds\r\n"C"\r\n')).toEqual([['C']])
  })

  test('another comment character makes a semicolon an ordinary one', () => {
    const records = tokenizeRecords(raw('# note\r\n"C"\r\n'), '#')
    expect(records).toHaveLength(1)
  })

  test('bytes are read as Windows-1252', () => {
    expect(texts('"C","caf\xe9 \x80 \x92"\r\n')).toEqual([['C', 'café € ’']])
  })

  test('a record keeps its own bytes, continued lines and line ends included', () => {
    const [, second] = tokenizeRecords(raw('"A"\r\n"B",+\r\n1\r\n'))
    expect(second && textOf(second.bytes)).toBe('"B",+\r\n1\r\n')
  })

  test('the line of a record is the line it begins on', () => {
    const records = tokenizeRecords(raw('; x\r\n"A",+\r\n1\r\n"B"\r\n'))
    expect(records.map(({ line }) => line)).toEqual([2, 4])
  })

  test('an empty file holds no records', () => {
    expect(tokenizeRecords(new Uint8Array())).toEqual([])
  })
})

describe('what breaks a rule is refused, and line and field are named', () => {
  test.each([
    ['a trailing comma', '"C","03",\r\n', 1, 2, /comma follows the last field/],
    ['a trailing comma after a continued line', '"C",+\r\n"03",\r\n', 2, 2, /comma follows the last field/],
    ['a line end of LF alone', '"A"\r\n"C","03"\n', 2, 2, /LF alone/],
    ['a last line without a line end', '"A"\r\n"C","03"', 2, 2, /no line end/],
    ['a line end of CR alone', '"A"\r"C"\r\n', 1, 1, /0x0D/],
    ['a quote inside a quoted field', '"C","5"" pipe"\r\n', 1, 2, /quote stands inside/],
    ['text after the closing quote', '"C","03"x\r\n', 1, 2, /text follows the closing quote/],
    ['a quote inside a field without quotes', '"C",0"3\r\n', 1, 2, /without quotes/],
    ['a blank before the quote', '"C", "03"\r\n', 1, 2, /without quotes/],
    ['quotes that are not closed', '"C","03\r\n', 1, 2, /not closed/],
    ['a field broken over two lines', '"C","03\r\nrest"\r\n', 1, 2, /broken over two lines/],
    ['a + that does not follow a comma', '"C",5+\r\n1\r\n', 1, 2, /must follow a comma/],
    ['a + right after a closing quote', '"C","x"+\r\n1\r\n', 1, 2, /must follow a comma/],
    ['a + as a sign', '"C",+5.00\r\n', 1, 2, /may not begin with \+/],
    ['a line of + alone', '"C",+\r\n+\r\n', 2, 2, /may not begin with \+/],
    ['a tabulator', '"C","a\tb"\r\n', 1, 2, /0x09/],
    ['a byte that Windows-1252 leaves empty', '"C","a\x81b"\r\n', 1, 2, /0x81/],
    ['a UTF-8 mark', '\xef\xbb\xbf"C"\r\n', 1, 1, /UTF-8/],
  ])('%s', (_what, text, line, field, reason) => {
    const complaints = complaintsAbout(text)
    expect(complaints[0]).toEqual({ line, field, reason: expect.stringMatching(reason) as string })
  })

  test.each([
    ['an empty line', '"C"\r\n\r\n', 2, /empty line/],
    ['a comment that ends with +', '; more +\r\n"C"\r\n', 1, /ends with \+/],
    ['a comment inside a continued record', '"C",+\r\n; x\r\n"D"\r\n', 2, /inside a continued record/],
    ['a file that ends in a continued record', '"C",+\r\n', 1, /the file ends/],
  ])('%s', (_what, text, line, reason) => {
    expect(complaintsAbout(text)[0]).toEqual({
      line,
      field: null,
      reason: expect.stringMatching(reason) as string,
    })
  })

  test('every broken line is named, not only the first', () => {
    expect(complaintsAbout('"A",\r\n"B"\r\n"C\r\n')).toHaveLength(2)
  })

  test('the message says line and field in words', () => {
    expect(() => tokenizeRecords(raw('"A"\r\n"C",5+\r\n'))).toThrow(/^line 2, field 2: /)
  })
})

describe('whatever the bytes are', () => {
  test('random bytes are read or refused, and nothing else is thrown', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readsOrRefuses), { numRuns: 500 })
  })

  test('random pieces of the grammar are read or refused, and nothing else is thrown', () => {
    fc.assert(
      fc.property(grammar, (pieces) => readsOrRefuses(raw(pieces.join('')))),
      { numRuns: 1000 },
    )
  })

  test('what is read is made of the bytes that were given, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.stringMatching(/^[ -!#-~]{0,12}$/), { minLength: 1, maxLength: 6 }), {
          maxLength: 8,
        }),
        (records) => {
          const file = records
            .map((fields) => `${fields.map((field) => `"${field}"`).join(',')}\r\n`)
            .join('')
          const read = tokenizeRecords(raw(file))
          expect(read.map(({ fields }) => fields.map(({ text }) => text))).toEqual(records)
          expect(read.map(({ bytes }) => textOf(bytes)).join('')).toBe(file)
        },
      ),
    )
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileLimits } from '../../shared/budget-files/budget-rows.ts'
import { readBudgetFile } from '../../shared/budget-files/file-in.ts'
import { writeBudgetXlsx } from '../../shared/budget-files/xlsx-out.ts'
import { readBudgetXlsx } from '../../shared/budget-files/xlsx-in.ts'
import { zipLimits } from '../../shared/budget-files/zip-in.ts'
import { zipOf } from '../../shared/budget-files/zip-out.ts'
import { tried } from '../arbitraries.ts'
import { givenLine, refused } from '../given.ts'
import { processorTime } from '../processor-time.ts'
import { headings, oneLine, sheetXml, textCell, workbook } from './workbooks.ts'

// Memory and time are bounded by what is inflated and by what is kept of it, so the bounds are tried small.
const small = { ...zipLimits, inflated: 20_000 }
const codeOf = (bytes: Uint8Array, within = zipLimits) =>
  refused(readBudgetXlsx(bytes, fileLimits, within)).places?.at(-1)?.code

const good = Buffer.from(writeBudgetXlsx([givenLine()]))
const changed = (at: number, ...bytes: readonly number[]): Uint8Array => {
  const copy = Buffer.from(good)
  copy.set(bytes, at < 0 ? copy.length + at : at)
  return copy
}
/** Where the directory tells of the sheet. */
const entry = good.lastIndexOf('xl/worksheets/sheet1.xml') - 46

const blankSheet = (n: number) => ({ name: `S${String(n)}`, rows: ' '.repeat(9_000) })

describe('an archive', () => {
  test('that unpacks to more than a budget can be is not unpacked', () => {
    const bomb = workbook({ sheets: [{ rows: ' '.repeat(50_000_000) }] })
    expect([bomb.byteLength < 100_000, codeOf(bomb, small)]).toEqual([true, 'TOO_LARGE_INSIDE'])
  })

  test('that unpacks to more than it says is stopped at the limit', () => {
    // Packed it is smaller than the limit, so that nothing else stops it.
    const bomb = Buffer.from(workbook({ sheets: [{ rows: ' '.repeat(10_000_000) }] }))
    const told = bomb.lastIndexOf('xl/worksheets/sheet0.xml') - 46
    bomb.writeUInt32LE(1_000, told + 24)
    expect(bomb.length).toBeLessThan(small.inflated)
    expect(codeOf(bomb, small)).toBe('TOO_LARGE_INSIDE')
  })

  test('that unpacks to less than it says is damaged', () => {
    expect(codeOf(changed(entry + 24, 1, 0, 0, 0))).toBe('BROKEN_WORKBOOK')
  })

  test('whose bytes are not those that were packed is damaged', () => {
    expect(codeOf(changed(entry + 16, 0, 0, 0, 0))).toBe('BROKEN_WORKBOOK')
  })

  test('whose parts together are too large is refused, each of them small', () => {
    expect(codeOf(workbook({ sheets: [blankSheet(1), blankSheet(2), blankSheet(3)] }), small)).toBe(
      'TOO_LARGE_INSIDE',
    )
  })

  test('may hold a bomb in a part that is never read', () => {
    const picture = { name: 'xl/media/image1.png', text: 'x'.repeat(1_000_000) }
    const answer = readBudgetXlsx(oneLine({}, { more: [picture] }), fileLimits, small)
    expect('refused' in answer).toBe(false)
  })

  test('of very many parts is refused', () => {
    const parts = Array.from({ length: 2_001 }, (_, n) => ({ name: `p${String(n)}`, text: '' }))
    expect(codeOf(zipOf(parts))).toBe('BROKEN_WORKBOOK')
  })

  test.each<[string, Uint8Array, string]>([
    ['under a password', changed(entry + 8, 1), 'ENCRYPTED'],
    ['in the large form of zip', changed(-6, 0xff, 0xff, 0xff, 0xff), 'BROKEN_WORKBOOK'],
    ['whose directory lies behind its end', changed(-6, 0xff, 0xff, 0xff, 0x0f), 'BROKEN_WORKBOOK'],
    ['on several disks', changed(-18, 1), 'BROKEN_WORKBOOK'],
    ['with a part that lies outside of it', changed(entry + 42, 0xff, 0xff, 0xff, 0x7f), 'BROKEN_WORKBOOK'],
    ['with a part longer than it', changed(entry + 20, 0xff, 0xff, 0xff, 0x7f), 'BROKEN_WORKBOOK'],
    ['packed in another way', changed(entry + 10, 99), 'BROKEN_WORKBOOK'],
    ['cut off', good.subarray(0, -30), 'BROKEN_WORKBOOK'],
    ['with nothing but its first bytes', good.subarray(0, 4), 'BROKEN_WORKBOOK'],
    ['of something else', zipOf([{ name: 'word/document.xml', text: '<a/>' }]), 'NOT_A_WORKBOOK'],
    [
      'with a part twice',
      zipOf([
        { name: 'a', text: '' },
        { name: 'A', text: '' },
      ]),
      'BROKEN_WORKBOOK',
    ],
  ])('%s is refused', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code)
  })
})

describe('the XML of a workbook', () => {
  test.each<[string, string | Uint8Array]>([
    [
      'that defines entities',
      `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${sheetXml(`<row>${textCell('A1', '&b;')}</row>`)}`,
    ],
    ['that fetches something', `<!DOCTYPE a SYSTEM "file:///etc/passwd">${sheetXml('')}`],
    ['that refers to an entity it does not define', sheetXml(`<row>${textCell('A1', '&b;')}</row>`)],
    [
      'that refers to an entity named as an object is',
      sheetXml(`<row>${textCell('A1', '&constructor;')}</row>`),
    ],
    ['that refers to no character', sheetXml(`<row>${textCell('A1', '&#x110000;')}</row>`)],
    ['nested beyond measure', sheetXml('<a>'.repeat(1_000_000))],
    ['with a tag that never ends', sheetXml(`<row ${'a="b" '.repeat(1_000_000)}`)],
    ['with a quote that never ends', sheetXml(`<row r="1${' '.repeat(1_000_000)}`)],
    ['not closed in order', sheetXml('<row><c></row></c>')],
    ['cut off', sheetXml('').slice(0, -20)],
    ['in UTF-16', `\ufeff${sheetXml('')}`.replaceAll(/./g, '$&\0')],
    ['not in UTF-8', Buffer.from(sheetXml('é'), 'latin1')],
    ['with a cell outside of its row', sheetXml('<row r="2"><c r="A3"><v>1</v></c></row>')],
    ['with a cell past the last column', sheetXml('<row r="1"><c r="XFE1"><v>1</v></c></row>')],
    ['with a row past the last', sheetXml('<row r="1048577"/>')],
    ['with rows out of order', sheetXml('<row r="2"/><row r="1"/>')],
    ['with cells out of order', sheetXml('<row r="1"><c r="B1"/><c r="A1"/></row>')],
    ['with a text that is not there', sheetXml('<row><c t="s"><v>0</v></c></row>')],
    ['with a number that is none', sheetXml('<row><c><v>Infinity</v></c></row>')],
    ['with a cell of an unknown kind', sheetXml('<row><c t="x"><v>1</v></c></row>')],
  ])('%s is refused', (_, text) => {
    expect(codeOf(workbook({ sheets: [{ rows: '' }], sheet: text }))).toBe('BROKEN_WORKBOOK')
  })

  test('may hold comments, and instructions to programs', () => {
    const rows = `<!-- <row r="9"> --><?mso x?>${headings}`
    expect(codeOf(workbook({ sheets: [{ rows }] }))).toBe('EMPTY')
  })

  test('of ten million rows is read no further than the longest budget', () => {
    const row = `<row>${textCell('A1', 'x').replace(' r="A1"', '')}</row>`
    const limits = { ...fileLimits, lines: 100, places: 1 }
    // The unclosed end shows that nobody looked at it.
    const rows = `${headings}${row.repeat(200)}<row><c`
    expect(refused(readBudgetXlsx(workbook({ sheets: [{ rows }] }), limits)).code).toBe('TOO_LARGE')
  })

  test('with a cell at XFD1048576 costs no more than that cell', () => {
    const rows = `${headings}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`
    expect(refused(readBudgetXlsx(workbook({ sheets: [{ rows }] }))).places).toMatchObject([
      { line: 1_048_576, column: 'Budget Amount', code: 'CELL_COUNT' },
    ])
  })

  test('with one long text in very many cells is not copied for each', () => {
    const cells = '<row><c t="s"><v>0</v></c></row>'.repeat(2_000)
    const strings = `<si><t>${' '.repeat(1_000_000)}x</t></si>`
    const answer = refused(readBudgetXlsx(workbook({ sheets: [{ rows: headings + cells }], strings })))
    expect([answer.places_in_all, answer.places?.[0]?.code]).toEqual([2_000, 'TEXT_TOO_LONG'])
  })
})

const answeredSoon = (bytes: Uint8Array): void => {
  const begin = processorTime()
  readBudgetXlsx(bytes)
  expect(processorTime() - begin).toBeLessThan(1_500)
}

const relation = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="x/${type}" Target="${target}"/>`

describe('what is small in a file, and is looked at often, costs no more than reading it', () => {
  test('one long form of numbers, for very many styles', () => {
    const form = '_Q'.repeat(15_000)
    const formats = [form, ...Array.from({ length: 20_000 }, () => 164)]
    answeredSoon(workbook({ sheets: [{ rows: headings }], formats }))
  })

  test('very many sheets, each named by a relation of very many', () => {
    const many = Array.from({ length: 25_000 }, (_, n) => String(n))
    const parts = [
      ['_rels/.rels', `<R>${relation('r', 'officeDocument', 'xl/workbook.xml')}</R>`],
      ['xl/workbook.xml', `<w><sheets>${many.map((n) => `<sheet r:id="${n}"/>`).join('')}</sheets></w>`],
      ['xl/_rels/workbook.xml.rels', `<R>${many.map((n) => relation(n, 'chartsheet', n)).join('')}</R>`],
    ]
    answeredSoon(zipOf(parts.map(([name = '', text = '']) => ({ name, text }))))
  })
})

describe('whatever the bytes', () => {
  test('the answer is lines or a refusal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 5,
        }),
        (places) => {
          const bytes = Buffer.from(good)
          for (const [at, byte] of places) bytes[at] = byte
          const answer = readBudgetFile(bytes)
          expect('refused' in answer ? answer.sentence.length : answer.lines.length).toBeGreaterThan(0)
        },
      ),
      tried(300, 20_000),
    )
  })

  test('an old or protected workbook is told apart', () => {
    const bytes = Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    expect(refused(readBudgetFile(bytes)).sentence).toContain('password')
  })

  test.each([
    ['a PDF', '%PDF-1.7'],
    ['JSON', '{"upserts": []}'],
    ['JSON', '[{"cost_code": "03-3000"}]'],
  ])('%s is called so: %s', (kind, text) => {
    expect(refused(readBudgetFile(Buffer.from(text)))).toMatchObject({
      code: 'FILE_NOT_READABLE',
      sentence: `The file looks like ${kind}; nothing was imported.`,
    })
  })
})

import { describe, expect, test } from 'vitest'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { readBudgetXlsx } from '../../shared/budget-files/xlsx-in.ts'
import { lineFromInput } from '../../shared/domain/lines.ts'
import { granted, refused } from '../given.ts'
import { processorTime } from '../processor-time.ts'
import { oneLine, textCell } from './workbooks.ts'

// What must not get in, by file and by JSON alike: the rules are the line's own, wherever it comes from.

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const xml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    // oxlint-disable-next-line no-control-regex -- control characters are what is written
    .replaceAll(/[\x00-\x1f]/g, (each) => `_x${each.charCodeAt(0).toString(16).padStart(4, '0')}_`)
    .replaceAll(/[\ud800-\udfff]/gu, (each) => `&#${String(each.charCodeAt(0))};`)

interface Cells {
  readonly code?: string
  readonly description?: string
  readonly amount?: string
}

const csvOf = ({ code = '03-3000', description = 'Slab', amount = '1.00' }: Cells): Uint8Array =>
  Buffer.from(
    `Cost Code,Cost Type,Description,Budget Amount\r\n${[code, 'S', description, amount].map(quoted).join(',')}`,
  )

const xlsxOf = ({ code = '03-3000', description = 'Slab', amount = '1.00' }: Cells): Uint8Array =>
  oneLine({
    A: textCell('A2', xml(code)),
    C: textCell('C2', xml(description)),
    E: textCell('E2', xml(amount)),
  })

const placesOf = (answer: unknown) =>
  refused(answer).places?.map(({ line, column, code }) => [line, column, code])

describe('a number', () => {
  const bad: readonly [string, string][] = [
    ['1e3', 'EXPONENT'],
    ['1E+06', 'EXPONENT'],
    ['1,000.00', 'THOUSANDS_SEPARATOR'],
    ['1,000', 'THOUSANDS_SEPARATOR'],
    ["1'000.00", 'THOUSANDS_SEPARATOR'],
    ['1 000', 'THOUSANDS_SEPARATOR'],
    ['1.000.000', 'THOUSANDS_SEPARATOR'],
    ['1.234,50', 'DECIMAL_COMMA'],
    ['12,5', 'DECIMAL_COMMA'],
    ['1234,50', 'DECIMAL_COMMA'],
    ['(500)', 'IN_BRACKETS'],
    ['($1,500.00)', 'IN_BRACKETS'],
    ['１２３', 'OTHER_DIGITS'],
    ['٣', 'OTHER_DIGITS'],
    ['NaN', 'NOT_A_NUMBER'],
    ['Infinity', 'NOT_A_NUMBER'],
    ['0x10', 'NOT_A_NUMBER'],
    ['$500', 'NOT_A_NUMBER'],
    ['+500', 'NOT_A_NUMBER'],
    ['500-', 'NOT_A_NUMBER'],
    ['--5', 'NOT_A_NUMBER'],
    ['.5', 'NOT_A_NUMBER'],
    ['5.', 'NOT_A_NUMBER'],
    ['−5', 'NOT_A_NUMBER'],
    ['1.005', 'TOO_MANY_DECIMALS'],
    ['1000000000.00', 'OUT_OF_RANGE'],
    ['-1000000000', 'OUT_OF_RANGE'],
    ['9'.repeat(300), 'OUT_OF_RANGE'],
  ]

  test.each(bad)('%s is told as %s, where it stands in a file', (amount, code) => {
    expect(placesOf(readBudgetCsv(csvOf({ amount })))).toEqual([[2, 'Budget Amount', code]])
    expect(placesOf(readBudgetXlsx(xlsxOf({ amount })))).toEqual([[2, 'Budget Amount', code]])
  })

  test.each(bad)('%s is told as %s, by its pointer in JSON', (original_budget_amount, code) => {
    const line = lineFromInput({ cost_code: '03-3000', cost_type: 'S', original_budget_amount })
    expect(line).toMatchObject([{ pointer: '/original_budget_amount', code }])
  })

  test.each([
    ['digits and no end', `${'0'.repeat(1_000_000)}x`],
    ['a bracket that stays open', `(${'0'.repeat(1_000_000)}`],
    ['groups and no end', `${'1,000'.repeat(200_000)}x`],
  ])('of a million characters, %s, is refused at once', (_, original_budget_amount) => {
    const begin = processorTime()
    expect(lineFromInput({ cost_code: '03', cost_type: 'S', original_budget_amount })).toMatchObject([
      { code: 'NOT_A_NUMBER' },
    ])
    expect(processorTime() - begin).toBeLessThan(1_000) // a quarter of an hour, were each digit tried as the first
  })

  test.each([['-0'], ['-0.00'], ['-0.0']])('%s is nothing, and no negative zero', (amount) => {
    const fromFiles = [csvOf({ amount }), xlsxOf({ amount })].map((bytes, index) =>
      index === 0 ? readBudgetCsv(bytes) : readBudgetXlsx(bytes),
    )
    const [json] = [
      lineFromInput({ cost_code: '03', cost_type: 'S', original_budget_amount: amount, quantity: amount }),
    ]
    const read = [...fromFiles.map((file) => granted(file).lines[0]), Array.isArray(json) ? undefined : json]
    expect(read.map((line) => Object.is(line?.original, 0))).toEqual([true, true, true])
    expect(read.map((line) => Object.is(line?.quantity ?? 0, 0))).toEqual([true, true, true])
  })
})

describe('a text', () => {
  const million = 'x'.repeat(1_000_000)

  const badCodes: readonly [string, string, string][] = [
    ['a control character', '03\u0001', 'CONTROL_CHARACTER'],
    ['a line break', '03\n04', 'CONTROL_CHARACTER'],
    ['a direction mark', '03\u200f-3000', 'CONTROL_CHARACTER'],
    ['a joiner', '03\u200d', 'CONTROL_CHARACTER'],
    ['an override', '03\u202e-3000', 'CONTROL_CHARACTER'],
    ['a mark of byte order', '03\ufeff04', 'CONTROL_CHARACTER'],
    ['a letter for private use', '03\ue000', 'CONTROL_CHARACTER'],
    ['a million characters', million, 'TEXT_TOO_LONG'],
    ['forty-one characters', '0'.repeat(41), 'TEXT_TOO_LONG'],
    ['what a spreadsheet makes of 03-3000', 'Mar-00', 'DATE'],
    ['what a spreadsheet makes of 3-10', '10-Mar', 'DATE'],
  ]

  test.each(badCodes)('with %s is no code', (_, code, fault) => {
    const place = [[2, 'Cost Code', fault]]
    // Past the length of any row, a CSV file is taken to have lost a closing quote.
    expect(placesOf(readBudgetCsv(csvOf({ code })))).toEqual(
      code === million ? [[2, 'Cost Code', 'BROKEN_QUOTE']] : place,
    )
    expect(placesOf(readBudgetXlsx(xlsxOf({ code })))).toEqual(place)
  })

  const badDescriptions: readonly [string, string, string][] = [
    ['a control character', 'a\u0007b', 'CONTROL_CHARACTER'],
    ['a line break', 'a\r\nb', 'CONTROL_CHARACTER'],
    ['an override of its direction', 'a\u202eb', 'CONTROL_CHARACTER'],
    ['an isolate', 'a\u2066b', 'CONTROL_CHARACTER'],
    ['256 characters', 'x'.repeat(256), 'TEXT_TOO_LONG'],
    ['2,001 characters', 'x'.repeat(2_001), 'TEXT_TOO_LONG'],
  ]

  test.each(badDescriptions)('with %s is no description', (_, description, fault) => {
    expect(placesOf(readBudgetCsv(csvOf({ description })))).toEqual([[2, 'Description', fault]])
    expect(placesOf(readBudgetXlsx(xlsxOf({ description })))).toEqual([[2, 'Description', fault]])
  })

  test('with half a character is none, in JSON and in a workbook; as UTF-8 there is no such thing', () => {
    const description = 'a\ud83d'
    const place = { code: 'CONTROL_CHARACTER' }
    expect(
      lineFromInput({ cost_code: '03', cost_type: 'S', description, original_budget_amount: '1' }),
    ).toMatchObject([{ pointer: '/description', ...place }])
    expect(refused(readBudgetXlsx(xlsxOf({ description }))).places).toMatchObject([
      { column: 'Description', ...place },
    ])
    const bytes = Buffer.concat([
      Buffer.from('Cost Code,Cost Type,Budget Amount\r\n03'),
      Buffer.from([0xed, 0xa0, 0xbd]),
    ])
    expect(refused(readBudgetCsv(bytes)).places?.[0]?.code).toBe('WRONG_ENCODING')
  })
})

test('everything that is wrong in a file is listed line by line, in one answer', () => {
  const rows = ['03,S,a,1e3', '04,,b\u0001,(5)', '05,S,c,1.00', '06,S,d,NaN', '05,S,e,2.00']
  const bytes = Buffer.from(['Cost Code,Cost Type,Description,Budget Amount', ...rows].join('\n'))
  expect(placesOf(readBudgetCsv(bytes))).toEqual([
    [2, 'Budget Amount', 'EXPONENT'],
    [3, 'Cost Type', 'MISSING'],
    [3, 'Description', 'CONTROL_CHARACTER'],
    [3, 'Budget Amount', 'IN_BRACKETS'],
    [5, 'Budget Amount', 'NOT_A_NUMBER'],
    [6, 'Cost Code', 'DUPLICATE_BUDGET_CODE'],
  ])
})

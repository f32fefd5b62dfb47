import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileLimits } from '../../shared/budget-files/budget-rows.ts'
import { plainDecimal } from '../../shared/budget-files/plain-decimal.ts'
import { readBudgetXlsx } from '../../shared/budget-files/xlsx-in.ts'
import { tried } from '../arbitraries.ts'
import { granted, refused } from '../given.ts'
import { headings, oneLine, textCell, workbook } from './workbooks.ts'

const lineOf = (bytes: Uint8Array) => granted(readBudgetXlsx(bytes)).lines[0]
const placesOf = (bytes: Uint8Array) =>
  refused(readBudgetXlsx(bytes)).places?.map(({ line, column, code }) => [line, column, code])

const bareRow =
  '<row r="2"><c r="A2" t="inlineStr"><is><t>03</t></is></c><c r="B2" t="inlineStr"><is><t>S</t></is></c><c r="E2"><v>1</v></c></row>'

describe('a number of a workbook', () => {
  test.each([
    ['325000', 32_500_000],
    ['0.30000000000000004', 30],
    ['1234.5600000000001', 123_456],
    ['1.5E3', 150_000],
    ['-1250.5', -125_050],
    ['1E-2', 1],
    ['2.2737367544323206E-13', 0],
    ['-0', 0],
    ['99999999.99', 9_999_999_999],
    ['999999999.99000001', 99_999_999_999],
  ])('%s is read as the cents that were meant', (value, original) => {
    expect(lineOf(oneLine({ E: `<c r="E2"><v>${value}</v></c>` }))?.original).toBe(original)
  })

  test('is never stored as a negative zero', () => {
    const line = lineOf(oneLine({ D: '<c r="D2"><v>-0</v></c>', E: '<c r="E2"><v>-0.0</v></c>' }))
    expect([Object.is(line?.quantity, 0), Object.is(line?.original, 0)]).toEqual([true, true])
  })

  test.each([
    ['1.005', 'TOO_MANY_DECIMALS'],
    ['1E12', 'OUT_OF_RANGE'],
    ['1E300', 'OUT_OF_RANGE'],
    ['1e-7', 'TOO_MANY_DECIMALS'],
  ])('%s is a fault as it is in CSV: %s', (value, code) => {
    expect(placesOf(oneLine({ E: `<c r="E2"><v>${value}</v></c>` }))).toEqual([[2, 'Budget Amount', code]])
  })

  test('gives back every amount and every quantity that a line can hold', () => {
    const number = fc.tuple(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), fc.constantFrom(2, 4))
    fc.assert(
      fc.property(number, ([n, decimals]) => {
        const digits = String(Math.abs(n)).padStart(decimals + 1, '0')
        const meant = `${n < 0 ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
        expect(plainDecimal(String(n / 10 ** decimals))).toBe(
          meant.replace(/\.?0+$/, '').replace(/^-0$/, '0'),
        )
      }),
      tried(500, 50_000),
    )
  })
})

describe('a cell', () => {
  test.each([
    ['a text of its own', textCell('C2', 'Slab &amp; &#x201c;wall&#8221;'), 'Slab & “wall”'],
    ['a shared text', '<c r="C2" t="s"><v>0</v></c>', 'Béton armé'],
    ['a text in runs, without how it is pronounced', '<c r="C2" t="s"><v>1</v></c>', '基礎 工事'],
    ['the text that a formula gives', '<c r="C2" t="str"><f>A2&amp;"x"</f><v>Joined</v></c>', 'Joined'],
    ['an empty text that a formula gives', '<c r="C2" t="str"><f>""</f><v></v></c>', ''],
    [
      'a text with a character in marks',
      '<c r="C2" t="inlineStr"><is><t><![CDATA[a<b & c]]></t></is></c>',
      'a<b & c',
    ],
    ['a whole number where a text is asked for', '<c r="C2"><v>3000</v></c>', '3000'],
    ['nothing but a style', '<c r="C2" s="0"/>', ''],
    ['an underscore that begins no escape', textCell('C2', '_x005F_x000D_'), '_x000D_'],
  ])('with %s is read', (_, cell, description) => {
    const strings =
      '<si><t>Béton armé</t></si><si><r><t>基礎</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 工事</t></r><rPh sb="0" eb="2"><t>キソ</t></rPh></si>'
    expect(lineOf(oneLine({ C: cell }, { strings, formats: [0] }))?.description).toBe(description)
  })

  test('with a calculated amount counts with the result that is in the file', () => {
    expect(lineOf(oneLine({ E: '<c r="E2"><f>SUM(F1:F9)</f><v>12.5</v></c>' }))?.original).toBe(1_250)
  })

  test.each<[string, Record<string, string>, [number, string, string]]>([
    [
      'a formula without a result',
      { E: '<c r="E2"><f>A1</f></c>' },
      [2, 'Budget Amount', 'FORMULA_WITHOUT_RESULT'],
    ],
    ['an error', { E: '<c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v></c>' }, [2, 'Budget Amount', 'CELL_ERROR']],
    ['an error for a code', { A: '<c r="A2" t="e"><v>#REF!</v></c>' }, [2, 'Cost Code', 'CELL_ERROR']],
    ['a date for a code', { A: '<c r="A2" s="1"><v>46026</v></c>' }, [2, 'Cost Code', 'DATE']],
    [
      'a date in a format of its own',
      { E: '<c r="E2" s="4"><v>46026</v></c>' },
      [2, 'Budget Amount', 'DATE'],
    ],
    ['a date in words', { E: '<c r="E2" t="d"><v>2026-01-03</v></c>' }, [2, 'Budget Amount', 'DATE']],
    [
      'a number shown with zeros before it',
      { A: '<c r="A2" s="2"><v>3000</v></c>' },
      [2, 'Cost Code', 'SHOWN_OTHERWISE'],
    ],
    ['a percentage', { E: '<c r="E2" s="3"><v>0.5</v></c>' }, [2, 'Budget Amount', 'PERCENT']],
    ['a line break', { C: textCell('C2', 'a_x000D_b') }, [2, 'Description', 'CONTROL_CHARACTER']],
    ['half a character', { C: textCell('C2', 'a&#xD83D;b') }, [2, 'Description', 'CONTROL_CHARACTER']],
    [
      'a text over the limit',
      { C: textCell('C2', 'x'.repeat(1_000_000)) },
      [2, 'Description', 'TEXT_TOO_LONG'],
    ],
    ['words for an amount', { E: textCell('E2', '1,500.00') }, [2, 'Budget Amount', 'THOUSANDS_SEPARATOR']],
    ['something where no heading is', { F: textCell('F2', 'note') }, [2, 'Budget Amount', 'CELL_COUNT']],
  ])('with %s is a fault', (_, cells, place) => {
    const formats = [0, 14, '00-0000', 9, '[$-409]d\\-mmm;@']
    expect(placesOf(oneLine(cells, { formats }))).toEqual([place])
  })

  test.each([
    ['&quot;Day&quot; 0.00'],
    ['#,##0.00_);[Red]\\(#,##0.00\\)'],
    ['_-* #,##0.00\\ &quot;kr&quot;_-'],
    ['General'],
  ])('shown as %s is no date', (format) => {
    expect(lineOf(oneLine({ E: '<c r="E2" s="0"><v>7</v></c>' }, { formats: [format] }))?.original).toBe(700)
  })

  test('that cannot be read does not hide the other faults of its row', () => {
    const cells = { A: '<c r="A2" s="0"><v>46026</v></c>', D: textCell('D2', '1e3'), E: textCell('E2', 'x') }
    expect(placesOf(oneLine(cells, { formats: [14] }))).toEqual([
      [2, 'Cost Code', 'DATE'],
      [2, 'Unit Qty', 'EXPONENT'],
      [2, 'Budget Amount', 'NOT_A_NUMBER'],
    ])
  })
})

describe('the sheet that is read', () => {
  const notes = { name: 'Notes', rows: `<row>${textCell('A1', 'Read me')}</row>` }
  const codes = {
    name: 'Codes',
    rows: `<row>${textCell('A1', 'Cost Code')}${textCell('B1', 'Cost Type')}</row>`,
  }
  const budget = { name: 'Budget', rows: headings + bareRow }

  test('is the one with the headings of a budget', () => {
    expect(granted(readBudgetXlsx(workbook({ sheets: [notes, codes, budget] }))).lines).toHaveLength(1)
  })

  test('is named when there are two', () => {
    const second = { ...budget, name: 'Copy' }
    const [place] = refused(readBudgetXlsx(workbook({ sheets: [budget, notes, second] }))).places ?? []
    expect([place?.code, place?.sentence]).toEqual([
      'SEVERAL_SHEETS',
      'The sheets Budget and Copy both hold a budget; keep the one that is meant, or hide the others.',
    ])
  })

  test('is never a hidden one', () => {
    const hidden = { ...budget, name: 'Old', state: 'hidden' }
    expect(granted(readBudgetXlsx(workbook({ sheets: [hidden, budget] }))).lines).toHaveLength(1)
  })

  test('is the first, for its headings to be told, where none is a budget', () => {
    expect(placesOf(workbook({ sheets: [notes, codes] }))).toEqual([[1, 'Read me', 'COLUMN_UNKNOWN']])
  })

  test('may have cells and rows without their place, blank rows, and a prefix before its elements', () => {
    const rows = `<x:row/>${(headings + bareRow).replaceAll(/ r="\w+"/g, '').replaceAll(/<(\/?)/g, '<$1x:')}`
    const fewer = rows.replace('<x:c><x:v>1', '<x:c/><x:c/><x:c><x:v>1')
    const [line] = granted(readBudgetXlsx(workbook({ sheets: [{ rows: fewer }] }))).lines
    expect(line?.original).toBe(100)
  })

  test('tells the row on which a line stands', () => {
    const rows = headings + bareRow.replaceAll('2"', '7"')
    const { standsOn } = granted(readBudgetXlsx(workbook({ sheets: [{ rows }] })))
    expect([...standsOn.values()]).toEqual([7])
  })
})

const numberedRow = (n: number) =>
  `<row>${bareRow.replaceAll(/^<row r="2">|r="\w+"|<\/row>$/g, '')}</row>`.replace('03', String(n))

test('a workbook with more lines than are read is refused, and read no further', () => {
  const rows = Array.from({ length: 11 }, (_, n) => numberedRow(n)).join('')
  const answer = refused(
    readBudgetXlsx(workbook({ sheets: [{ rows: `${headings}${rows}<broken` }] }), {
      ...fileLimits,
      lines: 10,
    }),
  )
  expect(answer.code).toBe('TOO_LARGE')
})

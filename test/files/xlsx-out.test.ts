import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { readXlsx, writeXlsx } from 'hucre/xlsx'
import { describe, expect, test } from 'vitest'
import { allowedCodes } from '../../shared/budget-files/allowed-codes.ts'
import { mergeFile } from '../../shared/budget-files/merge.ts'
import { shownNotRun } from '../../shared/budget-files/spreadsheet-text.ts'
import { readBudgetXlsx } from '../../shared/budget-files/xlsx-in.ts'
import { writeBudgetXlsx, writeTemplateXlsx } from '../../shared/budget-files/xlsx-out.ts'
import { Zip } from '../../shared/budget-files/zip-in.ts'
import { cents } from '../../shared/domain/cents.ts'
import { Instant, SageCompanyId } from '../../shared/domain/ids.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import type { MasterData } from '../../shared/domain/sage-company.ts'
import { anyLine, anyLines, tried } from '../arbitraries.ts'
import { concrete, givenLine, granted, refused } from '../given.ts'

const someLines = anyLines().filter(({ length }) => length > 0)
const sheetOf = (bytes: Uint8Array): string =>
  new Zip(bytes).read('xl/worksheets/sheet1.xml')?.toString('utf8') ?? ''

describe('a workbook that was written', () => {
  test('changes nothing when it is imported again', () => {
    fc.assert(
      fc.property(someLines, (lines) => {
        const file = granted(readBudgetXlsx(writeBudgetXlsx(lines)))
        const { counts } = granted(
          mergeFile({ current: lines, file, mode: 'replace', changesTouching: () => false }),
        )
        expect(counts).toEqual({ add: 0, change: 0, unchanged: lines.length, remove: 0, keep: 0 })
      }),
      tried(100, 5_000),
    )
  })

  test('says the same to another program', async () => {
    await fc.assert(
      fc.asyncProperty(someLines, async (lines) => {
        const { sheets } = await readXlsx(writeBudgetXlsx(lines))
        const rows = sheets[0]?.rows.slice(1) ?? []
        expect(rows.map((row) => [row[1], row[8] ?? null])).toEqual(
          lines.map(({ code, original }) => [shownNotRun(code.cost_code), original / 100]),
        )
      }),
      tried(20, 500),
    )
  })

  test('holds no formula, and its texts are texts', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const cells = [...sheetOf(writeBudgetXlsx([line])).matchAll(/<c r="([A-Z])2"([^>]*)>/g)]
        const texts = cells.filter(([, column]) => 'ABCDEG'.includes(column ?? ''))
        expect(texts.every(([, , rest]) => rest?.includes('t="inlineStr"'))).toBe(true)
        expect(sheetOf(writeBudgetXlsx([line]))).not.toMatch(/<f>|<t[^>]*>[=+\-@]/)
      }),
      tried(200, 10_000),
    )
  })

  test('has the same bytes for the same lines', () => {
    const lines = [givenLine(concrete, { description: 'Béton' })]
    expect(Buffer.compare(writeBudgetXlsx(lines), writeBudgetXlsx(lines))).toBe(0)
  })

  test('keeps codes from becoming dates where new lines are typed', () => {
    expect(sheetOf(writeBudgetXlsx([]))).toContain('<col min="2" max="2" width="16" style="2"')
  })

  test('gives amounts as numbers, to the cent at the ends of the range', () => {
    const line = givenLine(concrete, {
      original: cents(-99_999_999_999),
      quantity: Scaled4.parse(9_999_999_999_999),
    })
    const { lines } = granted(readBudgetXlsx(writeBudgetXlsx([line])))
    expect([sheetOf(writeBudgetXlsx([line])), lines]).toEqual([
      expect.stringContaining('<v>-999999999.99</v>'),
      [{ ...line, changes: 0 }],
    ])
  })
})

test('a workbook that another program wrote is read', async () => {
  const bytes = await writeXlsx({
    sheets: [
      {
        name: 'Budget',
        rows: [
          ['Cost Code', 'Cost Type', 'Budget Amount', 'Description'],
          ['03-3000', 'S', 0.1 + 0.2, 'Slab & "wall"'],
        ],
      },
    ],
  })
  expect(granted(readBudgetXlsx(bytes)).lines).toMatchObject([
    { code: { cost_code: '03-3000' }, original: 30, description: 'Slab & "wall"' },
  ])
})

const code = (cost_code: string, but = {}) => ({
  cost_code,
  description: 'D',
  group: false,
  closed: false,
  ...but,
})
const extra = (name: string, but = {}) => ({
  job: '26-001',
  extra: name,
  description: 'E',
  closed: false,
  ...but,
})

describe('the template of a project', () => {
  const job = { sage_company: SageCompanyId.parse('east'), number: '26-001' }
  const data: MasterData = {
    as_of: Instant.parse('2026-11-22T12:00:00.000Z'),
    jobs: [],
    cost_codes: [
      code('03-0000', { group: true }),
      code('03-3000'),
      code('04-1000', { closed: true }),
      code('-5'),
    ],
    categories: [{ category: 'L', description: 'Labor', accumulate_as: 'L' }],
    extras: [extra('SITE'), extra('OLD', { closed: true }), extra('ELSE', { job: '26-002' })],
  }

  test('lists the codes that lines may have on a second sheet, none of them as a formula', async () => {
    const { sheets } = await readXlsx(writeTemplateXlsx(allowedCodes(job, data)))
    expect(sheets[1]?.rows.map((row) => [row[0], row[2], row[4]])).toEqual([
      ['Cost Code', 'Cost Type', 'Sub Job'],
      ['03-3000', 'L', 'SITE'],
      ["'-5", null, null],
    ])
  })

  test('offers them where they are written', () => {
    const sheet = sheetOf(writeTemplateXlsx(allowedCodes(job, data)))
    expect(
      [...sheet.matchAll(/sqref="(\w+):\w+"><formula1>([^<]*)</g)].map(([, at, formula]) => [at, formula]),
    ).toEqual([
      ['B2', "'Allowed Codes'!$A$2:$A$3"],
      ['C2', "'Allowed Codes'!$C$2:$C$2"],
      ['A2', "'Allowed Codes'!$E$2:$E$2"],
      ['E2', '&quot;yes,no&quot;'],
    ])
  })

  test.each([
    ['no job', undefined, data, 'not linked'],
    ['nothing read from Sage', job, undefined, 'nothing was read'],
  ])('says why there are no codes: %s', async (_, to, from, why) => {
    const { sheets } = await readXlsx(writeTemplateXlsx(allowedCodes(to, from)))
    expect(sheets[1]?.rows[0]?.[6]).toContain(why)
  })

  test('is a budget file without lines', () => {
    expect(refused(readBudgetXlsx(writeTemplateXlsx(allowedCodes(job, data)))).places?.[0]?.sentence).toBe(
      'There is no line below the headings.',
    )
  })
})

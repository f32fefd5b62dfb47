import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeBudgetCsv } from '../../shared/budget-files/csv-out.ts'
import { readBudgetFile } from '../../shared/budget-files/file-in.ts'
import { mergeFile } from '../../shared/budget-files/merge.ts'
import { writeBudgetXlsx } from '../../shared/budget-files/xlsx-out.ts'
import { budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { givenLine, granted } from '../given.ts'

const factors = (quantity: number, uom: string, unit_cost: number) => ({
  quantity: Scaled4.parse(quantity),
  uom,
  unit_cost: Scaled4.parse(unit_cost),
})

/** The budget as it was exported, before somebody edited the file. */
const exported = [
  givenLine(budgetCode('', '01-1000', 'L'), {
    description: 'General conditions',
    original: cents(2_000_000),
  }),
  givenLine(budgetCode('', '03-3000', 'S'), { original: cents(32_500_000), changes: cents(1_500_000) }),
  givenLine(budgetCode('', '05-1200', 'M'), {
    description: 'Steel, "A992"',
    calculation_strategy: 'automatic',
    ...factors(1_205_000, 'ton', 15_000_000),
    original: cents(18_075_000),
  }),
  givenLine(budgetCode('', '09-9000', 'S'), { description: '=Béton brut', original: cents(-125_050) }),
  givenLine(budgetCode('SITE', '31-2000', 'S'), {
    description: 'Earthwork',
    ...factors(970_000, 'CY', 1_255_000),
    original: cents(1_217_350),
  }),
]

const imported = (bytes: Uint8Array) =>
  granted(
    mergeFile({
      current: exported,
      file: granted(readBudgetFile(bytes)),
      mode: 'replace',
      changesTouching: () => false,
    }),
  )

// The forms in which the programs save: their parts, attributes, numbers, quotes, line ends and encodings.
describe('an export that was edited', () => {
  test.each([
    ['in-excel.xlsx'],
    ['in-libreoffice.xlsx'],
    ['in-excel-utf8.csv'],
    ['in-excel-windows-1252.csv'],
    ['in-excel-unicode-text.txt'],
    ['in-libreoffice.csv'],
  ])('%s changes exactly the edited lines', (name) => {
    const { rows, edits } = imported(readFileSync(join(import.meta.dirname, 'edited', name)))
    expect(rows.filter(({ kind }) => kind !== 'unchanged')).toMatchObject([
      {
        kind: 'change',
        code: { cost_code: '03-3000' },
        columns: ['Budget Amount'],
        after: { original: 33_000_030, changes: 1_500_000 },
      },
      { kind: 'add', code: { cost_code: '26-1000' }, after: { original: 7_500_000 } },
      {
        kind: 'change',
        code: { cost_code: '31-2000' },
        columns: ['Description'],
        after: { description: 'Earthwork, wet & deep' },
      },
    ])
    expect(edits.size).toBe(3)
  })
})

test.each([
  ['CSV', Buffer.from(writeBudgetCsv(exported))],
  ['a workbook', writeBudgetXlsx(exported)],
])('an export that was not edited changes nothing: %s', (_, bytes) => {
  expect(imported(bytes).edits.size).toBe(0)
})

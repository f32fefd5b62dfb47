import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { writeBudgetCsv } from '../../shared/budget-files/csv-out.ts'
import { shownNotRun, takenBack } from '../../shared/budget-files/spreadsheet-text.ts'
import { cents } from '../../shared/domain/cents.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { anyLine, anyLines, textOver, tried } from '../arbitraries.ts'
import { concrete, givenLine, granted } from '../given.ts'

test('a file that was written is read back into the same lines, budget changes apart', () => {
  fc.assert(
    fc.property(
      anyLines().filter(({ length }) => length > 0),
      (lines) => {
        const { lines: read } = granted(readBudgetCsv(new TextEncoder().encode(writeBudgetCsv(lines))))
        expect(read).toEqual(lines.map((line) => ({ ...line, changes: 0 })))
      },
    ),
    tried(200, 5_000),
  )
})

test('the template stands in its order, lines end with CR LF, and a mark tells Excel of UTF-8', () => {
  const line = givenLine(concrete, {
    description: 'Slab, "wet"',
    calculation_strategy: 'automatic',
    quantity: Scaled4.parse(970_000),
    uom: 'CY',
    unit_cost: Scaled4.parse(1_255_000),
    original: cents(1_217_350),
  })
  expect(writeBudgetCsv([line])).toBe(
    '\ufeffSub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount\r\n' +
      ',03-3000,S,"Slab, ""wet""",no,97,CY,125.5,12173.50\r\n',
  )
})

test('no text cell is one that a spreadsheet would run', () => {
  const textColumns = [0, 1, 2, 3, 6]
  fc.assert(
    fc.property(anyLine, (line) => {
      const [, cells = []] = parse(writeBudgetCsv([line]), { bom: true })
      for (const column of textColumns) expect(cells[column]).not.toMatch(/^[=+\-@\t\r\0＝＋－＠]/)
    }),
    tried(300, 20_000),
  )
})

test('a negative amount stays a number', () => {
  expect(writeBudgetCsv([givenLine(concrete, { original: cents(-125_050) })])).toContain(',-1250.50\r\n')
})

test('a text that was kept from running comes back as it was', () => {
  const texts = textOver("'=+-@\t\r\0＝＋－＠ab", 5)
  fc.assert(
    fc.property(texts, (text) => {
      expect(takenBack(shownNotRun(text))).toBe(text)
    }),
    tried(1_000, 50_000),
  )
})

test('an ordinary text is left as it is', () => {
  expect(shownNotRun("Stair 'A', 1-2")).toBe("Stair 'A', 1-2")
})

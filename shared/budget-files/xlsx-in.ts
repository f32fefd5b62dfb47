import type { Refusal } from '../domain/refusal.ts'
import { BrokenWorkbook } from './broken-workbook.ts'
import { type BudgetFile, BudgetRows, type FileLimits, fileLimits } from './budget-rows.ts'
import { namesBudget } from './headings.ts'
import { type Cell, textOf } from './line-row.ts'
import { readSheet } from './sheet-in.ts'
import { openWorkbook, type Sheet, type Workbook } from './workbook-in.ts'
import { Zip, zipLimits, type ZipLimits } from './zip-in.ts'

/**
 * Reads a budget from an Excel workbook, as `readBudgetCsv` does from CSV: rows of the sheet are its lines. It is the
 * one sheet whose first row names the columns that a budget needs; hidden sheets are not looked at. Formulas count with
 * the results that the file holds. Memory and time are bounded by `within`, whatever the file unpacks to.
 */
export function readBudgetXlsx(
  bytes: Uint8Array,
  limits: FileLimits = fileLimits,
  within: ZipLimits = zipLimits,
): BudgetFile | Refusal {
  const rows = new BudgetRows(limits)
  try {
    const zip = new Zip(bytes, within)
    const workbook = openWorkbook(zip, limits.cell)
    readLines(sheetOf(zip, workbook, limits.cell), workbook, limits, rows)
  } catch (error) {
    if (!(error instanceof BrokenWorkbook)) throw error
    rows.broken({ code: error.code, sentence: error.message })
  }
  return rows.done()
}

function readLines(sheet: Buffer, workbook: Workbook, limits: FileLimits, rows: BudgetRows): void {
  let width = 0
  readSheet(sheet, workbook, limits.cell, (line, cells) => {
    // A sheet keeps no blank cells to the right; a line has as many as there are headings.
    width ||= cells.length
    rows.row(line, cells.length < width ? [...cells, ...blank(width - cells.length)] : cells)
    return rows.closed
  })
}

const blank = (count: number): Cell[] => Array.from({ length: count }, () => '')

/** The sheet that holds the budget; where none does, the first that holds anything, so that its headings are told. */
function sheetOf(zip: Zip, workbook: Workbook, longest: number): Buffer {
  const budgets: { sheet: Sheet; bytes: Buffer }[] = []
  let first: Buffer | undefined
  for (const sheet of workbook.sheets) {
    if (sheet.hidden) continue
    const bytes = zip.read(sheet.part)
    if (!bytes) throw new BrokenWorkbook('BROKEN_WORKBOOK', `The sheet ${sheet.name} is not in the file.`)
    const headings = firstRow(bytes, workbook, longest)
    if (headings.length > 0) first ??= bytes
    if (namesBudget(headings)) budgets.push({ sheet, bytes })
  }
  const [budget, another] = budgets
  if (budget && another) throw severalSheets(budgets.map(({ sheet }) => sheet.name))
  const found = budget?.bytes ?? first
  if (!found) throw new BrokenWorkbook('EMPTY', 'The workbook is empty, or all its sheets are hidden.')
  return found
}

const severalSheets = (names: readonly string[]): BrokenWorkbook =>
  new BrokenWorkbook(
    'SEVERAL_SHEETS',
    `The sheets ${names.join(' and ')} both hold a budget; keep the one that is meant, or hide the others.`,
  )

/** The cells of the first row in which anything stands. */
function firstRow(bytes: Buffer, workbook: Workbook, longest: number): readonly string[] {
  let found: readonly string[] = []
  readSheet(bytes, workbook, longest, (_line, cells) => {
    found = cells.map(textOf)
    return found.some((cell) => cell.trim() !== '')
  })
  return found
}

import type { Refusal } from '../domain/refusal.ts'
import { refusal } from '../domain/refusal.ts'
import type { BudgetFile } from './budget-rows.ts'
import { readBudgetCsv } from './csv-in.ts'
import { readBudgetXlsx } from './xlsx-in.ts'
import { looksLikeZip } from './zip-in.ts'

// Compound files: Excel before 2007, and any workbook under a password.
const compoundFile = [0xd0, 0xcf, 0x11, 0xe0]

/** Reads a budget from the bytes of a file: what it is is told by its first bytes, whatever it is called. */
export function readBudgetFile(bytes: Uint8Array): BudgetFile | Refusal {
  if (looksLikeZip(bytes)) return readBudgetXlsx(bytes)
  if (compoundFile.every((byte, index) => bytes[index] === byte)) return oldWorkbook
  return readBudgetCsv(bytes)
}

const oldWorkbook = refusal(
  'FILE_NOT_READABLE',
  'The file is a workbook of an old kind (.xls), or is protected by a password; nothing was imported.',
  'Save it as an Excel workbook (.xlsx) without a password, or as CSV UTF-8, and import that.',
)

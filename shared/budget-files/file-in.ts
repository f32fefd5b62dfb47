import type { Refusal } from '../domain/refusal.ts'
import { refusal } from '../domain/refusal.ts'
import type { BudgetFile } from './budget-rows.ts'
import { readBudgetCsv } from './csv-in.ts'
import { readBudgetXlsx } from './xlsx-in.ts'
import { looksLikeZip } from './zip-in.ts'

// Compound files: Excel before 2007, and any workbook under a password.
const compoundFile = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

const otherKinds: readonly (readonly [begin: string, kind: string])[] = [
  ['%PDF', 'a PDF'],
  ['{', 'JSON'],
  ['[', 'JSON'],
]

const beginsWith = (bytes: Uint8Array, begin: Uint8Array): boolean =>
  begin.every((byte, index) => bytes[index] === byte)

/** Reads a budget from the bytes of a file: what it is is told by its first bytes, whatever it is called. */
export function readBudgetFile(bytes: Uint8Array): BudgetFile | Refusal {
  if (looksLikeZip(bytes)) return readBudgetXlsx(bytes)
  if (beginsWith(bytes, compoundFile)) return oldWorkbook
  const other = otherKinds.find(([begin]) => beginsWith(bytes, Buffer.from(begin)))
  if (other) return notABudget(other[1])
  return readBudgetCsv(bytes)
}

const notABudget = (kind: string): Refusal =>
  refusal(
    'FILE_NOT_READABLE',
    `The file looks like ${kind}; nothing was imported.`,
    'Send the budget as CSV or as an Excel workbook (.xlsx); lines as JSON go to PATCH of line_items.',
  )

const oldWorkbook = refusal(
  'FILE_NOT_READABLE',
  'The file is a workbook of an old kind (.xls), or is protected by a password; nothing was imported.',
  'Save it as an Excel workbook (.xlsx) without a password, or as CSV UTF-8, and import that.',
)

import * as fc from 'fast-check'
import { ed } from '../../functions/api/acme.ts'
import { type Asked, command, type Done, onTheWay } from './command.ts'
import { askToUnlock } from './cycle-commands.ts'
import { anyEdit, anyTyped, askToEdit, distinct, typed } from './line-commands.ts'
import { keyOf, type PlainBudget } from './plain-budget.ts'
import { fileText, linesOfFile, maybeColumns, mergeInto, sheetRows } from './plain-file.ts'
import { type PlainLine, sameLine, typedAs } from './plain-line.ts'

function decideImport(
  plain: PlainBudget,
  lines: readonly PlainLine[],
  columns: ReadonlySet<(typeof maybeColumns)[number]>,
  { mode, dryRun }: { mode: string; dryRun: boolean },
): string | Done {
  if (plain.locked) return 'BUDGET_LOCKED'
  const { edits, counts } = mergeInto(plain, lines, columns, mode)
  const before = plain.totals().original_budget_amount
  const wrote = !dryRun && plain.store(edits)
  const after = { original_budget_amount: { before, after: plain.totals().original_budget_amount } }
  return { status: 200, wrote, says: { stored: !dryRun, mode, counts, ...(dryRun ? {} : after) } }
}

const importing = (mode: string, dryRun: boolean) =>
  ({
    as: ed,
    method: 'POST',
    path: '/budget/import',
    query: { mode, dry_run: String(dryRun) },
    ifMatch: dryRun ? 'none' : 'required',
    key: dryRun ? 'none' : 'optional',
  }) as const

export const importFile = command(
  'import a file',
  fc.record({
    rows: fc.array(anyTyped, { maxLength: 4 }),
    /** Every n-th line that stands is in the file too, as it is. */
    everyNth: fc.constantFrom(0, 1, 1, 2, 3),
    workbook: fc.boolean(),
    anyway: fc.boolean(),
    columns: fc.oneof(fc.constant([...maybeColumns]), fc.subarray([...maybeColumns])),
    mode: fc.constantFrom('merge', 'replace'),
    dryRun: fc.constantFrom(true, false, false, false, false, false),
  }),
  (plain, { rows, everyNth, workbook, anyway, columns, mode, dryRun }): Asked => {
    if (plain.locked && !anyway) return onTheWay(askToUnlock(plain, false))
    // An amount cannot be left to a file that may lack the columns it is calculated from.
    const drawn = distinct(rows.map((row) => typed(plain, { ...row, leaveAmount: false })))
    const named = new Set(drawn.map(({ code }) => keyOf(code)))
    const standing = plain
      .sorted()
      .filter((line, i) => everyNth > 0 && i % everyNth === 0 && !named.has(keyOf(line.code)))
    const typedRows = [...drawn, ...standing.map(typedAs)]
    const used = new Set(columns)
    const lines = linesOfFile(typedRows, used)
    return {
      ...importing(mode, dryRun),
      name: workbook ? 'import a workbook' : 'import a CSV file',
      file: workbook
        ? { kind: 'sheet', rows: sheetRows(typedRows, used) }
        : { kind: 'csv', text: fileText(typedRows, used) },
      unread: typeof lines === 'string' ? lines : undefined,
      decide: (stale) =>
        stale ?? decideImport(plain, typeof lines === 'string' ? [] : lines, used, { mode, dryRun }),
    }
  },
)

const sameLines = (some: readonly PlainLine[], others: readonly PlainLine[]): boolean =>
  some.length === others.length && some.every((line, i) => sameLine(line, others[i]!))

/** A workbook of ours, exported before something was edited: where nothing was, mostly that is done first. */
export const importExported = command(
  'import an exported workbook',
  fc.record({
    edit: anyEdit,
    anyway: fc.boolean(),
    mode: fc.constantFrom('merge', 'replace'),
    dryRun: fc.constantFrom(true, false, false, false, false, false),
  }),
  (plain, { edit: drawn, anyway, mode, dryRun }): Asked => {
    if (plain.locked && !anyway) return onTheWay(askToUnlock(plain, false))
    const exports = !plain.exported || sameLines(plain.exported, plain.sorted())
    if (exports && !anyway) return onTheWay({ ...askToEdit(plain, drawn), exports })
    const lines = exports ? plain.sorted() : (plain.exported ?? [])
    return {
      ...importing(mode, dryRun),
      name: 'import an exported workbook',
      file: { kind: 'exported' },
      exports,
      unread: lines.length === 0 ? 'FILE_NOT_READABLE' : undefined,
      decide: (stale) => stale ?? decideImport(plain, lines, new Set(maybeColumns), { mode, dryRun }),
    }
  },
)

import type { BudgetChange } from '../domain/budget-change.ts'
import { type CodeKey, keyOf, showCode } from '../domain/budget-code.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import { type Cents, minus, noCents, plus } from '../domain/cents.ts'
import type { Doing } from '../domain/changes.ts'
import type { LedgerRow } from '../domain/export.ts'
import { firstExport, openingPosition } from '../domain/ledger.ts'
import { type LineItem, lineKey, totalsOf } from '../domain/line-item.ts'
import { checkLine, sameLine } from '../domain/lines.ts'
import { type Preview, type PreviewRow, summed } from '../domain/preview.ts'
import { isRefusal, type Refusal, refusal } from '../domain/refusal.ts'
import type { JobTotals } from '../domain/sage-company.ts'

interface Importing extends Doing {
  readonly head: Pick<BudgetHead, 'version' | 'last_change'>
  /** All lines that stand now. */
  readonly current: readonly LineItem[]
  readonly changes: readonly BudgetChange[]
  /** Opening entries of an import before; empty before the first. */
  readonly position: readonly LedgerRow[]
  readonly totals: JobTotals
  /** Descriptions of cost codes, from Sage's lists. */
  readonly descriptions: ReadonlyMap<string, string>
}

/** What an import from Sage makes of a budget (domain: what an export holds; ADR 0012). */
export interface FromSage {
  readonly merge: Preview
  /** The change From Sage as it is to be stored, where it is new or another than before. */
  readonly change?: BudgetChange
  /** Opening entries, which replace those of an import before. */
  readonly position: readonly LedgerRow[]
  /** Numbers of the approved changes that stay on top of what Sage holds. */
  readonly kept_changes: readonly number[]
}

/**
 * The budget as Sage's totals make it. Per key with a total: Sage's original estimate as a manual line, and Sage's
 * approved changes as the one change From Sage. A key that an earlier import brought and Sage no longer holds goes to
 * zero; a line that was never Sage's stays.
 * Refuses with NO_ESTIMATE_IN_SAGE, CHANGE_STATUS (approved changes before the first import), LINE_INVALID.
 */
export function budgetFromSage(importing: Importing): FromSage | Refusal {
  const { changes, position: before, totals } = importing
  const position = openingPosition(totals.totals)
  const approved = changes.filter(({ status, from_sage }) => status === 'approved' && !from_sage)
  const refused =
    (firstExport(before) ? beforeFirst(totals.job, position, approved) : undefined) ??
    noLine(importing, position)
  if (refused) return refused
  const rows = rowsOf(importing, position)
  const merge = summed(rows, totalsOf(importing.current))
  if (isRefusal(merge)) return merge
  const change = changeFromSage(importing, position)
  return { merge, ...(change && { change }), position, kept_changes: approved.map(({ number }) => number) }
}

/** Until something of Sage's stands here, nobody can tell whether Sage's estimate holds a change of ours already. */
function beforeFirst(
  job: string,
  position: readonly LedgerRow[],
  approved: readonly BudgetChange[],
): Refusal | undefined {
  if (position.length === 0)
    return refusal(
      'NO_ESTIMATE_IN_SAGE',
      `Job ${job} has no estimate in Sage: no budget code has an amount in the totals that were read.`,
      'Build the budget here and send it, or have accounting post the estimate in Sage and its totals read again.',
    )
  if (approved.length === 0) return undefined
  const numbers = approved.map(({ number }) => String(number)).join(', ')
  return refusal(
    'CHANGE_STATUS',
    `Budget changes are approved here (${numbers}), and Sage's estimate may hold their amounts already.`,
    'Reopen or void them, import the budget from Sage, then approve those that Sage does not hold.',
  )
}

const byKey = (rows: readonly LedgerRow[]): ReadonlyMap<CodeKey, LedgerRow> =>
  new Map(rows.map((row) => [keyOf(row.code), row]))

const standing = ({ changes }: Pick<Importing, 'changes'>): BudgetChange | undefined =>
  changes.find(({ from_sage, status }) => from_sage && status === 'approved')

/** What the change From Sage of an import before added to each line. */
function addedBefore(importing: Pick<Importing, 'changes'>): ReadonlyMap<CodeKey, Cents> {
  const lines = standing(importing)?.lines ?? []
  return new Map(lines.map(({ code, amount }) => [keyOf(code), amount]))
}

function rowsOf(importing: Importing, position: readonly LedgerRow[]): PreviewRow[] {
  const current = new Map(importing.current.map((line) => [lineKey(line), line]))
  const added = addedBefore(importing)
  const opened = byKey(importing.position)
  const inSage = byKey(position)
  const rows = position.map((row) => {
    const key = keyOf(row.code)
    return rowInSage(asSageSays(importing, row, current.get(key), added.get(key)), current.get(key))
  })
  for (const [key, line] of current) {
    if (inSage.has(key)) continue
    const gone = opened.has(key) || added.has(key)
    rows.push(
      gone ? rowInSage(withAmounts(line, noCents, noCents, added.get(key)), line) : rowNotInSage(line),
    )
  }
  return rows
}

const rowInSage = (after: LineItem, before: LineItem | undefined): PreviewRow =>
  before === undefined
    ? { kind: 'add', code: after.code, after }
    : sameLine(before, after)
      ? { kind: 'unchanged', code: after.code, before }
      : { kind: 'change', code: after.code, before, after }

function rowNotInSage(line: LineItem): PreviewRow {
  const { code } = line
  if (line.original === 0 && line.changes === 0) return { kind: 'unchanged', code, before: line }
  return {
    kind: 'keep',
    code,
    before: line,
    sentence: `${showCode(code)} has no amount in Sage and stays with its own; the next export would add it there.`,
    what_to_do: "Delete the line, or set it to 0.00, if Sage's estimate is the whole budget.",
  }
}

const asSageSays = (
  { descriptions }: Pick<Importing, 'descriptions'>,
  { code, original, changes }: LedgerRow,
  before: LineItem | undefined,
  added: Cents | undefined,
): LineItem =>
  before
    ? withAmounts(before, original, changes, added)
    : {
        code,
        description: (descriptions.get(code.cost_code) ?? '').trim(),
        calculation_strategy: 'manual',
        quantity: null,
        uom: '',
        unit_cost: null,
        original,
        changes,
      }

/** The line with Sage's original and Sage's changes in place of those before; other approved changes stay on it. */
const withAmounts = (line: LineItem, original: Cents, changes: Cents, added: Cents = noCents): LineItem => ({
  ...line,
  calculation_strategy: line.original === original ? line.calculation_strategy : 'manual',
  original,
  changes: plus(minus(line.changes, added), changes),
})

/** Sage's codes and amounts, as lines, must be lines that this budget can hold. */
function noLine(importing: Importing, position: readonly LedgerRow[]): Refusal | undefined {
  const places = position.flatMap((row) =>
    checkLine(asSageSays(importing, row, undefined, undefined)).map(({ code, sentence }) => ({
      code,
      sentence: `${showCode(row.code)}: ${sentence}`,
    })),
  )
  return places.length === 0
    ? undefined
    : refusal(
        'LINE_INVALID',
        'Sage holds what no line of a budget can hold, so nothing was imported.',
        'Have accounting correct in Sage what is named and read the totals again, then import again.',
        { places },
      )
}

/** The one change From Sage: new, with other amounts than before, or void where Sage holds no changes any more. */
function changeFromSage(importing: Importing, position: readonly LedgerRow[]): BudgetChange | undefined {
  const { head, totals, by, at } = importing
  const before = standing(importing)
  const lines = position
    .filter(({ changes }) => changes !== 0)
    .map(({ code, changes }) => ({ code, amount: changes, comment: '' }))
  if (lines.length === 0) {
    if (!before) return undefined
    const { approved_in: _gone, ...kept } = before
    return { ...kept, status: 'void', updated_by: by, updated_at: at }
  }
  if (before && JSON.stringify(before.lines) === JSON.stringify(lines)) return undefined
  return {
    number: before?.number ?? head.last_change + 1,
    title: 'From Sage',
    description: `Approved estimate changes of job ${totals.job}, as Sage held them when the budget was imported.`,
    status: 'approved',
    lines,
    from_sage: true,
    approved_in: head.version + 1,
    created_by: before?.created_by ?? by,
    created_at: before?.created_at ?? at,
    updated_by: by,
    updated_at: at,
  }
}

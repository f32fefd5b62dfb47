import { type BudgetCode, type CodeKey, codeOfKey, compareKeys, keyOf } from './budget-code.ts'
import { type Cents, minus, noCents, plus, sum } from './cents.ts'
import type { LedgerRow } from './export.ts'

/** Cents by mode: original estimate, and approved estimate changes. */
export type Amounts = Pick<LedgerRow, 'original' | 'changes'>

/** What is known of one job, in cents by key and mode; keys may be missing where an amount is zero. */
export interface JobFigures {
  /** What Sage took of ours, opening entries included. */
  readonly taken: readonly LedgerRow[]
  /** What is on its way to Sage: neither posted nor closed. */
  readonly open: readonly LedgerRow[]
  /** Sage's posted totals as last read; undefined: never. */
  readonly sage?: readonly LedgerRow[] | undefined
  /** What the totals stood at before the last file, and what was sent since; undefined: it was not read then. */
  readonly before?: FileBefore | undefined
}

export interface FileBefore {
  /** Sage's totals before the file was queued, with what a poster has acknowledged since. */
  readonly baseline: readonly LedgerRow[]
  /** The same less what stood in it ahead of its reading, and the last reading does not show yet either. */
  readonly asRead: readonly LedgerRow[]
  /** What was sent since, posted or not. */
  readonly sent: readonly LedgerRow[]
  /** What of it the ledger has as taken. */
  readonly taken: readonly LedgerRow[]
}

/** One key of the report, or all of them added up. */
export interface ReportFigures {
  readonly taken: Amounts
  readonly open: Amounts
  readonly sage: Amounts | undefined
  /** Movement in Sage that is not ours; undefined where no reading before the file tells it apart. */
  readonly made: { readonly acknowledged: Amounts; readonly not_acknowledged: Amounts } | undefined
  /** Sage less what was taken and less what was made in Sage. */
  readonly difference: Amounts | undefined
}

export interface ReportRow extends ReportFigures {
  readonly code: BudgetCode
}

const nothing: Amounts = { original: noCents, changes: noCents }

const each = (of: (mode: keyof Amounts) => Cents): Amounts => ({
  original: of('original'),
  changes: of('changes'),
})
const less = (from: Amounts, what: Amounts): Amounts => each((mode) => minus(from[mode], what[mode]))

/**
 * What Sage shows of one job against our ledger, in key order; a key without any amount is left out. For every row, and
 * for the sums: Sage = taken + made in Sage + difference, in both modes. What was sent last counts as posted where that
 * explains Sage's movement better; what is posted and not confirmed yet is a difference, and stands under *open* too.
 */
export function jobReport({ taken, open, sage, before }: JobFigures): ReportRow[] {
  const lists = [taken, open, sage ?? [], before?.baseline ?? []]
  const keys = new Set(lists.flatMap((rows) => rows.map(({ code }) => keyOf(code))))
  const ours = { taken: by(taken), open: by(open) }
  const read = sage && by(sage)
  const moved = before && {
    baseline: by(before.baseline),
    asRead: by(before.asRead),
    sent: by(before.sent),
    taken: by(before.taken),
  }
  return [...keys]
    .toSorted(compareKeys)
    .map((key): ReportRow => {
      const row = { code: codeOfKey(key), taken: ours.taken(key), open: ours.open(key) }
      if (!read) return { ...row, sage: undefined, made: undefined, difference: undefined }
      const inSage = read(key)
      const beyond = less(inSage, row.taken)
      if (!moved) return { ...row, sage: inSage, made: undefined, difference: beyond }
      const acknowledged = less(moved.baseline(key), less(row.taken, moved.taken(key)))
      const movement = less(inSage, moved.asRead(key))
      const sent = moved.sent(key)
      const not_acknowledged = each((mode) => {
        const posted = Math.abs(movement[mode] - sent[mode]) < Math.abs(movement[mode])
        return posted ? minus(movement[mode], sent[mode]) : movement[mode]
      })
      const difference = less(less(beyond, acknowledged), not_acknowledged)
      return { ...row, sage: inSage, made: { acknowledged, not_acknowledged }, difference }
    })
    .filter((row) => amountsOf(row).some((amount) => amount !== 0))
}

function by(rows: readonly LedgerRow[]): (key: CodeKey) => Amounts {
  const found = new Map<CodeKey, Amounts>()
  for (const row of rows) {
    const before = found.get(keyOf(row.code)) ?? nothing
    found.set(
      keyOf(row.code),
      each((mode) => plus(before[mode], row[mode])),
    )
  }
  return (key) => found.get(key) ?? nothing
}

const amountsOf = ({ taken, open, sage, made, difference }: ReportFigures): Cents[] =>
  [taken, open, sage, made?.acknowledged, made?.not_acknowledged, difference].flatMap((of) =>
    of ? [of.original, of.changes] : [],
  )

/** Every column added up; a column that is not known of the job is not known of its sum. */
export function sumsOf(rows: readonly ReportRow[], known: { sage: boolean; made: boolean }): ReportFigures {
  const column = (of: (row: ReportRow) => Amounts | undefined): Amounts =>
    each((mode) => sum(rows.map((row) => (of(row) ?? nothing)[mode])))
  return {
    taken: column(({ taken }) => taken),
    open: column(({ open }) => open),
    sage: known.sage ? column(({ sage }) => sage) : undefined,
    made: known.made
      ? {
          acknowledged: column(({ made }) => made?.acknowledged),
          not_acknowledged: column(({ made }) => made?.not_acknowledged),
        }
      : undefined,
    difference: known.sage ? column(({ difference }) => difference) : undefined,
  }
}

import { type Cents, minus, noCents, plus, sumOf } from './amounts.ts'
import {
  type CompanyTables,
  type CurrentTransaction,
  type EntryKind,
  type Key,
  type NewEntry,
  keyOf,
} from './company-tables.ts'
import { type EntryEdit, changesOf, checkAmount, checkDate, newEntry } from './new-entries.ts'
import { SageRefusal } from './refusals.ts'

export type PostSelection = { readonly all: true } | { readonly ids: readonly number[] }

export interface Posting {
  readonly run: number
  readonly posted: readonly CurrentTransaction[]
  readonly total: Cents
}

/**
 * Tasks > Post Entries: moves entries to the current transaction file under a new run, and the totals with them.
 * @throws {SageRefusal} ENTRY_UNKNOWN (then nothing is posted), NOTHING_TO_POST
 */
export function postEntries(tables: CompanyTables, selection: PostSelection, at: Date): Posting {
  const entries =
    'all' in selection
      ? [...tables.newTransactions.values()]
      : [...new Set(selection.ids)].map((id) => newEntry(tables, id))
  if (entries.length === 0) throw new SageRefusal('NOTHING_TO_POST', 'there are no entries to post')
  tables.counters.run += 1
  const run = tables.counters.run
  const posted = entries.map((entry, index) => moveToCurrent(tables, entry, { run, sequence: index + 1, at }))
  return { run, posted, total: sumOf(posted.map(({ amount }) => amount)) }
}

function moveToCurrent(
  tables: CompanyTables,
  { entry, ...fields }: NewEntry,
  { run, sequence, at }: { run: number; sequence: number; at: Date },
): CurrentTransaction {
  tables.counters.row += 1
  const stampedAt = at.toISOString()
  const row = { run, sequence, rowId: tables.counters.row, rowVersion: 1, stampedAt, ...fields }
  tables.newTransactions.delete(entry)
  tables.currentTransactions.push(row)
  addToTotals(tables, row, row)
  return row
}

/** Run and sequence: where a posted entry stands. */
export interface PostedPlace {
  readonly run: number
  readonly sequence: number
}

/** @throws {SageRefusal} TRANSACTION_UNKNOWN */
export function postedEntry(tables: CompanyTables, { run, sequence }: PostedPlace): CurrentTransaction {
  const row = tables.currentTransactions.find((posted) => posted.run === run && posted.sequence === sequence)
  if (row) return row
  const sentence = `no entry is posted with run ${String(run)}, sequence ${String(sequence)}`
  throw new SageRefusal('TRANSACTION_UNKNOWN', sentence)
}

/**
 * Somebody with the right to do so alters a posted entry; totals follow the difference.
 * @throws {SageRefusal} TRANSACTION_UNKNOWN, AMOUNT_RANGE, DATE
 */
export function editPosted(
  tables: CompanyTables,
  at: PostedPlace,
  edit: EntryEdit,
  now: Date,
): CurrentTransaction {
  const before = postedEntry(tables, at)
  if (edit.date !== undefined) checkDate(edit.date)
  if (edit.amount !== undefined) checkAmount(edit.amount)
  const rowVersion = before.rowVersion + 1
  const after = { ...before, ...changesOf(edit), rowVersion, stampedAt: now.toISOString() }
  tables.currentTransactions[tables.currentTransactions.indexOf(before)] = after
  addToTotals(tables, before, taken(before))
  addToTotals(tables, after, after)
  return after
}

interface Movement {
  readonly kind: EntryKind
  readonly amount: Cents
  readonly units: Cents
}

/** The movement that undoes this one. */
const taken = ({ kind, amount, units }: Movement): Movement => ({
  kind,
  amount: minus(noCents, amount),
  units: minus(noCents, units),
})

function addToTotals(tables: CompanyTables, key: Key, { kind, amount, units }: Movement): void {
  if (kind === 'approved_scheduled_value_change') return
  const category = tables.categories.get(keyOf(key.job, key.extra, key.costCode, key.category))
  const bucket = kind === 'original_estimate' ? 'original' : 'approved'
  const unitBucket = kind === 'original_estimate' ? 'originalUnits' : 'approvedUnits'
  if (category) {
    category[bucket] = plus(category[bucket], amount)
    category[unitBucket] = plus(category[unitBucket], units)
  }
  const costCode = tables.costCodes.get(keyOf(key.job, key.extra, key.costCode))
  if (costCode) costCode[bucket] = plus(costCode[bucket], amount)
  addToJob(tables, key, bucket, amount)
}

function addToJob(tables: CompanyTables, key: Key, bucket: 'original' | 'approved', amount: Cents): void {
  const job = tables.jobs.get(keyOf(key.job))
  if (!job) return
  if (key.extra === '') {
    job[bucket] = plus(job[bucket], amount)
    return
  }
  const onExtras = bucket === 'original' ? 'extrasOriginal' : 'extrasApproved'
  job[onExtras] = plus(job[onExtras], amount)
  const extra = tables.extras.get(keyOf(key.job, key.extra))
  if (extra) extra[bucket] = plus(extra[bucket], amount)
}

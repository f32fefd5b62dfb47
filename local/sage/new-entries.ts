import { type Cents, noCents, readNumber, asDecimal } from './amounts.ts'
import { isDay } from './calendar-date.ts'
import { type CodeKind, readCode } from './code-formats.ts'
import { type CompanyTables, type EntryKind, type Key, type NewEntry, keyOf } from './company-tables.ts'
import { askKey, setUpKey } from './job-key.ts'
import { SageRefusal } from './refusals.ts'

/** Appends to the new-transaction file. @returns the entry's number. */
export function enterNew(tables: CompanyTables, fields: Omit<NewEntry, 'entry'>): number {
  tables.counters.entry += 1
  const entry = tables.counters.entry
  tables.newTransactions.set(entry, { entry, ...fields })
  return entry
}

/** An entry a person types at the keyboard, on a key of their choosing. */
export interface HandEntry {
  readonly job: string
  readonly extra?: string
  readonly costCode: string
  readonly category: string
  readonly kind: EntryKind
  readonly date: string
  readonly amount: Cents
  readonly changeOrder?: string
  readonly operator?: string
}

/**
 * Enters by hand; unlike an import it never creates a job or a cost code that is not standard.
 * @throws {SageRefusal} KEY_REFUSED, AMOUNT_RANGE, DATE
 */
export function enterByHand(tables: CompanyTables, hand: HandEntry): number {
  const key = readKey(tables, hand)
  const answer = askKey(tables, key, hand.kind, false)
  if (answer.answer !== 'fits') throw new SageRefusal('KEY_REFUSED', answer.reason)
  checkDate(hand.date)
  checkAmount(hand.amount)
  setUpKey(tables, key, '')
  return enterNew(tables, {
    ...key,
    kind: hand.kind,
    date: hand.date,
    amount: hand.amount,
    units: noCents,
    changeOrder: (hand.changeOrder ?? '').slice(0, 5),
    operator: (hand.operator ?? 'SAGE').slice(0, 20),
  })
}

function readKey({ settings }: CompanyTables, hand: HandEntry): Key {
  const extra = (hand.extra ?? '').trim()
  return {
    job: checkedCode('job', hand.job, settings.sections.job),
    extra: extra === '' ? '' : checkedCode('extra', extra, settings.sections.extra),
    costCode: checkedCode('costCode', hand.costCode, settings.sections.costCode),
    category: settings.categories ? checkedCode('category', hand.category, null) : '',
  }
}

function checkedCode(kind: CodeKind, text: string, mask: string | null): string {
  const read = readCode(kind, text, mask)
  if (!read.ok) throw new SageRefusal('KEY_REFUSED', read.reason)
  return read.code
}

/** What may be altered while an entry is unposted. The key may not: delete the entry and enter another. */
export interface EntryEdit {
  readonly kind?: EntryKind | undefined
  readonly date?: string | undefined
  readonly amount?: Cents | undefined
}

/** @throws {SageRefusal} ENTRY_UNKNOWN, KEY_REFUSED, AMOUNT_RANGE, DATE */
export function editEntry(tables: CompanyTables, number: number, edit: EntryEdit): NewEntry {
  const entry = newEntry(tables, number)
  if (edit.date !== undefined) checkDate(edit.date)
  if (edit.amount !== undefined) checkAmount(edit.amount)
  const edited = { ...entry, ...changesOf(edit) }
  checkFinalized(tables, entry, edited)
  tables.newTransactions.set(number, edited)
  return edited
}

/** The fields an edit really names. */
export const changesOf = ({
  kind,
  date,
  amount,
}: EntryEdit): Partial<Pick<NewEntry, 'kind' | 'date' | 'amount'>> => ({
  ...(kind !== undefined && { kind }),
  ...(date !== undefined && { date }),
  ...(amount !== undefined && { amount }),
})

function checkFinalized(tables: CompanyTables, before: NewEntry, after: NewEntry): void {
  if (after.kind !== 'original_estimate' || before.kind === 'original_estimate') return
  if (tables.jobs.get(keyOf(after.job))?.originalEstimateFinalized === true)
    throw new SageRefusal('KEY_REFUSED', `the original estimate of job "${after.job}" is finalized`)
}

/** @throws {SageRefusal} ENTRY_UNKNOWN */
export function deleteEntry(tables: CompanyTables, number: number): NewEntry {
  const entry = newEntry(tables, number)
  tables.newTransactions.delete(number)
  return entry
}

/** @throws {SageRefusal} ENTRY_UNKNOWN */
export function newEntry(tables: CompanyTables, number: number): NewEntry {
  const entry = tables.newTransactions.get(number)
  if (!entry) throw new SageRefusal('ENTRY_UNKNOWN', `there is no unposted entry ${String(number)}`)
  return entry
}

export function checkDate(day: string): void {
  if (!isDay(day)) throw new SageRefusal('DATE', `"${day}" is no day of the calendar (YYYY-MM-DD)`)
}

/** The keyboard takes no more than the file does: 8.2. */
export function checkAmount(amount: Cents): void {
  const read = readNumber(asDecimal(amount))
  if (!read.ok) throw new SageRefusal('AMOUNT_RANGE', read.reason)
}

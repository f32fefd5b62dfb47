import type { Done } from './command.ts'
import { inWords, keyOf, type PlainBudget, type PlainChange, type SageTotal } from './plain-budget.ts'
import { decimal, type PlainLine, sameLine } from './plain-line.ts'

/** Where our lists from Sage describe a cost code; every other is described by nothing. */
const described: Readonly<Record<string, string>> = {
  '01-1000': 'General conditions',
  '03-3000': 'Concrete',
  '05-1200': 'Structural steel',
}

interface Planned {
  /** Codes with an amount in Sage. */
  readonly held: readonly SageTotal[]
  readonly edits: ReadonlyMap<string, PlainLine>
  readonly counts: Readonly<Record<'add' | 'change' | 'unchanged' | 'keep', number>>
  /** The change From Sage as it is to stand; undefined where it stays as it is, or there is none. */
  readonly change: PlainChange | undefined
}

const standingFromSage = (plain: PlainBudget): PlainChange | undefined =>
  plain.changes.find(({ fromSage, status }) => fromSage && status === 'approved')

/** Sage says the originals; a line stays calculated only where its original is Sage's already. */
function lineInSage({ code, original }: SageTotal, before: PlainLine | undefined): PlainLine {
  if (before) return { ...before, original, automatic: before.automatic && before.original === original }
  const description = described[code[1]] ?? ''
  return { code, description, automatic: false, quantity: null, uom: '', unitCost: null, original }
}

function changeToMake(plain: PlainBudget, held: readonly SageTotal[]): PlainChange | undefined {
  const before = standingFromSage(plain)
  const lines = held
    .filter(({ changes }) => changes !== 0n)
    .map(({ code, changes }) => ({ code, amount: changes, comment: '' }))
  if (lines.length === 0) return before && { ...before, status: 'void', approvedIn: null }
  if (before && inWords(before.lines) === inWords(lines)) return undefined
  return {
    number: before?.number ?? plain.changes.length + 1,
    title: 'From Sage',
    description: `Approved estimate changes of job ${String(plain.job?.number)}, as Sage held them when the budget was imported.`,
    status: 'approved',
    approvedIn: plain.versions.length + 1,
    fromSage: true,
    lines,
  }
}

/** What an import makes of the budget: what is Sage's is replaced, what is ours stays. */
function planned(plain: PlainBudget): Planned {
  const held = plain.heldInSage()
  const edits = new Map<string, PlainLine>()
  const counts = { add: 0, change: 0, unchanged: 0, keep: 0 }
  const brought = standingFromSage(plain)?.lines ?? []
  const broughtTo = (key: string): bigint => brought.find(({ code }) => keyOf(code) === key)?.amount ?? 0n
  const look = (total: SageTotal): void => {
    const key = keyOf(total.code)
    const before = plain.lines.get(key)
    const after = lineInSage(total, before)
    const same = before && sameLine(before, after) && broughtTo(key) === total.changes
    counts[before ? (same ? 'unchanged' : 'change') : 'add'] += 1
    if (!same) edits.set(key, after)
  }
  for (const total of held) look(total)
  const keys = new Set(held.map(({ code }) => keyOf(code)))
  for (const [key, { code, original }] of plain.lines) {
    if (keys.has(key)) continue
    if (plain.opening.some((each) => keyOf(each.code) === key) || broughtTo(key) !== 0n)
      look({ code, original: 0n, changes: 0n })
    else counts[original === 0n && plain.changesOn(key) === 0n ? 'unchanged' : 'keep'] += 1
  }
  return { held, edits, counts, change: changeToMake(plain, held) }
}

function whyNot(plain: PlainBudget): string | undefined {
  if (plain.exports.length > 0) return 'LEDGER_NOT_EMPTY'
  if (plain.locked) return 'BUDGET_LOCKED'
  if (!plain.sage) return 'TOTALS_NOT_READ'
  const held = plain.heldInSage()
  if (plain.opening.length === 0) {
    if (held.length === 0) return 'NO_ESTIMATE_IN_SAGE'
    if (plain.changes.some(({ status }) => status === 'approved')) return 'CHANGE_STATUS'
  }
  return held.some(({ code }) => code[1] === '' || code[2] === '') ? 'LINE_INVALID' : undefined
}

function store(plain: PlainBudget, { held, edits, change }: Planned): boolean {
  const nothing = edits.size === 0 && !change && !plain.sageMoved()
  if (nothing) return false
  for (const [key, line] of edits) plain.lines.set(key, line)
  if (change) plain.changes[change.number - 1] = change
  plain.opening = held
  plain.inSage.clear()
  for (const { code, original, changes } of held)
    plain.inSage.set(keyOf(code), { code, cents: original + changes })
  plain.wrote()
  return true
}

/** @param seen when Sage was read for the preview that is imported, where that is said */
export function importFromSage(plain: PlainBudget, dryRun: boolean, seen: string | undefined): string | Done {
  const refused = whyNot(plain)
  if (refused !== undefined) return refused
  if (!dryRun && seen !== undefined && seen !== plain.sage?.asOf) return 'CHANGED_MEANWHILE'
  const plan = planned(plain)
  const kept = plain.changes.filter(({ status, fromSage }) => status === 'approved' && !fromSage)
  const before = plain.totals().original_budget_amount
  const moved = [...plan.edits].reduce(
    (sum, [key, { original }]) => sum + original - (plain.lines.get(key)?.original ?? 0n),
    plain.originals(),
  )
  const wrote = !dryRun && store(plain, plan)
  return {
    status: 200,
    wrote,
    says: {
      stored: !dryRun,
      revision: plain.revision,
      counts: { ...plan.counts, remove: 0 },
      original_budget_amount: { before, after: decimal(moved) },
      job_totals: { job: plain.job?.number, as_of: plain.sage?.asOf },
      opening_entries: plan.held.length,
      kept_budget_changes: kept.map(({ number }) => number),
    },
  }
}

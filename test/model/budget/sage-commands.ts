import * as fc from 'fast-check'
import { mia } from '../../functions/api/acme.ts'
import { type Asked, command, onTheWay } from './command.ts'
import { askToPost, askToUnlock } from './cycle-commands.ts'
import { anyCents, codeAt } from './line-commands.ts'
import { keyOf, type PlainBudget, type SageTotal } from './plain-budget.ts'
import { importFromSage as importIt } from './plain-sage.ts'

const anyTotal = fc.record({
  at: fc.nat({ max: 999 }),
  original: anyCents,
  changes: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.bigInt(-1_000_000n, 1_000_000n) },
  ),
})

const anyImport = fc.record({
  totals: fc.array(anyTotal, { maxLength: 4 }),
  /** Every n-th line that stands is in Sage too, with its original. */
  everyNth: fc.constantFrom(0, 0, 1, 2),
  /** Whether Sage is read again first, where it was read before. */
  again: fc.boolean(),
  /** Whether something is posted first. */
  late: fc.constantFrom(true, false, false, false, false),
  /** Whether it is asked wherever the budget stands; otherwise a step on the way, where it is not the time. */
  anyway: fc.constantFrom(true, false, false, false),
  dryRun: fc.constantFrom(true, false, false, false, false, false),
  /** Which reading is named as the one that was looked at. */
  seen: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'last', 'last', 'before'),
})
type Drawn = typeof anyImport extends fc.Arbitrary<infer T> ? T : never

const largest = 99_999_999_999n

/** What Sage holds by now: one row per code. */
function totalsOf(plain: PlainBudget, { totals, everyNth }: Drawn): SageTotal[] {
  const rows = new Map<string, SageTotal>()
  for (const [i, { code, original }] of plain.sorted().entries())
    if (everyNth > 0 && i % everyNth === 0) rows.set(keyOf(code), { code, original, changes: 0n })
  for (const { at, original, changes } of totals) {
    const code = codeAt(plain, at)
    if (original <= largest) rows.set(keyOf(code), { code, original, changes })
  }
  return [...rows.values()]
}

export const importFromSage = command('import from Sage', anyImport, (plain, drawn): Asked => {
  const open = !plain.locked && plain.exports.length === 0
  if (drawn.late && plain.exports.length === 0) return onTheWay(askToPost(plain, true))
  if (plain.locked && plain.exports.length === 0 && !drawn.anyway) return onTheWay(askToUnlock(plain, false))
  const reads = open && (!plain.sage || drawn.again) ? totalsOf(plain, drawn) : undefined
  const last = plain.asOfReading(plain.readings + (reads ? 1 : 0))
  const seen = drawn.seen === 'none' ? undefined : drawn.seen === 'last' ? last : plain.asOfReading(0)
  return {
    name: 'import from Sage',
    as: mia,
    method: 'POST',
    path: '/budget/import_from_sage',
    query: { dry_run: String(drawn.dryRun), ...(seen !== undefined && { as_of: seen }) },
    ifMatch: drawn.dryRun ? 'none' : 'required',
    key: drawn.dryRun ? 'none' : 'required',
    reads,
    decide: (stale) => stale ?? importIt(plain, drawn.dryRun, seen),
  }
})

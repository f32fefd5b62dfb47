import { type BudgetCode, type CodeKey, codeOfKey, compareKeys, keyOf } from './budget-code.ts'
import { type Cents, formatCents, minus, noCents, sum } from './cents.ts'
import type { LedgerRow } from './export.ts'
import { stillDue } from './ledger.ts'
import { groupsOf, type LineGroup } from './line-filter.ts'
import { type LineItem, lineKey, revisedEstimate } from './line-item.ts'
import { formatScaled4 } from './quantity.ts'

/** One line on both sides; absent on the side where there is no such line. */
export interface Sides {
  readonly before?: LineItem | undefined
  readonly after?: LineItem | undefined
}

export type DifferenceKind = 'added' | 'removed' | 'changed'

/** `added`: only after; `removed`: only before. */
export function kindOf({ before, after }: Sides): DifferenceKind {
  if (!before) return 'added'
  return after ? 'changed' : 'removed'
}

export function countKinds(differences: Iterable<Sides>): Record<DifferenceKind, number> {
  const counts = { added: 0, removed: 0, changed: 0 }
  for (const difference of differences) counts[kindOf(difference)] += 1
  return counts
}

type Amounts = Pick<LineItem, 'original' | 'changes'>

const nothing: Amounts = { original: noCents, changes: noCents }

/** How much each amount went up, in cents, of a line or of totals; a line that is not there has none. */
export const deltaOf = ({
  before = nothing,
  after = nothing,
}: {
  readonly before?: Amounts | undefined
  readonly after?: Amounts | undefined
}): Amounts => ({
  original: minus(after.original, before.original),
  changes: minus(after.changes, before.changes),
})

/** How much each amount went up and how many lines differ, in cents per division, sub job or cost type with such a line. */
export const deltasBy = (group: LineGroup, differences: readonly (Sides & { readonly code: BudgetCode })[]) =>
  groupsOf(group, differences).map(([name, of]) => {
    const deltas = of.map(deltaOf)
    return {
      name,
      counts: countKinds(of),
      original: sum(deltas.map(({ original }) => original)),
      changes: sum(deltas.map(({ changes }) => changes)),
    }
  })

/** What a line says, field by field under the API's names; its figures as decimal text, null where it says nothing. */
const fieldsOf = (line: LineItem): readonly (readonly [field: string, value: string | null])[] => [
  ['description', line.description],
  ['calculation_strategy', line.calculation_strategy],
  ['quantity', line.quantity === null ? null : formatScaled4(line.quantity)],
  ['uom', line.uom],
  ['unit_cost', line.unit_cost === null ? null : formatScaled4(line.unit_cost)],
  ['original_budget_amount', formatCents(line.original)],
  ['budget_changes', formatCents(line.changes)],
]

export interface FieldChange {
  readonly field: string
  readonly old_value: string | null
  readonly new_value: string | null
}

/** The fields that differ; of an added or removed line all that say something, with null on the other side. */
export function fieldChanges({ before, after }: Sides): FieldChange[] {
  const old = new Map(before ? fieldsOf(before) : [])
  const now = new Map(after ? fieldsOf(after) : [])
  const fields = [...(before ? old : now).keys()]
  return fields
    .map((field) => ({ field, old_value: old.get(field) ?? null, new_value: now.get(field) ?? null }))
    .filter(
      ({ old_value, new_value }) =>
        old_value !== new_value && ((before && after) || (old_value ?? new_value) !== ''),
    )
}

/** One budget code on which Sage holds something else than the revised estimate. */
export interface SageDifference {
  readonly code: BudgetCode
  /** Undefined where the budget has no such line: its revised estimate is zero. */
  readonly line: LineItem | undefined
  /** What Sage took of ours, in cents by mode; zero where nothing was ever sent. */
  readonly held: Amounts
  /** What the next export would hold for it, in cents: revised estimate less what is in Sage. */
  readonly due: Cents
}

/** Where the ledger and the lines differ, in key order (domain: what an export holds). */
export function sageDifferences(
  lines: readonly LineItem[],
  position: readonly LedgerRow[],
): SageDifference[] {
  const standing = new Map<CodeKey, LineItem>(lines.map((line) => [lineKey(line), line]))
  const held = new Map<CodeKey, LedgerRow>(position.map((row) => [keyOf(row.code), row]))
  return [...stillDue(lines, position)]
    .filter(([, due]) => due !== 0)
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, due]) => ({
      code: codeOfKey(key),
      line: standing.get(key),
      held: held.get(key) ?? nothing,
      due,
    }))
}

/** Sums in cents: what Sage holds, and what the budget says. */
export interface SageTotals {
  readonly held: Amounts
  readonly revised: Cents
}

/** Sums over all lines and all that Sage holds, those on which both agree included. */
export const sageTotals = (lines: readonly LineItem[], position: readonly LedgerRow[]): SageTotals => ({
  held: {
    original: sum(position.map(({ original }) => original)),
    changes: sum(position.map(({ changes }) => changes)),
  },
  revised: sum(lines.map(revisedEstimate)),
})

/** The same per division, sub job or cost type of either side. */
export function sageTotalsBy(
  group: LineGroup,
  lines: readonly LineItem[],
  position: readonly LedgerRow[],
): (SageTotals & { readonly name: string })[] {
  const standing = new Map(groupsOf(group, lines))
  const held = new Map(groupsOf(group, position))
  return [...new Set([...standing.keys(), ...held.keys()])]
    .toSorted(compareKeys)
    .map((name) => ({ name, ...sageTotals(standing.get(name) ?? [], held.get(name) ?? []) }))
}

import * as z from 'zod'
import { type BudgetCode, codeOfKey, compareKeys } from '../../shared/domain/budget-code.ts'
import { fieldChanges } from '../../shared/domain/difference.ts'
import { type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import type { BudgetStore, HistoryRow, Json } from '../../shared/store/budget-store.ts'
import { codeShown } from './as-shown.ts'

/** One field that a history row says was altered. */
export interface ToldChange {
  /** Of which line; undefined where the field is the project's or a budget change's own. */
  readonly code?: BudgetCode
  readonly field: string
  readonly old_value: Json
  readonly new_value: Json
}

const Manifests = z.object({ from: Sha256, to: Sha256 })
const Sides = z.object({ before: z.json(), after: z.json() })

/** The fields of what a history row is about (`before` and `after` of its detail) that it says were altered. */
export function* ownChanges({ detail }: Pick<HistoryRow, 'detail'>): Generator<ToldChange> {
  const sides = Sides.safeParse(detail)
  if (sides.success) yield* leaves('', sides.data.before, sides.data.after)
}

/**
 * Every field-level change of a history row: first its own, then those of lines. The lines are not in the row: it holds
 * the hashes of the two sets, which are kept for good.
 */
export async function toldChanges(
  store: BudgetStore,
  key: ProjectKey,
  row: Pick<HistoryRow, 'detail'>,
): Promise<Iterable<ToldChange>> {
  const manifests = Manifests.safeParse(row.detail)
  const differences = manifests.success
    ? await store.differences(key, manifests.data.from, manifests.data.to)
    : []
  return (function* changes() {
    yield* ownChanges(row)
    for (const difference of differences) {
      const code = codeOfKey(difference.key)
      for (const change of fieldChanges(difference)) yield { code, ...change }
    }
  })()
}

/** The values that differ, each under its path: `settings.one_sided_changes`, `adjustment_line_items.0.amount`. */
function* leaves(path: string, before: Json, after: Json): Generator<ToldChange> {
  const [was, is] = [membersOf(before), membersOf(after)]
  if (was ?? is)
    for (const name of new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]))
      yield* leaves(path === '' ? name : `${path}.${name}`, was?.[name] ?? null, is?.[name] ?? null)
  else if (before !== after) yield { field: path, old_value: before, new_value: after }
}

/**
 * Members by name, those of a list by their places. Sorted: the database gives members of an object in another order
 * each time, and a page goes on where the one before ended.
 */
function membersOf(value: Json): Readonly<Record<string, Json>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const members: [string, Json][] = Object.entries(value)
  return Object.fromEntries(
    Array.isArray(value) ? members : members.toSorted(([a], [b]) => compareKeys(a, b)),
  )
}

export const toldChangeShown = ({ code, ...change }: ToldChange) => ({
  ...(code ? codeShown(code) : { budget_code: null }),
  ...change,
})

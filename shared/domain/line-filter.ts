import * as z from 'zod'
import { type BudgetCode, compareKeys, divisionOf } from './budget-code.ts'
import { type LineItem, type Totals, totalsOf } from './line-item.ts'

/** Which lines of a budget are meant: those that agree in every part named. An empty `sub_job` means lines without one. */
export const LineFilter = z.strictObject({
  division: z.string().max(100).optional(),
  sub_job: z.string().max(100).optional(),
  cost_code: z.string().max(100).optional(),
  cost_type: z.string().max(100).optional(),
})
export type LineFilter = z.infer<typeof LineFilter>

/** What lines can be added up by. */
export const LineGroup = z.enum(['division', 'sub_job', 'cost_type'])
export type LineGroup = z.infer<typeof LineGroup>

interface Coded {
  readonly code: BudgetCode
}

const partsOf = ({ code }: Coded) => ({ ...code, division: divisionOf(code.cost_code) })

export function filtered(lines: readonly LineItem[], filter: LineFilter): readonly LineItem[] {
  const wanted = LineFilter.keyof().options.filter((part) => filter[part] !== undefined)
  return lines.filter((line) => {
    const parts = partsOf(line)
    return wanted.every((part) => parts[part] === filter[part]?.trim())
  })
}

/** What has the same division, sub job or cost type, in the order of their names. */
export const groupsOf = <T extends Coded>(
  group: LineGroup,
  items: readonly T[],
): (readonly [name: string, of: readonly T[]])[] =>
  [...Map.groupBy(items, (item) => partsOf(item)[group])].toSorted(([a], [b]) => compareKeys(a, b))

/** Totals in cents per division, sub job or cost type, in the order of their names. */
export const subtotalsBy = (
  group: LineGroup,
  lines: readonly LineItem[],
): (Totals & { readonly name: string })[] =>
  groupsOf(group, lines).map(([name, of]) => ({ name, ...totalsOf(of) }))

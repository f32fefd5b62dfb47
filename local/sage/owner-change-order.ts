import { type Cents, sumOf } from './amounts.ts'
import type { CompanyTables } from './company-tables.ts'
import { enterByHand } from './new-entries.ts'
import { type Posting, postEntries } from './post-entries.ts'

export interface OwnerChangeOrder {
  readonly job: string
  readonly number: string
  readonly date: string
  readonly operator?: string
  readonly lines: readonly {
    readonly extra?: string
    readonly costCode: string
    readonly category: string
    readonly amount: Cents
  }[]
}

/**
 * An owner change order as a sync or Project Management leaves it in Job Cost: per line an approved estimate change
 * and an approved scheduled value (sage-connector.md 6, AG-PCCO), posted at once. Only the first moves an estimate.
 * @throws {SageRefusal} as a hand entry does, and NOTHING_TO_POST without lines
 */
export function postOwnerChangeOrder(tables: CompanyTables, order: OwnerChangeOrder, at: Date): Posting {
  const { job, date, number, operator = 'PROJECT MGMT' } = order
  const ids = order.lines.flatMap((line) => {
    const entry = { ...line, job, date, operator, changeOrder: number }
    return [
      enterByHand(tables, { ...entry, kind: 'approved_estimate_change' }),
      enterByHand(tables, { ...entry, kind: 'approved_scheduled_value_change' }),
    ]
  })
  const posting = postEntries(tables, { ids }, at)
  return { ...posting, total: sumOf(order.lines.map(({ amount }) => amount)) }
}

import * as fc from 'fast-check'
import { budgetCode, keyOf } from '../../shared/domain/budget-code.ts'
import { type Cents, cents, noCents } from '../../shared/domain/cents.ts'
import type { ExportEntry } from '../../shared/domain/export.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'

// What the trade has: sectioned codes with three delimiters, few sub jobs, few cost types, so that keys meet again.

export const drawnCode = fc
  .tuple(
    fc.constantFrom('', '', '001', 'SITE'),
    fc.constantFrom('03-3000', '03-3100', '09-9000', '31.2000', '31/2000', '01-10-20'),
    fc.constantFrom('L', 'M', 'S', 'EQ', 'OVH'),
  )
  .map(([sub_job, cost_code, cost_type]) => budgetCode(sub_job, cost_code, cost_type))

/** Small amounts, zero, and both ends of what an entry may carry once two of them are added. */
export const drawnCents = fc
  .oneof(
    fc.integer({ min: -5_000, max: 5_000 }),
    fc.constantFrom(0, 1, -1, 4_999_999_999, -4_999_999_999),
    fc.integer({ min: -4_999_999_999, max: 4_999_999_999 }),
  )
  .map(cents)

export const line = (code: LineItem['code'], original: Cents, changes: Cents = noCents): LineItem => ({
  code,
  description: 'Line of the estimate',
  calculation_strategy: 'manual',
  quantity: null,
  uom: '',
  unit_cost: null,
  original,
  changes,
})

export const drawnLines = fc.uniqueArray(
  fc
    .record({ code: drawnCode, original: drawnCents, changes: drawnCents })
    .map(({ code, original, changes }) => line(code, original, changes)),
  { selector: ({ code }) => keyOf(code), maxLength: 25 },
)

export const drawnEntries = fc.uniqueArray(
  fc.record({ code: drawnCode, cents: drawnCents.filter((amount) => amount !== 0) }),
  { selector: ({ code }) => keyOf(code), maxLength: 25 },
) satisfies fc.Arbitrary<ExportEntry[]>

import * as z from 'zod'
import { BudgetCode } from './budget-code.ts'
import { Cents } from './cents.ts'
import { Actor, Instant } from './ids.ts'

export const ChangeStatus = z.enum(['draft', 'under_review', 'approved', 'void'])
export type ChangeStatus = z.infer<typeof ChangeStatus>

export const AdjustmentLine = z.strictObject({ code: BudgetCode, amount: Cents, comment: z.string() })
export type AdjustmentLine = z.infer<typeof AdjustmentLine>

/** A budget change: signed adjustments; a transfer nets to zero. */
export const BudgetChange = z.strictObject({
  number: z.int(),
  title: z.string(),
  description: z.string(),
  status: ChangeStatus,
  lines: z.array(AdjustmentLine),
  /** True for the change that an import from Sage makes; it is in the ledger always. */
  from_sage: z.boolean(),
  /** Present while approved: the number of the first version that holds it approved; every later one does too. */
  approved_in: z.int().optional(),
  created_by: Actor,
  created_at: Instant,
  updated_by: Actor,
  updated_at: Instant,
})
export type BudgetChange = z.infer<typeof BudgetChange>

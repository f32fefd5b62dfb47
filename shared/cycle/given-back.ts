import type { NextHead } from '../store/budget-store.ts'
import type { Standing } from './carry-out.ts'

/** The head of a budget that goes back to the project: rejected, unlocked, its cycle ended. */
export const givenBack = ({ head, at }: Pick<Standing, 'head' | 'at'>): NextHead => ({
  ...head,
  erp: 'rejected',
  erp_since: at,
  edit: 'unlocked',
  execution: undefined,
})

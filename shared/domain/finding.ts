import * as z from 'zod'
import { BudgetCode, showCode } from './budget-code.ts'

/** What the pre-check can find (domain: pre-check over lines and over the entries that an export would hold). */
export const FindingCode = z.enum([
  'JOB_NOT_LINKED',
  'JOB_NOT_IN_SAGE',
  'JOB_CLOSED',
  'ORIGINAL_FINALIZED',
  'SAGE_HAS_ESTIMATE',
  'MASTER_DATA_MISSING',
  'MASTER_DATA_OLD',
  'COST_CODE_NOT_IN_SAGE',
  'COST_CODE_CLOSED',
  'GROUP_COST_CODE',
  'CATEGORY_NOT_STANDARD',
  'EXTRA_NOT_IN_SAGE',
  'CODE_TOO_LONG',
  'CODE_FORMAT',
  'DIVISION_CODE_NOT_ALLOWED',
  'DESCRIPTION_CUT',
  'TEXT_NOT_REPRESENTABLE',
  'AMOUNT_RANGE',
  'DUPLICATE_BUDGET_CODE',
  'NEGATIVE_REVISED_ESTIMATE',
  'NOTHING_TO_EXPORT',
  'EARLIER_EXPORT_NOT_SETTLED',
  'DRIFT_NOT_ACKNOWLEDGED',
  'NO_ELIGIBLE_APPROVER',
  'DATE_NOT_ALLOWED',
])
export type FindingCode = z.infer<typeof FindingCode>

/** `error` stops a send; `warning` does not. */
export const Severity = z.enum(['error', 'warning'])
export type Severity = z.infer<typeof Severity>

export const Finding = z.strictObject({
  code: FindingCode,
  severity: Severity,
  budget_code: BudgetCode.optional(),
  sentence: z.string(),
  what_to_do: z.string(),
})
export type Finding = z.infer<typeof Finding>

export const stops = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.severity === 'error')

/** The errors among what is kept with a refused command, each as `03-3000.S: what was found. What to do.` */
export const errorsInWords = (kept: readonly unknown[] = []): string[] =>
  kept.flatMap((each) => {
    const { success, data } = Finding.safeParse(each)
    if (!success || data.severity !== 'error') return []
    const { budget_code, sentence, what_to_do } = data
    return [`${budget_code === undefined ? '' : `${showCode(budget_code)}: `}${sentence} ${what_to_do}`]
  })

import * as z from 'zod'

/**
 * The triple that identifies a line: sub job (Sage: extra, may be empty), cost code, cost type (Sage: category).
 * Parts are compared trimmed, as Sage shows them, and kept trimmed.
 */
export const BudgetCode = z.strictObject({
  sub_job: z.string(),
  cost_code: z.string(),
  cost_type: z.string(),
})
export type BudgetCode = z.infer<typeof BudgetCode>

/** Sorts and compares as one string; never shown and never taken apart by anything but `codeOfKey`. */
export const CodeKey = z.string().brand('CodeKey')
export type CodeKey = z.infer<typeof CodeKey>

const separator = '\u001f'

export const budgetCode = (sub_job: string, cost_code: string, cost_type: string): BudgetCode => ({
  sub_job: sub_job.trim(),
  cost_code: cost_code.trim(),
  cost_type: cost_type.trim(),
})

export const keyOf = (code: BudgetCode): CodeKey =>
  CodeKey.parse(`${code.sub_job}${separator}${code.cost_code}${separator}${code.cost_type}`)

export function codeOfKey(key: CodeKey): BudgetCode {
  const [sub_job = '', cost_code = '', cost_type = ''] = key.split(separator)
  return { sub_job, cost_code, cost_type }
}

export const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `SITE.03-3000.L` or `03-3000.L`: for display only, never parsed. */
export const showCode = (code: BudgetCode): string =>
  [code.sub_job, code.cost_code, code.cost_type].filter((part) => part !== '').join('.')

/** The first section of a cost code names the division: `03` of `03-3000`. Delimiters are `-` `.` `/`. */
export const divisionOf = (costCode: string): string => costCode.split(/[-./]/, 1)[0] ?? costCode

import { showCents } from '../cents.ts'
import type { Finding } from '../finding.ts'
import { revisedEstimate } from '../line-item.ts'
import { sageLimits } from '../sage-company.ts'
import { entriesOf, type PrecheckInput } from './input.ts'

/** Findings about amounts: what Sage's field holds, and estimates below zero. */
export function amountFindings({ lines, parts, sage }: PrecheckInput): Finding[] {
  const limit = (sage?.limits ?? sageLimits).amount
  const findings: Finding[] = []
  for (const { code, cents } of entriesOf(parts)) {
    if (Math.abs(cents) <= limit) continue
    findings.push({
      code: 'AMOUNT_RANGE',
      severity: 'error',
      budget_code: code,
      sentence: `The export would carry ${showCents(cents)}; one entry holds at most ${showCents(limit)} either way.`,
      what_to_do: 'Spread the amount over several budget codes.',
    })
  }
  for (const line of lines) {
    const revised = revisedEstimate(line)
    if (revised >= 0) continue
    findings.push({
      code: 'NEGATIVE_REVISED_ESTIMATE',
      severity: 'warning',
      budget_code: line.code,
      sentence: `The revised estimate is below zero: ${showCents(revised)}.`,
      what_to_do:
        line.changes === 0
          ? 'Check the original amount of this line.'
          : 'Check the original amount of this line and the budget changes on it.',
    })
  }
  return findings
}

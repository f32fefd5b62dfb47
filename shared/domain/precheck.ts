import { compareKeys, keyOf } from './budget-code.ts'
import { type Finding, FindingCode } from './finding.ts'
import { amountFindings } from './precheck/amounts.ts'
import { type Checked, checkedCodes, codeFindings, listFindings } from './precheck/codes.ts'
import type { PrecheckInput } from './precheck/input.ts'
import { jobFindings, jobNotLinked } from './precheck/job.ts'
import { masterDataFindings } from './precheck/master-data.ts'
import { dateFindings, sendingFindings } from './precheck/sending.ts'
import { textFindings } from './precheck/texts.ts'

export type { PrecheckInput } from './precheck/input.ts'

/**
 * Checks lines and the entries that the export would hold (domain: pre-check). Any time, at send, and again when the
 * export is prepared. All findings are returned: errors first, then by code, then by budget code; callers cap lists.
 */
export function precheck(input: PrecheckInput): Finding[] {
  const codes = checkedCodes(input)
  const findings = [
    ...sendingFindings(input),
    ...codeFindings(input, codes),
    ...amountFindings(input),
    ...sageFindings(input, codes),
  ]
  return inOrder(findings)
}

/** What can be checked only against the linked Sage company. */
function sageFindings(input: PrecheckInput, codes: readonly Checked[]): Finding[] {
  const { project, sage } = input
  if (project?.job === undefined || sage === undefined) return [jobNotLinked(project?.job !== undefined)]
  const linked = { ...input, project, sage, job: project.job.number }
  return [
    ...jobFindings(linked),
    ...masterDataFindings(linked),
    ...listFindings(linked, codes),
    ...textFindings(linked),
    ...dateFindings(linked),
  ]
}

const rankOf = new Map(FindingCode.options.map((code, rank) => [code, rank]))

function inOrder(findings: readonly Finding[]): Finding[] {
  const ranked = findings.map((finding) => ({
    finding,
    rank: (finding.severity === 'error' ? 0 : 1_000) + (rankOf.get(finding.code) ?? 0),
    key: finding.budget_code === undefined ? '' : keyOf(finding.budget_code),
  }))
  return ranked.toSorted((a, b) => a.rank - b.rank || compareKeys(a.key, b.key)).map(({ finding }) => finding)
}

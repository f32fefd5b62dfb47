import { showCode } from '../budget-code.ts'
import { showCents } from '../cents.ts'
import { entryDateAllowed, entryDateWindow } from '../entry-date.ts'
import type { Observation } from '../export.ts'
import type { Finding } from '../finding.ts'
import type { LinkedInput, PrecheckInput } from './input.ts'

/**
 * Findings about the sending itself: something to send, nothing on its way, nothing changed in Sage meanwhile.
 * Whether somebody may accept hangs on the policy: see `noEligibleApprover`.
 */
export function sendingFindings({ head, parts, drift }: PrecheckInput): Finding[] {
  const findings: Finding[] = []
  if (parts.length === 0)
    findings.push({
      code: 'NOTHING_TO_EXPORT',
      severity: 'error',
      sentence: 'Sage holds every amount of this budget already, or no line carries an amount.',
      what_to_do: 'Change the budget first; there is nothing to send.',
    })
  if (head.open_export !== undefined)
    findings.push({
      code: 'EARLIER_EXPORT_NOT_SETTLED',
      severity: 'error',
      sentence: `Export ${String(head.open_export)} is still with accounting.`,
      what_to_do: 'Have accounting post it in Sage and confirm, or close it with an outcome per entry.',
    })
  return [...findings, ...(drift === undefined ? [] : driftFindings(drift))]
}

function driftFindings({ sentence, what_to_do, keys }: Observation): Finding[] {
  const drift = { code: 'DRIFT_NOT_ACKNOWLEDGED', severity: 'error', what_to_do } as const
  const moved = keys.filter(
    ({ original_moved, changes_moved }) => original_moved !== 0 || changes_moved !== 0,
  )
  if (moved.length === 0) return [{ ...drift, sentence }]
  return moved.map(({ code, expected, original_moved, changes_moved }) => ({
    ...drift,
    budget_code: code,
    sentence:
      `Sage holds something else for ${showCode(code)} than is known here: original estimate changed by ` +
      `${showCents(original_moved)}, approved changes by ${showCents(changes_moved)}` +
      (expected === 0 ? '.' : `, where ${showCents(expected)} was sent.`),
  }))
}

/** The date that the entries would carry, against the company's open window. */
export function dateFindings({ sage, entryDate, now }: LinkedInput): Finding[] {
  if (entryDate === undefined || entryDateAllowed(sage, entryDate, now)) return []
  const { from, until } = entryDateWindow(sage, now)
  return [
    {
      code: 'DATE_NOT_ALLOWED',
      severity: 'error',
      sentence: `${entryDate} is outside the dates open for entries, ${from} to ${until}.`,
      what_to_do: 'Choose a date in this window, or have a company administrator widen it.',
    },
  ]
}

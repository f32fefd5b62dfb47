import { showCents, sum } from '../cents.ts'
import type { Finding } from '../finding.ts'
import { firstExport, joinRows, negative, openingPosition } from '../ledger.ts'
import { newInSage } from '../new-in-sage.ts'
import { codeFaults } from '../sage-codes.ts'
import type { JobTotals, MasterData, SageTotal } from '../sage-company.ts'
import type { LinkedInput } from './input.ts'

export const jobNotLinked = (linked: boolean): Finding => ({
  code: 'JOB_NOT_LINKED',
  severity: 'error',
  sentence: linked
    ? 'The project names a Sage company that is not set up.'
    : 'The project is not linked to a job in Sage.',
  what_to_do: linked
    ? 'Ask a company administrator to set up the Sage company.'
    : 'Choose the Sage company and the job number in the project settings.',
})

/** Findings about the job itself: its number, its record in Sage, and an estimate that stands there already. */
export function jobFindings(input: LinkedInput): Finding[] {
  const { sage, job, master, jobTotals, acknowledged = [] } = input
  const shape = codeFaults('job', job, sage.limits, sage.job_mask).map(({ code, sentence }): Finding => ({
    code,
    severity: 'error',
    sentence,
    what_to_do: 'Correct the job number in the project settings, as Sage shows it.',
  }))
  const first = firstExport(input.position)
  return [
    ...shape,
    ...(master === undefined ? [] : jobRecord(input, master)),
    ...(first && jobTotals !== undefined ? estimateInSage(job, jobTotals, acknowledged) : []),
  ]
}

function jobRecord(input: LinkedInput, master: MasterData): Finding[] {
  const { job } = input
  const record = master.jobs.find((row) => row.job === job)
  if (record === undefined) return [jobNotInSage(input, master)]
  const findings: Finding[] = []
  if (record.closed)
    findings.push({
      code: 'JOB_CLOSED',
      severity: 'error',
      sentence: `Job ${job} is closed in Sage.`,
      what_to_do: 'Have accounting open the job in Sage, then update the lists from Sage.',
    })
  const original = input.parts.some(({ mode }) => mode === 'original_estimate')
  if (original && record.original_finalized)
    findings.push({
      code: 'ORIGINAL_FINALIZED',
      severity: 'error',
      sentence: `The original estimate of job ${job} is finalized in Sage, which takes no further one.`,
      what_to_do: 'Import the budget from Sage, or have accounting lift the mark in Sage.',
    })
  return findings
}

function jobNotInSage({ sage, job, position, parts }: LinkedInput, master: MasterData): Finding {
  if (newInSage({ sage, master, job, position, parts }).job)
    return {
      code: 'JOB_NOT_IN_SAGE',
      severity: 'warning',
      sentence: `Job ${job} is not in Sage; the import would create it.`,
      what_to_do: 'Check the number. The approver confirms the new job with a tick.',
    }
  return {
    code: 'JOB_NOT_IN_SAGE',
    severity: 'error',
    sentence: `Job ${job} is not in the list of jobs read from Sage.`,
    what_to_do: 'Correct the job number, or have accounting set the job up and update the lists from Sage.',
  }
}

function estimateInSage(job: string, { totals }: JobTotals, acknowledged: readonly SageTotal[]): Finding[] {
  const standing = joinRows(openingPosition(totals), openingPosition(acknowledged).map(negative)).filter(
    ({ original, changes }) => original !== 0 || changes !== 0,
  )
  if (standing.length === 0) return []
  const original = showCents(sum(standing.map((total) => total.original)))
  const changes = showCents(sum(standing.map((total) => total.changes)))
  return [
    {
      code: 'SAGE_HAS_ESTIMATE',
      severity: 'error',
      sentence:
        `Job ${job} has an estimate in Sage already: original ${original}, approved changes ${changes}, ` +
        `on ${String(standing.length)} codes.`,
      what_to_do: 'Import the budget from Sage, or have accounting clear the estimate in Sage.',
    },
  ]
}

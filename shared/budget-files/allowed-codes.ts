import type { Project } from '../domain/budget-head.ts'
import type { MasterData } from '../domain/sage-company.ts'
import { shownNotRun } from './spreadsheet-text.ts'

interface AllowedCode {
  readonly code: string
  readonly description: string
}

/** The codes that a project's lines may have, as Sage has them, and a note on where they come from. */
export interface AllowedCodes {
  readonly cost_codes: readonly AllowedCode[]
  readonly cost_types: readonly AllowedCode[]
  readonly sub_jobs: readonly AllowedCode[]
  readonly note: string
}

const none = { cost_codes: [], cost_types: [], sub_jobs: [] }

const allowed = (code: string, description: string): AllowedCode => ({
  code: shownNotRun(code),
  description: shownNotRun(description),
})

/** What the template of a project offers: open codes that carry amounts, the categories, and the job's own extras. */
export function allowedCodes(job: Project['job'], data: MasterData | undefined): AllowedCodes {
  if (!job) return { ...none, note: 'No codes: the project is not linked to a Sage job yet.' }
  if (!data) return { ...none, note: 'No codes: nothing was read from Sage yet.' }
  const open = data.cost_codes.filter(({ group, closed }) => !group && !closed)
  const extras = data.extras.filter((extra) => extra.job === job.number && !extra.closed)
  return {
    cost_codes: open.map(({ cost_code, description }) => allowed(cost_code, description)),
    cost_types: data.categories.map(({ category, description }) => allowed(category, description)),
    sub_jobs: extras.map(({ extra, description }) => allowed(extra, description)),
    note: `Codes of Sage job ${job.number} as of ${data.as_of}. To look up; what is written here is not imported.`,
  }
}

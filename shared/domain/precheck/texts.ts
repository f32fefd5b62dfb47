import type { BudgetCode } from '../budget-code.ts'
import type { Finding } from '../finding.ts'
import { newInSage } from '../new-in-sage.ts'
import { descriptionForSage } from '../sage-text.ts'
import { entriesOf, type LinkedInput } from './input.ts'

/** A description that stands in the export's files. */
interface Description {
  readonly of: string
  readonly text: string
  readonly budget_code?: BudgetCode
}

/** Findings about the descriptions the files would carry: cost codes', a new job's. A new extra carries its code. */
export function textFindings(input: LinkedInput): Finding[] {
  return descriptions(input).flatMap((description) =>
    descriptionFindings(description, input.sage.limits.description),
  )
}

function descriptions(input: LinkedInput): Description[] {
  const { master, project, job, parts } = input
  if (master === undefined) return []
  const codes = new Map(entriesOf(parts).map(({ code }) => [code.cost_code, code]))
  const costCodes = master.cost_codes.flatMap(({ cost_code, description }): Description[] => {
    const budget_code = codes.get(cost_code)
    return budget_code === undefined ? [] : [{ of: `cost code ${cost_code}`, text: description, budget_code }]
  })
  const created = newInSage({ ...input, master })
  const newJob = created.job ? [{ of: `job ${job}`, text: project.name }] : []
  return [...newJob, ...costCodes]
}

function descriptionFindings({ of, text, budget_code }: Description, limit: number): Finding[] {
  const sent = descriptionForSage(text, limit)
  const place = budget_code === undefined ? {} : { budget_code }
  const findings: Finding[] = []
  if (sent.changed)
    findings.push({
      code: 'TEXT_NOT_REPRESENTABLE',
      severity: 'warning',
      ...place,
      sentence: `The description of ${of} holds signs that Sage's import file cannot carry. It is sent as: ${sent.text}`,
      what_to_do: 'Nothing, if the text may stand like this; else correct the description.',
    })
  if (sent.cut)
    findings.push({
      code: 'DESCRIPTION_CUT',
      severity: 'warning',
      ...place,
      sentence: `The description of ${of} has more than ${String(limit)} characters. It is sent as: ${sent.text}`,
      what_to_do: 'Nothing, if the short text will do; else shorten the description.',
    })
  return findings
}

import { type BudgetCode, type CodeKey, keyOf } from '../budget-code.ts'
import type { Finding, FindingCode, Severity } from '../finding.ts'
import type { LineItem } from '../line-item.ts'
import { codeFaults, type CodeKind, isDivisionCode } from '../sage-codes.ts'
import { type MasterData, type SageLimits, sageLimits } from '../sage-company.ts'
import { entriesOf, type LinkedInput, type PrecheckInput } from './input.ts'

/** A budget code of the lines, of the entries, or of both. */
export interface Checked {
  readonly code: BudgetCode
  /** Stands in the export. */
  readonly moved: boolean
  /** Stands in the ledger, so Sage took it once. */
  readonly taken: boolean
  /** Carries an amount, in the budget or in the export. */
  readonly amount: boolean
}

export function checkedCodes({ lines, position, parts }: PrecheckInput): readonly Checked[] {
  const codes = new Map<CodeKey, { -readonly [Fact in keyof Checked]: Checked[Fact] }>()
  for (const { code, original, changes } of lines) {
    const amount = original !== 0 || changes !== 0
    const known = codes.get(keyOf(code))
    if (known) known.amount ||= amount
    else codes.set(keyOf(code), { code, moved: false, taken: false, amount })
  }
  for (const { code } of entriesOf(parts))
    codes.set(keyOf(code), { code, moved: true, taken: false, amount: true })
  for (const { code } of position) {
    const known = codes.get(keyOf(code))
    if (known) known.taken = true
  }
  return [...codes.values()]
}

/** Findings about budget codes as such: shape, divisions, and a code that stands twice. */
export function codeFindings(input: PrecheckInput, codes: readonly Checked[]): Finding[] {
  const { sage } = input
  const limits = sage?.limits ?? sageLimits
  const findings = duplicates(input.lines)
  for (const checked of codes) {
    const { code, amount } = checked
    findings.push(...shapeFindings(checked, limits, sage?.cost_code_mask))
    if (amount && isDivisionCode(code.cost_code, sage?.cost_code_mask))
      findings.push({
        code: 'DIVISION_CODE_NOT_ALLOWED',
        severity: severityOf(checked),
        budget_code: code,
        sentence: `Cost code ${code.cost_code} is a division and carries no amounts.`,
        what_to_do: 'Move the amount to a cost code of this division.',
      })
  }
  return findings
}

function shapeFindings(checked: Checked, limits: SageLimits, mask: string | undefined): Finding[] {
  const { code } = checked
  const faults = (['sub_job', 'cost_code', 'cost_type'] as const satisfies readonly CodeKind[]).flatMap(
    (kind) => codeFaults(kind, code[kind], limits, kind === 'cost_code' ? mask : undefined),
  )
  return faults.map((fault) => ({
    code: fault.code,
    severity: severityOf(checked),
    budget_code: code,
    sentence: fault.sentence,
    what_to_do: 'Use the code as Sage shows it.',
  }))
}

function duplicates(lines: readonly LineItem[]): Finding[] {
  const count = new Map<CodeKey, number>()
  return lines.flatMap(({ code }): Finding[] => {
    const key = keyOf(code)
    const seen = (count.get(key) ?? 0) + 1
    count.set(key, seen)
    if (seen !== 2) return []
    return [
      {
        code: 'DUPLICATE_BUDGET_CODE',
        severity: 'error',
        budget_code: code,
        sentence: 'Two lines have this budget code.',
        what_to_do: 'Put their amounts together on one line, or give one of them another code.',
      },
    ]
  })
}

/** Findings of the budget codes against the lists read from Sage. */
export function listFindings(input: LinkedInput, codes: readonly Checked[]): Finding[] {
  const { master } = input
  if (master === undefined) return []
  const lists = listsOf(input.job, master)
  return codes.flatMap((checked) => [
    ...costCodeFindings(input, lists, checked),
    ...categoryFindings(lists, checked),
    ...extraFindings(input, lists, checked),
  ])
}

interface Lists {
  readonly costCodes: ReadonlyMap<string, MasterData['cost_codes'][number]>
  readonly categories: ReadonlySet<string>
  readonly extras: ReadonlyMap<string, MasterData['extras'][number]>
}

const listsOf = (job: string, { cost_codes, categories, extras }: MasterData): Lists => ({
  costCodes: new Map(cost_codes.map((row) => [row.cost_code, row])),
  categories: new Set(categories.map(({ category }) => category)),
  extras: new Map(extras.filter((row) => row.job === job).map((row) => [row.extra, row])),
})

/** Stops a send, unless Sage took the code before and this export leaves it alone: nothing is sent for it then. */
const severityOf = ({ moved, taken }: Checked): Severity => (taken && !moved ? 'warning' : 'error')

const finding = (
  code: FindingCode,
  { code: budget_code }: Checked,
  severity: Severity,
  sentence: string,
  what_to_do: string,
): Finding => ({ code, severity, budget_code, sentence, what_to_do })

function costCodeFindings({ sage }: LinkedInput, { costCodes }: Lists, checked: Checked): Finding[] {
  const { cost_code } = checked.code
  const known = costCodes.get(cost_code)
  if (known === undefined) {
    const severity = sage.cost_codes_may_be_created ? 'warning' : severityOf(checked)
    const todo = sage.cost_codes_may_be_created
      ? 'Check the code. The import creates it only with the option that allows cost codes off the standard list.'
      : 'Use a cost code of Sage, or have accounting add this one and update the lists from Sage.'
    const sentence = `Cost code ${cost_code} is not on Sage's list of cost codes.`
    return [finding('COST_CODE_NOT_IN_SAGE', checked, severity, sentence, todo)]
  }
  if (known.group) {
    const sentence = `Cost code ${cost_code} is a group in Sage and takes no amounts.`
    const todo = 'Move the amount to a cost code of this group.'
    return [finding('GROUP_COST_CODE', checked, severityOf(checked), sentence, todo)]
  }
  // A closed code that stays as it is, is how a finished trade looks: nothing to tell.
  if (known.closed && severityOf(checked) === 'error') {
    const sentence = `Cost code ${cost_code} is closed in Sage.`
    const todo = 'Have accounting open it, or leave its amounts as Sage has them.'
    return [finding('COST_CODE_CLOSED', checked, 'error', sentence, todo)]
  }
  return []
}

function categoryFindings({ categories }: Lists, checked: Checked): Finding[] {
  const { cost_type } = checked.code
  if (categories.has(cost_type)) return []
  const sentence = `Cost type ${cost_type} is not a standard category in Sage; it would stop the whole import.`
  const todo = 'Use a standard category, or have accounting add this one and update the lists from Sage.'
  return [finding('CATEGORY_NOT_STANDARD', checked, severityOf(checked), sentence, todo)]
}

function extraFindings({ sage, job }: LinkedInput, { extras }: Lists, checked: Checked): Finding[] {
  const { sub_job } = checked.code
  if (sub_job === '') return []
  const known = extras.get(sub_job)
  if (known?.closed === true && severityOf(checked) === 'error') {
    const sentence = `Extra ${sub_job} of job ${job} is closed in Sage.`
    const todo = 'Have accounting open it, or move the amount to another sub job.'
    return [finding('EXTRA_NOT_IN_SAGE', checked, 'error', sentence, todo)]
  }
  if (known !== undefined) return []
  const severity = sage.extras_may_be_created ? 'warning' : severityOf(checked)
  const sentence = sage.extras_may_be_created
    ? `Sub job ${sub_job} is not an extra of job ${job} in Sage; the import would create it.`
    : `Sub job ${sub_job} is not an extra of job ${job} in Sage.`
  const todo = sage.extras_may_be_created
    ? 'Check the code.'
    : 'Use an extra of Sage, or have accounting set this one up and update the lists from Sage.'
  return [finding('EXTRA_NOT_IN_SAGE', checked, severity, sentence, todo)]
}

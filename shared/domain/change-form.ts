import type { AdjustmentLine } from './budget-change.ts'
import { type CodeKey, keyOf, showCode } from './budget-code.ts'
import type { Project } from './budget-head.ts'
import { cents, formatCents, showCents } from './cents.ts'
import type { LineItem } from './line-item.ts'
import { largestAmount } from './number-text.ts'
import { type FaultyPlace, type Refusal, refusal } from './refusal.ts'

/** What a person writes of a change; the rest is kept by the rules. */
export interface ChangeInput {
  readonly title: string
  readonly description: string
  /** A new change is a draft; a draft may be put under review, and taken back. */
  readonly status: 'draft' | 'under_review'
  readonly lines: readonly AdjustmentLine[]
}

/** Lines that stand now, of the keys in question at least. */
export type LinesAt = ReadonlyMap<CodeKey, LineItem>

const longestTitle = 200
const longestText = 2_000
const mostLines = 1_000 // as many as one batch of line edits
const mostCharacters = 80_000 // of all texts together: a change is one stored item of at most 400 KB

/** What is wrong with a change as written, or undefined (domain: words, budget change). */
export function checkChange(
  change: Pick<ChangeInput, 'title' | 'description' | 'lines'>,
  project: Pick<Project, 'settings'>,
  lines: LinesAt,
): Refusal | undefined {
  return checkForm(change) ?? checkBalance(change.lines, project) ?? checkLinesExist(change.lines, lines)
}

function checkForm({
  title,
  description,
  lines,
}: Pick<ChangeInput, 'title' | 'description' | 'lines'>): Refusal | undefined {
  const places: FaultyPlace[] = []
  const fault = (pointer: string, code: string, sentence: string): unknown =>
    places.push({ pointer, code, sentence })
  if (title.trim() === '') fault('/title', 'MISSING', 'The title is missing.')
  if (title.length > longestTitle)
    fault('/title', 'TEXT_TOO_LONG', 'The title is longer than 200 characters.')
  if (/[\p{Cc}\p{Cs}]/u.test(title))
    fault(
      '/title',
      'CONTROL_CHARACTER',
      'The title holds a line break or another character that cannot be seen.',
    )
  if (description.length > longestText)
    fault('/description', 'TEXT_TOO_LONG', 'The description is longer than 2,000 characters.')
  if (lines.length === 0) fault('/lines', 'MISSING', 'The change has no adjustment lines.')
  if (lines.length > mostLines)
    fault('/lines', 'TOO_MANY', 'The change has more than 1,000 adjustment lines.')
  if (charactersOf(lines) + title.length + description.length > mostCharacters)
    fault('', 'TEXT_TOO_LONG', 'All texts of the change together are longer than 80,000 characters.')
  for (const [index, { amount, comment }] of lines.entries()) {
    if (Math.abs(amount) > largestAmount)
      fault(
        `/lines/${String(index)}/amount`,
        'OUT_OF_RANGE',
        `The amount lies outside ±${showCents(largestAmount)}.`,
      )
    if (comment.length > longestText)
      fault(
        `/lines/${String(index)}/comment`,
        'TEXT_TOO_LONG',
        'The comment is longer than 2,000 characters.',
      )
  }
  return places.length === 0
    ? undefined
    : refusal('INVALID_INPUT', 'The budget change is not complete.', 'Correct what is named.', { places })
}

const charactersOf = (lines: readonly AdjustmentLine[]): number =>
  lines.reduce((total, { code, comment }) => total + keyOf(code).length + comment.length, 0)

function checkBalance(
  lines: readonly AdjustmentLine[],
  project: Pick<Project, 'settings'>,
): Refusal | undefined {
  const net = cents(lines.reduce((total, { amount }) => total + amount, 0))
  if (net === 0 || project.settings.one_sided_changes) return undefined
  return refusal(
    'CHANGE_NOT_BALANCED',
    `The adjustments sum up to ${formatCents(net)}; in this project a budget change must net to zero.`,
    'Balance the lines, or ask a budget admin to let changes alter the grand total of this project.',
  )
}

function checkLinesExist(lines: readonly AdjustmentLine[], standing: LinesAt): Refusal | undefined {
  const places = lines.flatMap(({ code }, index) =>
    standing.has(keyOf(code))
      ? []
      : [
          {
            pointer: `/lines/${String(index)}`,
            code: 'CHANGE_LINE_MISSING',
            sentence: `The budget has no line ${showCode(code)}.`,
          },
        ],
  )
  return places.length === 0
    ? undefined
    : refusal(
        'CHANGE_LINE_MISSING',
        'The change names lines that are not in the budget.',
        'Add the lines first; while the budget is locked they can be added with amount 0.00.',
        { places },
      )
}

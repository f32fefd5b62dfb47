import { type BudgetCode, budgetCode, type CodeKey, keyOf, showCode } from './budget-code.ts'
import type { BudgetHead } from './budget-head.ts'
import { noCents } from './cents.ts'
import { allowed } from './lifecycle.ts'
import { automaticAmount, type CalculationStrategy, type LineItem } from './line-item.ts'
import { checkFigures, checkTexts } from './line-faults.ts'
import { type NumberFault, readAmount, readScaled4 } from './number-text.ts'
import type { Scaled4 } from './quantity.ts'
import { type FaultyPlace, type Refusal, type RefusalCode, refusal } from './refusal.ts'

/**
 * What is wrong with a line, whoever asks: texts missing, too long or with hidden characters; an automatic amount
 * that is not the product. Pointers are those of the line in the API (`/cost_code`).
 */
export const checkLine = (line: LineItem): FaultyPlace[] => [...checkTexts(line), ...checkFigures(line)]

/**
 * A line as the API and files give it: numbers as text, so that nothing is rounded on the way in. What is left out of a
 * line that stands stays as it is.
 */
export interface LineInput {
  readonly sub_job?: string | undefined
  readonly cost_code: string
  readonly cost_type: string
  readonly description?: string | undefined
  /** Left out of a new line: automatic when quantity and unit cost are both given, otherwise manual. */
  readonly calculation_strategy?: CalculationStrategy | undefined
  readonly quantity?: string | null | undefined
  readonly uom?: string | undefined
  readonly unit_cost?: string | null | undefined
  /** May be left out on a new line that is automatic. */
  readonly original_budget_amount?: string | undefined
}

const isFault = (read: number | NumberFault | null | undefined): read is NumberFault =>
  typeof read === 'object' && read !== null

const readFactor = (text: string | null | undefined): Scaled4 | NumberFault | null =>
  text === null || text === undefined ? null : readScaled4(text)

const saidIn = (input: LineInput): ReadonlySet<string> =>
  new Set(Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field])))

/**
 * What an input or a file says of a line, over the line that stands: budget changes stay, and so does what is not
 * said. How the amount is calculated is said by the strategy, or by both factors; otherwise an automatic line stays
 * one as long as it has both and no other amount is said.
 */
export function laidOver(line: LineItem, before: LineItem, said: ReadonlySet<string>): LineItem {
  const factors = {
    quantity: said.has('quantity') ? line.quantity : before.quantity,
    unit_cost: said.has('unit_cost') ? line.unit_cost : before.unit_cost,
  }
  const typed = said.has('original_budget_amount')
  const told = said.has('calculation_strategy') || (said.has('quantity') && said.has('unit_cost'))
  const product = automaticAmount(factors)
  const stillAutomatic =
    before.calculation_strategy === 'automatic' &&
    factors.quantity !== null &&
    factors.unit_cost !== null &&
    (!typed || product === line.original)
  const calculation_strategy = told ? line.calculation_strategy : stillAutomatic ? 'automatic' : 'manual'
  const calculated = calculation_strategy === 'automatic' ? product : undefined
  return {
    code: line.code,
    description: said.has('description') ? line.description : before.description,
    calculation_strategy,
    ...factors,
    uom: said.has('uom') ? line.uom : before.uom,
    original: typed ? line.original : (calculated ?? before.original),
    changes: before.changes,
  }
}

/**
 * The line that an input describes, or every faulty place in it.
 *
 * @param before the line that stands; what the input leaves out of it stays
 */
export function lineFromInput(input: LineInput, before?: LineItem): LineItem | FaultyPlace[] {
  const texts = {
    code: budgetCode(input.sub_job ?? '', input.cost_code, input.cost_type),
    description: (input.description ?? '').trim(),
    uom: (input.uom ?? '').trim(),
  }
  const quantity = readFactor(input.quantity)
  const unit_cost = readFactor(input.unit_cost)
  const typed =
    input.original_budget_amount === undefined ? undefined : readAmount(input.original_budget_amount)
  if (isFault(quantity) || isFault(unit_cost) || isFault(typed)) {
    const numbers = { quantity, unit_cost, original_budget_amount: typed }
    return [
      ...checkTexts(texts),
      ...Object.entries(numbers).flatMap(([field, read]) =>
        isFault(read) ? [{ pointer: `/${field}`, ...read }] : [],
      ),
    ]
  }
  const factors = { quantity, unit_cost }
  const calculation_strategy =
    input.calculation_strategy ?? (quantity !== null && unit_cost !== null ? 'automatic' : 'manual')
  const product = calculation_strategy === 'automatic' ? automaticAmount(factors) : undefined
  const said = {
    ...texts,
    calculation_strategy,
    ...factors,
    original: typed ?? product ?? noCents,
    changes: noCents,
  }
  const line = before ? laidOver(said, before, saidIn(input)) : said
  const faults = checkLine(line)
  if (typed === undefined && calculation_strategy === 'manual' && !before)
    faults.push({
      pointer: '/original_budget_amount',
      code: 'AMOUNT_MISSING',
      sentence:
        'A line that is not calculated from quantity and unit cost needs its budget amount; write 0.00 for none.',
    })
  return faults.length > 0 ? faults : line
}

/** One edit of a batch; `pointer` says where it stands in what was sent (`/line_items/3`). */
export type LineEdit = (
  | { readonly op: 'upsert'; readonly line: LineItem }
  | { readonly op: 'delete'; readonly code: BudgetCode }
) & { readonly pointer?: string }

interface Problem {
  readonly refusalCode: RefusalCode
  readonly places: readonly FaultyPlace[]
}

const problem = (code: RefusalCode, pointer: string, sentence: string): Problem => ({
  refusalCode: code,
  places: [{ pointer, code, sentence }],
})

export const sameLine = (a: LineItem, b: LineItem): boolean =>
  keyOf(a.code) === keyOf(b.code) &&
  a.description === b.description &&
  a.calculation_strategy === b.calculation_strategy &&
  a.quantity === b.quantity &&
  a.uom === b.uom &&
  a.unit_cost === b.unit_cost &&
  a.original === b.original &&
  a.changes === b.changes

interface Around {
  readonly locked: boolean
  readonly before: LineItem | undefined
  /** Numbers of the budget changes, void ones apart, that touch it. */
  readonly touching: readonly number[]
  readonly pointer: string
}

const noAmount = (line: LineItem): boolean => line.original === 0 && line.changes === 0

const inUse = (name: string, [first, ...others]: readonly number[]): string =>
  others.length === 0
    ? `Budget change ${String(first)} touches ${name}: void it, or empty the line by a transfer.`
    : `Budget changes ${[first, ...others].join(', ')} touch ${name}: void them, or empty the line by a transfer.`

function whyNotDeleted(code: BudgetCode, { locked, before, touching, pointer }: Around): Problem | undefined {
  const name = showCode(code)
  if (!before) return problem('NOT_FOUND', pointer, `There is no line ${name}.`)
  if (touching.length > 0) return problem('LINE_IN_USE', pointer, inUse(name, touching))
  if (locked && !noAmount(before))
    return problem('BUDGET_LOCKED', pointer, `${name} carries an amount; unlock the budget to delete it.`)
  return undefined
}

function whyNotStored(line: LineItem, { locked, before, pointer }: Around): Problem | undefined {
  const name = showCode(line.code)
  const faults = checkLine(line)
  if (faults.length > 0)
    return {
      refusalCode: 'LINE_INVALID',
      places: faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer ?? ''}` })),
    }
  if (locked && before)
    return problem('BUDGET_LOCKED', pointer, `${name} is locked; unlock the budget, or use a budget change.`)
  if (locked && line.original !== 0)
    return problem(
      'BUDGET_LOCKED',
      pointer,
      `While the budget is locked ${name} can be added with amount 0.00 only, then funded by a budget change.`,
    )
  return undefined
}

function refuseEdits(problems: readonly Problem[]): Refusal {
  const codes = new Set(problems.map((found) => found.refusalCode))
  const [only] = codes
  return refusal(
    codes.size === 1 && only !== undefined ? only : 'LINE_INVALID',
    problems.length === 1 ? 'One edit cannot be made.' : `${String(problems.length)} edits cannot be made.`,
    'Correct what is named and send all edits again; none of them was stored.',
    { places: problems.flatMap((found) => found.places) },
  )
}

/**
 * A batch of edits over the lines as they stand: all of them or none (domain: lines and changes).
 * Unlocked: lines are stored and deleted. Locked: only zero lines are added and deleted. A line that a budget change
 * touches stays. The `changes` figure is kept: an edit never sets it.
 *
 * @param current the lines that stand now, of the edited keys at least
 * @param changesTouching numbers of the changes, void ones apart, that touch the key
 * @returns what to store per key, null to delete; keys that stay as they are are left out
 */
export function applyEdits(
  head: BudgetHead,
  current: ReadonlyMap<CodeKey, LineItem>,
  edits: readonly LineEdit[],
  changesTouching: (key: CodeKey) => readonly number[],
): ReadonlyMap<CodeKey, LineItem | null> | Refusal {
  const locked = head.edit === 'locked'
  const closed = allowed(head, locked ? 'add_zero_line' : 'edit_lines')
  if (closed) return closed
  const result = new Map<CodeKey, LineItem | null>()
  const seen = new Set<CodeKey>()
  const problems: Problem[] = []
  let total: number = head.original
  for (const [index, edit] of edits.entries()) {
    const code = edit.op === 'upsert' ? edit.line.code : edit.code
    const key = keyOf(code)
    const pointer = edit.pointer ?? `/${String(index)}`
    const before = current.get(key)
    const around = { locked, before, touching: changesTouching(key), pointer }
    const found = seen.has(key)
      ? problem('LINE_INVALID', pointer, `${showCode(code)} is edited twice; edit each line once.`)
      : edit.op === 'upsert'
        ? whyNotStored(edit.line, around)
        : whyNotDeleted(code, around)
    seen.add(key)
    if (found) problems.push(found)
    const after = edit.op === 'upsert' ? { ...edit.line, changes: before?.changes ?? noCents } : null
    total += (after?.original ?? 0) - (before?.original ?? 0)
    if (!after || !before || !sameLine(before, after)) result.set(key, after)
  }
  if (problems.length > 0) return refuseEdits(problems)
  return Number.isSafeInteger(total) ? result : budgetTooLarge
}

const budgetTooLarge = refusal(
  'LINE_INVALID',
  'The sum of all lines would be larger than can be counted in exact cents.',
  'Look for an amount with digits too many.',
)

import type { AdjustmentLine, BudgetChange } from './budget-change.ts'
import { type CodeKey, keyOf } from './budget-code.ts'
import type { BudgetHead, Project } from './budget-head.ts'
import { type Cents, cents } from './cents.ts'
import { type ChangeInput, checkChange, type LinesAt } from './change-form.ts'
import type { Actor, Instant } from './ids.ts'
import { allowed, frozen } from './lifecycle.ts'
import type { LineItem } from './line-item.ts'
import { type Refusal, refusal } from './refusal.ts'

/** Who does it and when. */
export interface Doing {
  readonly by: Actor
  readonly at: Instant
}

interface Writing extends Doing {
  readonly head: BudgetHead
  readonly project: Pick<Project, 'settings'>
  readonly input: ChangeInput
  /** The lines that stand now, of the keys that the change names at least. */
  readonly lines: LinesAt
}

const written = ({ title, description, status, lines }: ChangeInput) => ({
  title: title.trim(),
  description: description.trim(),
  status,
  lines: lines.map(({ code, amount, comment }) => ({ code, amount, comment: comment.trim() })),
})

/** The next change of the budget, numbered `head.last_change + 1`. */
export function newChange({ head, project, input, lines, by, at }: Writing): BudgetChange | Refusal {
  const refused =
    allowed(head, 'make_change') ?? notWhileFrozen(head, input.status) ?? checkChange(input, project, lines)
  if (refused) return refused
  const made = { created_by: by, created_at: at, updated_by: by, updated_at: at }
  return { number: head.last_change + 1, from_sage: false, ...written(input), ...made }
}

/** A draft, or a change under review, written anew; an approved one is reopened first. */
export function editChange({
  head,
  change,
  project,
  input,
  lines,
  by,
  at,
}: Writing & { readonly change: BudgetChange }): BudgetChange | Refusal {
  const refused =
    allowed(head, 'edit_change') ??
    notEditable(change) ??
    notWhileFrozen(head, change.status) ??
    notWhileFrozen(head, input.status) ??
    checkChange(input, project, lines)
  return refused ?? { ...change, ...written(input), updated_by: by, updated_at: at }
}

function notEditable({ number, status }: BudgetChange): Refusal | undefined {
  if (status === 'draft' || status === 'under_review') return undefined
  return refusal(
    'CHANGE_STATUS',
    `Budget change ${String(number)} is ${status}, so it cannot be edited.`,
    status === 'approved' ? 'Reopen it first.' : 'Make a new budget change.',
  )
}

/** In a frozen state only drafts are touched (domain: commands). */
function notWhileFrozen(head: BudgetHead, status: BudgetChange['status']): Refusal | undefined {
  return status === 'draft' || !frozen(head.erp) ? undefined : allowed(head, 'reopen_change')
}

/** A change as a decision leaves it, and what it does to the lines; keys whose figures stay are left out. */
export interface ChangeDone {
  readonly change: BudgetChange
  readonly edits: ReadonlyMap<CodeKey, LineItem>
}

/** Lines with the amounts of adjustments added to their `changes` figure (`sign` -1: taken out again). */
function fold(lines: readonly AdjustmentLine[], sign: 1 | -1, standing: LinesAt): Map<CodeKey, LineItem> {
  const net = new Map<CodeKey, Cents>()
  for (const { code, amount } of lines) {
    const key = keyOf(code)
    net.set(key, cents((net.get(key) ?? 0) + sign * amount))
  }
  const edits = new Map<CodeKey, LineItem>()
  for (const [key, amount] of net) {
    const line = standing.get(key)
    if (line && amount !== 0) edits.set(key, { ...line, changes: cents(line.changes + amount) })
  }
  return edits
}

interface Deciding extends Doing {
  readonly head: BudgetHead
  readonly change: BudgetChange
  /** The lines that stand now, of the keys of the change at least. */
  readonly lines: LinesAt
}

/** Approves a draft or a change under review: its amounts join the lines' changes. */
export function approve({
  head,
  project,
  change,
  lines,
  by,
  at,
}: Deciding & { readonly project: Pick<Project, 'settings'> }): ChangeDone | Refusal {
  const refused =
    allowed(head, 'approve_change') ?? notApprovable(change) ?? checkChange(change, project, lines)
  if (refused) return refused
  return {
    change: {
      ...change,
      status: 'approved',
      approved_in: head.version + 1,
      updated_by: by,
      updated_at: at,
    },
    edits: fold(change.lines, 1, lines),
  }
}

function notApprovable({ number, status }: BudgetChange): Refusal | undefined {
  if (status === 'draft' || status === 'under_review') return undefined
  return refusal(
    'CHANGE_STATUS',
    `Budget change ${String(number)} is ${status} already.`,
    status === 'approved' ? 'There is nothing left to do.' : 'Make a new budget change.',
  )
}

/** Makes an approved change a draft again and takes its amounts out of the lines, while none of them is in the ledger. */
export function reopen({
  head,
  change,
  held,
  lines,
  by,
  at,
}: Deciding & { readonly held: boolean }): ChangeDone | Refusal {
  const refused = allowed(head, 'reopen_change') ?? notApproved(change) ?? notHeld(change, held)
  return refused ?? withdrawn(change, 'draft', lines, { by, at })
}

/** Ends a change for good; an approved one gives its amounts back first, while none of them is in the ledger. */
export function voidChange({
  head,
  change,
  held,
  lines,
  by,
  at,
}: Deciding & { readonly held: boolean }): ChangeDone | Refusal {
  const refused =
    allowed(head, 'void_change') ??
    alreadyVoid(change) ??
    notWhileFrozen(head, change.status) ??
    notHeld(change, held)
  return refused ?? withdrawn(change, 'void', lines, { by, at })
}

/** Changes as an unlock that deletes them leaves them, and what that does to the lines. */
export interface ChangesDeleted {
  readonly changes: readonly BudgetChange[]
  readonly edits: ReadonlyMap<CodeKey, LineItem>
}

/**
 * Voids changes, whatever their status; approved ones give their amounts back. They are kept, void, with their
 * numbers: a change that was approved once stands in versions, and history goes on telling of it.
 */
export function deleteChanges(
  changes: readonly BudgetChange[],
  lines: LinesAt,
  doing: Doing,
): ChangesDeleted {
  const standing = new Map(lines)
  const edits = new Map<CodeKey, LineItem>()
  const deleted = changes.map((change) => {
    const done = withdrawn(change, 'void', standing, doing)
    for (const [key, line] of done.edits) {
      standing.set(key, line)
      edits.set(key, line)
    }
    return done.change
  })
  return { changes: deleted, edits }
}

function withdrawn(
  approved: BudgetChange,
  status: 'draft' | 'void',
  lines: LinesAt,
  { by, at }: Doing,
): ChangeDone {
  const { approved_in: _gone, ...change } = approved
  return {
    change: { ...change, status, updated_by: by, updated_at: at },
    edits: change.status === 'approved' ? fold(change.lines, -1, lines) : new Map(),
  }
}

function notApproved({ number, status }: BudgetChange): Refusal | undefined {
  if (status === 'approved') return undefined
  return refusal(
    'CHANGE_STATUS',
    `Budget change ${String(number)} is not approved, so there is nothing to reopen.`,
    status === 'void' ? 'Make a new budget change.' : 'Edit it as it is.',
  )
}

function alreadyVoid({ number, status }: BudgetChange): Refusal | undefined {
  if (status !== 'void') return undefined
  return refusal(
    'CHANGE_STATUS',
    `Budget change ${String(number)} is void already.`,
    'Make a new one if needed.',
  )
}

function notHeld({ number, from_sage, status }: BudgetChange, held: boolean): Refusal | undefined {
  if (from_sage)
    return refusal(
      'CHANGE_HELD',
      'The change From Sage stands for what Sage held when the budget was imported.',
      'Make another budget change for the difference.',
    )
  if (status !== 'approved' || !held) return undefined
  return refusal(
    'CHANGE_HELD',
    `Amounts of budget change ${String(number)} are in Sage or on their way.`,
    'Make another budget change for the difference; what is in Sage is never taken back.',
  )
}

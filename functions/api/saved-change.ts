import type { BudgetChange } from '../../shared/domain/budget-change.ts'
import { type CodeKey, keyOf, showCode } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import type { EventDetail } from '../../shared/domain/events/domain-event.ts'
import type { ChangeInput } from '../../shared/domain/change-form.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { isRefusal, type Refusal } from '../../shared/domain/refusal.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { notFound } from '../../shared/http/request.ts'
import type { Json } from '../../shared/store/budget-store.ts'
import { changeShown, changeSummary } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'

// The rules call them lines; what was sent calls them by Procore's name.
export function asSent<T>(answer: T | Refusal): T | Refusal {
  if (!isRefusal(answer) || !answer.places) return answer
  const places = answer.places.map((place) =>
    place.pointer === undefined
      ? place
      : { ...place, pointer: place.pointer.replace(/^\/lines/, '/adjustment_line_items') },
  )
  return { ...answer, places }
}

export interface ChangeSaved {
  readonly revision: number
  readonly change: ReturnType<typeof changeShown>
}

export const answered = (status: number, { revision, change }: ChangeSaved): Answer => ({
  status,
  body: change,
  headers: { etag: etag(revision) },
})

/** The lines that a change names, as they stand. */
export const linesOf = async (
  { store }: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  lines: ChangeInput['lines'],
): Promise<ReadonlyMap<CodeKey, LineItem>> =>
  await store.linesAt(
    key,
    head.manifest,
    lines.map(({ code }) => keyOf(code)),
  )

export async function budgetOf({ store }: ApiDependencies, key: ProjectKey, head: BudgetHead | undefined) {
  const project = await store.project(key)
  return head && project ? { head, project } : notFound('project').refusal
}

/** What history keeps of a change: where it stands, and old and new values of every member that differs. */
export function changeTold(
  before: BudgetChange | undefined,
  after: BudgetChange,
): EventDetail<'change_made'> {
  const { number, title, status, net_amount } = changeSummary(after)
  const [was, is] = [before && membersOf(before), membersOf(after)]
  const differs = (name: string): boolean => JSON.stringify(was?.[name]) !== JSON.stringify(is[name])
  const told = (members: ReturnType<typeof membersOf>) =>
    Object.fromEntries(Object.entries(members).filter(([name]) => differs(name)))
  const lines = after.lines.length
  return { number, title, status, net_amount, lines, before: was ? told(was) : null, after: told(is) }
}

const membersOf = (change: BudgetChange): Readonly<Record<string, Json>> => ({
  title: change.title,
  description: change.description,
  status: change.status,
  approved_in_version: change.approved_in ?? null,
  adjustment_line_items: change.lines.map(({ code, amount, comment }) => ({
    budget_code: showCode(code),
    amount: formatCents(amount),
    comment,
  })),
})

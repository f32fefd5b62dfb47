import * as z from 'zod'
import type { BudgetChange } from '../../shared/domain/budget-change.ts'
import type { ChangeInput } from '../../shared/domain/change-form.ts'
import { editChange, newChange } from '../../shared/domain/changes.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching, overtaken } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import { type Page, pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import type { Decided, IdempotencyKey, NextHead } from '../../shared/store/budget-store.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { changeShown, changeSummary } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { withEditor } from './edited-budget.ts'
import { Amount, CodeParts, codeOf, commander, PathNumber, projectKey } from './input.ts'
import { answered, asSent, budgetOf, type ChangeSaved, changeTold, linesOf } from './saved-change.ts'

const Adjustment = z.strictObject({ ...CodeParts.shape, amount: Amount, comment: z.string().default('') })

const NewChange = z.strictObject({
  title: z.string(),
  description: z.string().default(''),
  status: z.enum(['draft', 'under_review']).default('draft'),
  adjustment_line_items: z.array(Adjustment),
})

/** What is left out stays as it is. */
const ChangedChange = z.strictObject({
  title: z.string().optional(),
  description: z.string().optional(),
  status: z.enum(['draft', 'under_review']).optional(),
  adjustment_line_items: z.array(Adjustment).optional(),
})

const adjustments = (items: z.infer<typeof Adjustment>[]): ChangeInput['lines'] =>
  items.map(({ amount, comment, ...code }) => ({ code: codeOf(code), amount, comment }))

async function listChanges({ store }: ApiDependencies, ask: Ask, { limit, cursor }: Page): Promise<Answer> {
  const key = projectKey(ask)
  const [head, changes] = await Promise.all([store.head(key), store.changes(key)])
  if (!head) throw notFound('project')
  const after = cursor === undefined ? 0 : placeOf(cursor, z.int())
  const rest = changes.filter(({ number }) => number > after)
  const { page, next_cursor } = pageOf(rest, limit, ({ number }) => number)
  return ok({ budget_changes: page.map(changeSummary), next_cursor }, { etag: etag(head.revision) })
}

async function showChange({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const key = projectKey(ask)
  const number = segment(ask.event, 'number', PathNumber)
  const [head, change] = await Promise.all([store.head(key), store.change(key, number)])
  if (!head || !change) throw notFound('budget change')
  return ok(changeShown(change), { etag: etag(head.revision) })
}

async function createChange(
  dependencies: ApiDependencies,
  ask: Ask,
  { title, description, status, adjustment_line_items }: z.infer<typeof NewChange>,
): Promise<Answer> {
  const input = { title, description, status, lines: adjustments(adjustment_line_items) }
  const key = projectKey(ask)
  const who = commander(ask)
  const saved = await dependencies.store.decide<ChangeSaved>(
    key,
    async (before) => {
      const budget = await budgetOf(dependencies, key, before)
      if (isRefusal(budget)) return budget
      const { head, project } = budget
      const stale = overtaken(ask.event, head.revision)
      if (stale) return stale
      const lines = await linesOf(dependencies, key, head, input.lines)
      const doing = { by: who.by, at: dependencies.clock.now() }
      const change = asSent(newChange({ head, project, input, lines, ...doing }))
      if (isRefusal(change)) return change
      const next = { ...head, last_change: change.number, revision: head.revision + 1 }
      return await written(
        dependencies,
        ask,
        key,
        next,
        { after: change },
        'change_made',
        who.idempotency,
        201,
      )
    },
    who.idempotency,
  )
  return answered(201, saved)
}

async function changeChange(
  dependencies: ApiDependencies,
  ask: Ask,
  wanted: z.infer<typeof ChangedChange>,
): Promise<Answer> {
  const key = projectKey(ask)
  const number = segment(ask.event, 'number', PathNumber)
  const idempotency = keyGiven(ask.event, ask.caller)
  const saved = await dependencies.store.decide<ChangeSaved>(
    key,
    async (before) => {
      const budget = await budgetOf(dependencies, key, before)
      if (isRefusal(budget)) return budget
      const { head, project } = budget
      const change = await dependencies.store.change(key, number)
      if (!change) return notFound('budget change').refusal
      const stale = notMatching(ask.event, head.revision)
      if (stale) return stale
      const input = withChanges(change, wanted)
      const lines = await linesOf(dependencies, key, head, input.lines)
      const doing = { by: ask.caller.actor, at: dependencies.clock.now() }
      const after = asSent(editChange({ head, change, project, input, lines, ...doing }))
      if (isRefusal(after)) return after
      const next = { ...head, revision: head.revision + 1 }
      return await written(
        dependencies,
        ask,
        key,
        next,
        { before: change, after },
        'change_edited',
        idempotency,
        200,
      )
    },
    idempotency,
  )
  return answered(200, saved)
}

function withChanges(change: BudgetChange, wanted: z.infer<typeof ChangedChange>): ChangeInput {
  const { title, description, status, adjustment_line_items: items } = wanted
  return {
    title: title ?? change.title,
    description: description ?? change.description,
    status: status ?? (change.status === 'under_review' ? 'under_review' : 'draft'),
    lines: items ? adjustments(items) : change.lines,
  }
}

/** A change as a commit, with its author among the editors. */
async function written(
  dependencies: ApiDependencies,
  { caller, request }: Ask,
  key: ProjectKey,
  next: NextHead,
  { before, after }: { readonly before?: BudgetChange; readonly after: BudgetChange },
  event: 'change_made' | 'change_edited',
  idempotency: IdempotencyKey | undefined,
  status: number,
): Promise<Decided<ChangeSaved>> {
  const answer = { revision: next.revision, change: changeShown(after) }
  return {
    answer,
    commit: {
      head: next,
      ...(await withEditor(dependencies, key, next, caller)),
      changes: [after],
      history: [{ event, by: caller.actor, request, detail: changeTold(before, after) }],
      ...keptFor({ idempotency }, answer.change, status),
    },
  }
}

const list = '/projects/{project}/budget_changes'

export const budgetChangeRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: list,
    operation: 'view_budget',
    query: pageQuery(),
    handle: async (ask, { query }) => await listChanges(dependencies, ask, query),
  }),
  route({
    method: 'POST',
    path: list,
    operation: 'make_change',
    body: NewChange,
    handle: async (ask, { body }) => await createChange(dependencies, ask, body),
  }),
  route({
    method: 'GET',
    path: `${list}/{number}`,
    operation: 'view_budget',
    handle: async (ask) => await showChange(dependencies, ask),
  }),
  route({
    method: 'PATCH',
    path: `${list}/{number}`,
    operation: 'edit_change',
    body: ChangedChange,
    handle: async (ask, { body }) => await changeChange(dependencies, ask, body),
  }),
]

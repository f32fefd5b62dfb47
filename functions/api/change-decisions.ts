import { entriesOf } from '../../shared/cycle/export-parts.ts'
import type { BudgetChange } from '../../shared/domain/budget-change.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { type ExportedVersion, heldByLedger, openOrTaken } from '../../shared/domain/change-in-ledger.ts'
import { approve, type ChangeDone, reopen, voidChange } from '../../shared/domain/changes.ts'
import { isPerson, type ProjectKey } from '../../shared/domain/ids.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { notMatching } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import type { Decided, IdempotencyKey } from '../../shared/store/budget-store.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { changeShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { edited } from './edited-budget.ts'
import { commander, PathNumber, projectKey } from './input.ts'
import { answered, asSent, budgetOf, type ChangeSaved, changeTold, linesOf } from './saved-change.ts'

/** What each export since the change was approved holds of ours, still open or taken. */
async function exportsHolding(
  dependencies: ApiDependencies,
  key: ProjectKey,
  { approved_in = 0 }: BudgetChange,
): Promise<ExportedVersion[]> {
  const { store } = dependencies
  const exports = await store.exports(key)
  return await Promise.all(
    exports
      .filter(({ version }) => version >= approved_in)
      .map(async ({ number, version }) => {
        const parts = await store.parts(key, number)
        const live = await Promise.all(
          parts.map(async (part) => openOrTaken(part, await entriesOf(dependencies, key, part))),
        )
        return { version, live: new Set(live.flatMap((keys) => [...keys])) }
      }),
  )
}

const acts = {
  approve: { operation: 'approve_change', event: 'change_approved', does: approve },
  reopen: { operation: 'reopen_change', event: 'change_reopened', does: reopen },
  void: { operation: 'void_change', event: 'change_voided', does: voidChange },
} as const

type Act = keyof typeof acts

async function decideChange(dependencies: ApiDependencies, ask: Ask, act: Act): Promise<Answer> {
  const key = projectKey(ask)
  const number = segment(ask.event, 'number', PathNumber)
  const who = commander(ask)
  const saved = await dependencies.store.decide<ChangeSaved>(
    key,
    async (before) => {
      const budget = await budgetOf(dependencies, key, before)
      if (isRefusal(budget)) return budget
      const change = await dependencies.store.change(key, number)
      if (!change) return notFound('budget change').refusal
      // What is approved, reopened or made void is the change as it was looked at.
      const stale = notMatching(ask.event, budget.head.revision)
      if (stale) return stale
      const lines = await linesOf(dependencies, key, budget.head, change.lines)
      const approved = act !== 'approve' && change.status === 'approved'
      const held = approved && heldByLedger(change, await exportsHolding(dependencies, key, change))
      const doing = { by: who.by, at: dependencies.clock.now() }
      const done = asSent<ChangeDone>(acts[act].does({ ...budget, change, lines, held, ...doing }))
      return isRefusal(done)
        ? done
        : await folded(dependencies, ask, key, budget.head, change, done, act, who.idempotency)
    },
    who.idempotency,
  )
  return answered(200, saved)
}

/** The change with what it does to the lines. */
async function folded(
  dependencies: ApiDependencies,
  { caller, request }: Ask,
  key: ProjectKey,
  head: BudgetHead,
  before: BudgetChange,
  { change, edits }: ChangeDone,
  act: Act,
  idempotency: IdempotencyKey | undefined,
): Promise<Decided<ChangeSaved>> {
  // A draft may be older than the last settlement: approved now, it is the work of those who wrote it.
  const authors = act === 'approve' ? [before.created_by, before.updated_by].filter(isPerson) : []
  const { head: next, ...editors } = await edited(dependencies, key, head, caller, edits, authors)
  const answer = { revision: next.revision, change: changeShown(change) }
  // What it did to the lines is told by the two manifests.
  const detail = { ...changeTold(before, change), from: head.manifest, to: next.manifest }
  return {
    answer,
    commit: {
      head: next,
      ...editors,
      changes: [change],
      history: [{ event: acts[act].event, by: caller.actor, request, detail }],
      ...keptFor({ idempotency }, answer.change, 200),
    },
  }
}

export const changeDecisionRoutes = (dependencies: ApiDependencies): Route[] =>
  (['approve', 'reopen', 'void'] as const).map((act) =>
    route({
      method: 'POST',
      path: `/projects/{project}/budget_changes/{number}/${act}`,
      operation: acts[act].operation,
      handle: async (ask) => await decideChange(dependencies, ask, act),
    }),
  )

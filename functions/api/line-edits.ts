import * as z from 'zod'
import { type BudgetCode, type CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { touchedKeys } from '../../shared/domain/change-in-ledger.ts'
import { CalculationStrategy, type LineItem } from '../../shared/domain/line-item.ts'
import { applyEdits, type LineEdit, lineFromInput } from '../../shared/domain/lines.ts'
import { type FaultyPlace, isRefusal, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { whyMayNot } from '../../shared/http/caller.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound } from '../../shared/http/request.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { statesShown, totalsShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { edited, linesTold } from './edited-budget.ts'
import { CodeParts, codeOf, projectKey } from './input.ts'

const text = z.string().max(4000)

/** A line as it is sent: numbers as text, so that nothing is rounded on the way in. */
const LineInput = z.strictObject({
  ...CodeParts.shape,
  description: text.optional(),
  calculation_strategy: CalculationStrategy.optional(),
  quantity: text.nullish(),
  uom: text.optional(),
  unit_cost: text.nullish(),
  original_budget_amount: text.optional(),
})

// As many as Procore's own batch calls take.
const mostEdits = 1000

const Batch = z
  .strictObject({
    upserts: z.array(LineInput).default([]),
    deletes: z.array(CodeParts).default([]),
  })
  .refine(({ upserts, deletes }) => upserts.length + deletes.length <= mostEdits, {
    error: `A batch holds at most ${String(mostEdits)} upserts and deletes.`,
  })
  .refine(({ upserts, deletes }) => upserts.length + deletes.length > 0, {
    error: 'A batch holds at least one upsert or delete.',
  })

type Batch = z.infer<typeof Batch>

/** The edits of a batch over the lines as they stand, each with the pointer to where it stands; LINE_INVALID with every faulty place. */
function editsOf({ upserts, deletes }: Batch, current: ReadonlyMap<CodeKey, LineItem>): LineEdit[] | Refusal {
  const places: FaultyPlace[] = []
  const edits: LineEdit[] = []
  for (const [index, input] of upserts.entries()) {
    const pointer = `/upserts/${String(index)}`
    const line = lineFromInput(input, current.get(keyOf(codeOf(input))))
    if (Array.isArray(line))
      places.push(...line.map((place) => ({ ...place, pointer: `${pointer}${place.pointer ?? ''}` })))
    else edits.push({ op: 'upsert', line, pointer })
  }
  for (const [index, input] of deletes.entries())
    edits.push({ op: 'delete', code: codeOf(input), pointer: `/deletes/${String(index)}` })
  if (places.length > 0)
    return refusal(
      'LINE_INVALID',
      'Some lines are not as they must be.',
      'Correct what `errors` names and send the whole batch again; nothing of it was stored.',
      { places },
    )
  return edits
}

const codesIn = ({ upserts, deletes }: Batch): BudgetCode[] => [...upserts, ...deletes].map(codeOf)

async function patchLines(dependencies: ApiDependencies, ask: Ask, batch: Batch): Promise<Answer> {
  const { store } = dependencies
  const { event, caller, request } = ask
  const key = projectKey(ask)
  const idempotency = keyGiven(event, caller)
  const { body, revision } = await store.decide(
    key,
    async (head) => {
      if (!head) throw notFound('project')
      // Returned, not thrown: a repeat of an edit made before the lock is answered as it was then.
      const refused = head.edit === 'locked' ? whyMayNot(caller, 'add_zero_line') : undefined
      if (refused) return refused
      const stale = notMatching(event, head.revision)
      if (stale) return stale
      const [current, changes] = await Promise.all([
        store.linesAt(key, head.manifest, codesIn(batch).map(keyOf)),
        store.changes(key),
      ])
      const touched = touchedKeys(changes)
      const edits = editsOf(batch, current)
      if (isRefusal(edits)) return edits
      const applied = applyEdits(head, current, edits, (code) => [...(touched.get(code) ?? [])])
      if (isRefusal(applied)) return applied
      if (applied.size === 0) return { answer: answerOf(head, 0) }
      const { head: next, ...editors } = await edited(dependencies, key, head, caller, applied)
      const answer = answerOf(next, applied.size)
      const detail = linesTold(current, applied, head.manifest, next.manifest)
      return {
        answer,
        commit: {
          head: next,
          ...editors,
          history: [{ event: 'lines_edited', by: caller.actor, request, detail }],
          ...keptFor({ idempotency }, answer.body, 200),
        },
      }
    },
    idempotency,
  )
  return ok(body, { etag: etag(revision) })
}

type Shown = Parameters<typeof statesShown>[0] &
  Parameters<typeof totalsShown>[0] & { readonly revision: number }

const answerOf = (head: Shown, changed: number) => ({
  revision: head.revision,
  body: { changed, revision: head.revision, ...statesShown(head), totals: totalsShown(head) },
})

export const lineEditRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'PATCH',
    path: '/projects/{project}/budget/line_items',
    operation: 'edit_lines',
    body: Batch,
    handle: async (ask, { body }) => await patchLines(dependencies, ask, body),
  }),
]

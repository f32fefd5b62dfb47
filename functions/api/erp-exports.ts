import * as z from 'zod'
import type { BudgetHead, LastCommand } from '../../shared/domain/budget-head.ts'
import { daysBetween } from '../../shared/domain/clock.ts'
import { exportId } from '../../shared/domain/export-id.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import type { Caller } from '../../shared/http/caller.ts'
import { cursorOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { statesShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { exportShown, partShown, waysOutOf } from './exports.ts'

/** Where exports wait for somebody, the most urgent first. */
const underWay = ['mismatch', 'export_failed', 'partly_posted', 'exported', 'exporting'] as const

type State = (typeof underWay)[number]

const ExportsQuery = z.strictObject({ ...pageQuery(100).shape, state: z.enum(underWay).optional() })

/** How far the file has come that is due. */
type FileIs = 'queued' | 'taken' | 'delivered' | 'failed'

function fileIs({ attempt, claim, receipt, failure }: ExportPart): FileIs {
  if (receipt) return 'delivered'
  if (failure !== undefined && failure.attempt === attempt) return 'failed'
  return claim?.attempt === attempt ? 'taken' : 'queued'
}

/** Why no file was made, where an accepted budget failed before. */
const refusedShown = ({ code, sentence, what_to_do }: LastCommand) => ({
  code: code ?? null,
  sentence: sentence ?? '',
  what_to_do: what_to_do ?? '',
})

async function rowOf({ store }: ApiDependencies, caller: Caller, head: BudgetHead, at: Instant) {
  const number = head.open_export
  const [project, open, parts, last] = await Promise.all([
    store.project(head),
    number === undefined ? undefined : store.export(head, number),
    number === undefined ? [] : store.parts(head, number),
    number === undefined ? store.lastCommand(head) : undefined,
  ])
  const due = parts.find(({ part }) => part === open?.current_part)
  return {
    project: head.project,
    name: project?.name ?? '',
    job: project?.job ?? null,
    ...statesShown(head),
    waiting_days: daysBetween(head.erp_since, at),
    export: open ? exportShown(open) : null,
    id: exportId(head.project, number ?? head.export + 1),
    file: due ? { ...partShown(due, parts), file_is: fileIs(due) } : null,
    refused: last?.outcome === 'refused' ? refusedShown(last) : null,
    commands: waysOutOf(head, caller),
  }
}

// Where a page of all states goes on: in which of them, and behind what.
const Place = z.strictObject({ state: z.enum(underWay), after: z.string().optional() })

/** Heads of the wanted states, one state after the other, until the page is full. */
async function headsOf(
  { store }: ApiDependencies,
  company: Caller['company'],
  { state, limit, cursor }: z.infer<typeof ExportsQuery>,
): Promise<{ heads: BudgetHead[]; next_cursor: string | null }> {
  const wanted: readonly State[] = state === undefined ? underWay : [state]
  const begin = cursor === undefined ? undefined : placeOf(cursor, Place)
  let place = begin?.state ?? wanted[0]
  let after = begin?.after
  const heads: BudgetHead[] = []
  while (place !== undefined && heads.length < limit) {
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before ended
    const page = await store.heads(company, {
      erp: place,
      limit: limit - heads.length,
      ...(after !== undefined && { cursor: after }),
    })
    heads.push(...page.heads)
    after = page.cursor
    if (after === undefined) place = wanted[wanted.indexOf(place) + 1]
  }
  const next = place === undefined ? null : cursorOf({ state: place, ...(after !== undefined && { after }) })
  return { heads, next_cursor: next }
}

/** Exports and posting: every export under way with its file, its age and the ways out. */
async function listUnderWay(
  dependencies: ApiDependencies,
  { caller }: Ask,
  query: z.infer<typeof ExportsQuery>,
): Promise<Answer> {
  const { heads, next_cursor } = await headsOf(dependencies, caller.company, query)
  const at = dependencies.clock.now()
  const exports = await Promise.all(heads.map(async (head) => await rowOf(dependencies, caller, head, at)))
  return ok({ exports, next_cursor })
}

export const erpExportRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/erp/exports',
    operation: 'view_erp',
    query: ExportsQuery,
    handle: async (ask, { query }) => await listUnderWay(dependencies, ask, query),
  }),
]

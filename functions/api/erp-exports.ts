import * as z from 'zod'
import type { LastCommand } from '../../shared/domain/budget-head.ts'
import { daysBetween } from '../../shared/domain/clock.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import {
  fileIs,
  listUnderWay,
  PlaceUnderWay,
  type UnderWay,
  underWay,
  waysOut,
} from '../../shared/exporting/list-under-way.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { type Caller, rolesOf } from '../../shared/http/caller.ts'
import { cursorOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { statesShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { exportShown, partShown } from './exports.ts'

const ExportsQuery = z.strictObject({ ...pageQuery(100).shape, state: z.enum(underWay).optional() })

/** Why no file was made, where an accepted budget failed before. */
const refusedShown = ({ code, sentence, what_to_do }: LastCommand) => ({
  code: code ?? null,
  sentence: sentence ?? '',
  what_to_do: what_to_do ?? '',
})

const rowShown = (
  { head, project, id, open, parts, due, refused }: UnderWay,
  caller: Caller,
  at: Instant,
) => ({
  project: head.project,
  name: project?.name ?? '',
  job: project?.job ?? null,
  ...statesShown(head),
  waiting_days: daysBetween(head.erp_since, at),
  export: open ? exportShown(open) : null,
  id,
  file: due ? { ...partShown(due, parts), file_is: fileIs(due) } : null,
  refused: refused ? refusedShown(refused) : null,
  commands: waysOut(head, rolesOf(caller)),
})

/** Exports and posting: every export under way with its file, its age and the ways out. */
async function showUnderWay(
  { store, clock }: ApiDependencies,
  { caller }: Ask,
  { cursor, ...wanted }: z.infer<typeof ExportsQuery>,
): Promise<Answer> {
  const from = cursor === undefined ? undefined : placeOf(cursor, PlaceUnderWay)
  const { exports, next } = await listUnderWay(store, caller.company, { ...wanted, from })
  const at = clock.now()
  return ok({
    exports: exports.map((each) => rowShown(each, caller, at)),
    next_cursor: next ? cursorOf(next) : null,
  })
}

export const erpExportRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/erp/exports',
    operation: 'view_erp',
    query: ExportsQuery,
    handle: async (ask, { query }) => await showUnderWay(dependencies, ask, query),
  }),
]

import * as z from 'zod'
import { Actor, CompanyId, Instant, ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import type { HistoryRow } from '../../shared/store/budget-store.ts'

/** What every event carries, whatever happened; see docs/events.md. A member is only ever added within a version. */
export const Envelope = z.object({
  v: z.literal(1),
  id: z
    .string()
    .describe('`company/project/sequence`, or `company/sequence` of a set-up; the same when it comes again'),
  company: CompanyId,
  project: ProjectId.optional().describe('Absent where the company’s set-up was changed'),
  sequence: z.int().min(1).describe('Counts the events of a project, or of a set-up, without a gap'),
  at: Instant,
  by: Actor.describe('Id of a person, or the part of the system that did it'),
  request: z.string().optional().describe('The request in which it happened, where there was one'),
  event: z.string(),
  left_out: z
    .literal('detail')
    .optional()
    .describe('In the place of a detail that was too large for the bus'),
})

/** Of which budget a history is; without a project, of the company's set-up. */
export type HistoryOf = Pick<ProjectKey, 'company'> & Partial<Pick<ProjectKey, 'project'>>

export type PublishedEvent = Readonly<z.infer<typeof Envelope>> & Partial<Pick<HistoryRow, 'detail'>>

/** The one member of a detail that stays in the history: other systems have no use for it, and it is about a person. */
export const keptInHistory = 'decided_from'

/** A row of history as it goes out. The hashes that chain it stay: they are of the whole history, which the API has. */
export const published = (of: HistoryOf, row: HistoryRow): PublishedEvent => ({
  v: 1,
  id: [of.company, of.project, row.sequence].filter((part) => part !== undefined).join('/'),
  company: of.company,
  ...(of.project !== undefined && { project: of.project }),
  sequence: row.sequence,
  at: row.at,
  by: row.by,
  ...(row.request !== undefined && { request: row.request }),
  event: row.event,
  detail: withoutKept(row.detail),
})

const withoutKept = (detail: HistoryRow['detail']): HistoryRow['detail'] =>
  Object.fromEntries(Object.entries(detail).filter(([name]) => name !== keptInHistory))

import * as z from 'zod'
import { CompanyId, Instant, ProjectId, type ProjectKey } from '../domain/ids.ts'

const place = {
  /** Version of this payload: fields are only ever added. */
  v: z.literal(1),
  company: CompanyId,
  project: ProjectId,
  cycle: z.int(),
  run: z.int(),
  execution: z.string(),
  started: Instant,
  state: z.string(),
}

/** What the state machine hands to a step. `n` is the signal that led here, 0 for none; `step` counts the run's steps. */
export const StepTask = z.object({ ...place, step: z.int(), n: z.int() })
export type StepTask = z.infer<typeof StepTask>

export const keyOfTask = (task: { company: CompanyId; project: ProjectId }): ProjectKey => ({
  company: task.company,
  project: task.project,
})

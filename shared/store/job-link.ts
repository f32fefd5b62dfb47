import * as z from 'zod'
import type { ProjectKey } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { Commit } from './budget-store.ts'
import { jobKey } from './keys.ts'
import type { Row } from './row-body.ts'
import { deleteRow, putRow, type Write } from './transaction.ts'

type JobLink = NonNullable<Commit['job_link']>

/** A job belongs to one project: claims it unless another has it, and gives up only what is one's own. */
export function linkJob({ company, project }: ProjectKey, { take, release }: JobLink): readonly Write[] {
  const ours = {
    expression: 'attribute_not_exists(pk) OR #project = :project',
    names: { '#project': 'project' },
    values: { ':project': project },
  }
  const taken = take && jobKey(company, take.sage_company, take.job)
  const released = release && jobKey(company, release.sage_company, release.job)
  return [
    ...(taken ? [putRow({ ...taken, project }, ours, 'job')] : []),
    ...(released && released.pk !== taken?.pk ? [deleteRow(released, ours)] : []),
  ]
}

const Holder = z.looseObject({ project: z.string() })

export const jobTaken = (job: string, found: Row): Refusal =>
  refusal(
    'JOB_TAKEN',
    `Job ${job} is linked to project ${Holder.parse(found).project}.`,
    'A job takes one budget only: choose another job, or take the link off that project first.',
  )

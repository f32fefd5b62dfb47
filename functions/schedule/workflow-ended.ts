import { Logger } from '@aws-lambda-powertools/logger'
import * as z from 'zod'
import { documentClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import { type Clock, systemClock } from '../../shared/domain/clock.ts'
import { CompanyId, ProjectId } from '../../shared/domain/ids.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { redrivesOf } from '../../shared/store/signals.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { CycleInput } from '../../shared/store/outbox.ts'

/** The event of Step Functions when an execution ends other than by succeeding. */
const Ended = z.object({
  detail: z.object({
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    input: z.string(),
    error: z.string().nullish(),
    redriveCount: z.int().default(0),
  }),
})

interface Watch {
  readonly store: BudgetStore
  readonly clock: Clock
  readonly logger: Pick<Logger, 'error'>
}

/** A workflow broke: history says so, and the log line raises the alarm. The budget stays where it stands. */
export async function workflowEnded({ store, clock, logger }: Watch, event: unknown): Promise<void> {
  const { name, status, input, error, redriveCount: redrives } = Ended.parse(event).detail
  const { company, project, cycle, run } = CycleInput.parse(JSON.parse(input))
  const key = keyOfTask({ company: CompanyId.parse(company), project: ProjectId.parse(project) })
  const isOpen = await store.decide(key, async (head) => {
    // A run that was superseded: another goes on.
    if (head?.execution !== name) return { answer: false }
    const wait = await store.wait(key, cycle)
    // An event that came late, or once more: the execution waits again since it was redriven.
    if (wait?.execution === name && redrivesOf(wait) > redrives) return { answer: false }
    const detail = { cycle, run, status, error: error ?? '' }
    const ended = { run, status, redrives, at: clock.now(), ...(error && { error }) }
    return {
      answer: true,
      commit: { head: { ...head, ended }, history: [{ event: 'workflow_ended', by: 'system', detail }] },
    }
  })
  if (!isOpen) return
  const about = { company, project, execution: name, status, error }
  if (status === 'ABORTED') logger.error('workflow stopped', about)
  else logger.error('workflow ended without an outcome', about)
}

let parts: Watch | undefined

export const handler = async (event: unknown): Promise<void> => {
  parts ??= {
    store: createBudgetStore({
      document: documentClient(),
      table: readEnvironment(Environment.pick({ TABLE: true })).TABLE,
      clock: systemClock,
    }),
    clock: systemClock,
    logger: new Logger({ serviceName: 'workflow-ended' }),
  }
  await workflowEnded(parts, event)
}

import { Logger } from '@aws-lambda-powertools/logger'
import { documentClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { type Clock, systemClock } from '../../shared/domain/clock.ts'
import { createOutbox, type Outbox } from '../../shared/store/outbox-table.ts'

export interface Sweep {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

/** Writes every overdue outbox row anew, so that the relay sees it again: nothing recorded is left untold. */
export async function sweep({ outbox, clock, logger }: Sweep): Promise<{ overdue: number }> {
  const now = clock.now()
  const rows = await outbox.overdue(now)
  for (const row of rows) {
    logger.warn('outbox row overdue', { company: row.company, project: row.project, row: row.sk, at: row.at })
    // One after the other: a few rows at most, and in their order
    await outbox.again(row, now)
  }
  return { overdue: rows.length }
}

let parts: Sweep | undefined

export const handler = async (): Promise<{ overdue: number }> => {
  parts ??= {
    outbox: createOutbox({
      document: documentClient(),
      table: readEnvironment(Environment.pick({ TABLE: true })).TABLE,
    }),
    clock: systemClock,
    logger: new Logger({ serviceName: 'sweep' }),
  }
  return await sweep(parts)
}

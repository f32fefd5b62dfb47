import { Logger } from '@aws-lambda-powertools/logger'
import { tellOfNobodyLeft } from '../../shared/approving/nobody-left.ts'
import { timeZoneOf, waitingBudgets } from '../../shared/approving/waiting-budgets.ts'
import { documentClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { type Dependencies, dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { inSummaryOf, summaryDue } from '../../shared/domain/daily-summary.ts'
import type { CompanyId, PersonId, ProjectKey } from '../../shared/domain/ids.ts'
import { createSummaries, type Summaries } from '../../shared/store/summary-table.ts'

export interface DailySummary extends Pick<Dependencies, 'store' | 'companies' | 'clock'> {
  readonly summaries: Summaries
  readonly logger: Pick<Logger, 'info' | 'error'>
}

/**
 * Every hour, for every company: mails each approver, once on a day, that something waits; and looks whether every open
 * step still has somebody, since a delegation ends without anybody's doing. One company that fails keeps no other from
 * its mails; the call fails after all were tried, and the next one makes it good.
 */
export async function dailySummary(parts: DailySummary): Promise<{ mailed: number }> {
  const { summaries, companies, logger } = parts
  let mailed = 0
  const failed: unknown[] = []
  for (const company of await summaries.companies())
    try {
      await tellOfNobodyLeft(parts, company)
      mailed += await summaryOf(parts, company, await companies.sageCompanies(company))
    } catch (error) {
      logger.error('daily summary failed', { company, error: error instanceof Error ? error : String(error) })
      failed.push(error)
    }
  logger.info('daily summary', { mailed, failed: failed.length })
  if (failed.length > 0)
    throw new AggregateError(failed, `The summary of ${String(failed.length)} companies failed`)
  return { mailed }
}

/** To how many people the summary of today goes, now; none where it is not time, or it went before, or nothing waits. */
async function summaryOf(
  { store, companies, clock, summaries }: DailySummary,
  company: CompanyId,
  sageCompanies: Awaited<ReturnType<Dependencies['companies']['sageCompanies']>>,
): Promise<number> {
  const timeZone = timeZoneOf(sageCompanies)
  const at = clock.now()
  const day = summaryDue(timeZone, at)
  if (day === undefined || (await summaries.last(company)) === day) return 0
  const to = new Set<PersonId>()
  let longest: ProjectKey | undefined
  const people = await companies.people(company)
  for await (const { head, approval, waitsFor } of waitingBudgets(
    { store, clock },
    company,
    people,
    sageCompanies,
  )) {
    if (!inSummaryOf(timeZone, day, approval.opened_at)) continue
    for (const person of waitsFor) to.add(person)
    longest ??= { company: head.company, project: head.project }
  }
  if (!longest || to.size === 0) return 0
  const mail = { id: `daily_summary/${day}`, mail: 'daily_summary' as const, to: [...to] }
  return (await summaries.record(longest, day, { kind: 'mail', mail }, at)) ? to.size : 0
}

let parts: DailySummary | undefined

export const handler = async (): Promise<{ mailed: number }> => {
  parts ??= partsFromEnvironment()
  return await dailySummary(parts)
}

function partsFromEnvironment(): DailySummary {
  const { TABLE: table } = readEnvironment(Environment.pick({ TABLE: true }))
  const document = documentClient()
  return {
    ...dependenciesFromEnvironment(document),
    summaries: createSummaries({ document, table }),
    logger: new Logger({ serviceName: 'daily-summary' }),
  }
}

import { Logger } from '@aws-lambda-powertools/logger'
import { timeZoneOf } from '../../shared/approving/waiting-budgets.ts'
import { documentClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { type Dependencies, dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { dayDue } from '../../shared/domain/daily-summary.ts'
import type { CompanyId, Instant, SageCompanyId } from '../../shared/domain/ids.ts'
import { type ExportedJob, readingsStopped } from '../../shared/domain/readings-stopped.ts'
import type { SageCompany } from '../../shared/domain/sage-company.ts'
import { compareSettled } from '../../shared/exporting/compare-settled.ts'
import { createNights, type Nights } from '../../shared/store/nightly-table.ts'
import { budgetsOf } from '../../shared/store/sent-budgets.ts'
import { createSummaries, type Summaries } from '../../shared/store/summary-table.ts'

/** The hour of the company's own time from which its night's check is made: the evening's readings are in by then. */
const checkHour = 2
const namedInWarning = 10

export interface NightlyCheck extends Dependencies {
  readonly summaries: Pick<Summaries, 'companies'>
  readonly nights: Nights
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

interface Found {
  readonly compared: number
  readonly drift: number
}

/**
 * Once a night, for every company: compares each settled budget with Sage's totals as last read, as a new reading would,
 * so that what only time tells is found without one; and warns of Sage companies whose totals are no longer read. What
 * fails keeps nothing else from being checked; the call fails after all were tried, and the next hour makes it good.
 */
export async function nightlyCheck(parts: NightlyCheck): Promise<Found> {
  const { summaries, companies, clock, nights, logger } = parts
  let [compared, drift] = [0, 0]
  const failed: unknown[] = []
  for (const company of await summaries.companies())
    try {
      const sageCompanies = await companies.sageCompanies(company)
      const day = dayDue(checkHour, timeZoneOf(sageCompanies), clock.now())
      if (day === undefined || (await nights.last(company)) === day) continue
      const found = await checkCompany(parts, company, sageCompanies)
      compared += found.compared
      drift += found.drift
      if (found.failed.length === 0) await nights.record(company, day)
      failed.push(...found.failed)
    } catch (error) {
      logger.error('nightly check failed', { company, error: error instanceof Error ? error : String(error) })
      failed.push(error)
    }
  logger.info('nightly check', { compared, drift, failed: failed.length })
  if (failed.length > 0) throw new AggregateError(failed, `${String(failed.length)} checks failed`)
  return { compared, drift }
}

interface Read {
  readonly sage: SageCompany
  /** When each job's totals were read last. */
  readonly read: ReadonlyMap<string, Instant>
  readonly exported: ExportedJob[]
}

async function checkCompany(
  parts: NightlyCheck,
  company: CompanyId,
  sageCompanies: readonly SageCompany[],
): Promise<Found & { readonly failed: readonly unknown[] }> {
  const { companies, store, logger } = parts
  const readings = new Map<SageCompanyId, Read>()
  for (const sage of sageCompanies)
    readings.set(sage.id, { sage, read: await companies.totalsRead(company, sage.id), exported: [] })
  let [compared, drift] = [0, 0]
  const failed: unknown[] = []
  for await (const head of budgetsOf(store, company)) {
    if (head.export === 0) continue
    const { job } = (await store.project(head)) ?? {}
    const of = job && readings.get(job.sage_company)
    if (!of) continue
    of.exported.push({ job: job.number, since: head.erp_since })
    if (head.open_export !== undefined || !of.read.has(job.number)) continue
    try {
      const about = { sage_company: job.sage_company, job: job.number }
      compared += 1
      if ((await compareSettled(parts, head, { company, ...about })) === 'drift') drift += 1
    } catch (error) {
      const { project } = head
      const why = error instanceof Error ? error : String(error)
      logger.error('nightly check failed', { company, project, error: why })
      failed.push(error)
    }
  }
  for (const of of readings.values()) warnOfStopped(parts, company, of)
  return { compared, drift, failed }
}

function warnOfStopped({ clock, logger }: NightlyCheck, company: CompanyId, { sage, read, exported }: Read) {
  const stopped = readingsStopped(sage, exported, read, clock.now()).toSorted(
    (a, b) => Date.parse(a.since) - Date.parse(b.since),
  )
  if (stopped.length === 0) return
  logger.warn('sage readings stopped', {
    company,
    sage_company: sage.id,
    jobs: stopped.length,
    longest: stopped.slice(0, namedInWarning),
  })
}

let parts: NightlyCheck | undefined

export const handler = async (): Promise<Found> => {
  parts ??= partsFromEnvironment()
  return await nightlyCheck(parts)
}

function partsFromEnvironment(): NightlyCheck {
  const { TABLE: table } = readEnvironment(Environment.pick({ TABLE: true }))
  const document = documentClient()
  return {
    ...dependenciesFromEnvironment(document),
    summaries: createSummaries({ document, table }),
    nights: createNights({ document, table }),
    logger: new Logger({ serviceName: 'nightly-check' }),
  }
}

import type { LedgerRow, PartEntries } from './export.ts'
import { firstExport } from './ledger.ts'
import type { MasterData, SageCompany } from './sage-company.ts'

/** What an export would set up in Sage before its entries. */
export interface NewInSage {
  /** The job; only a first export of a company that lets jobs be created. */
  readonly job: boolean
  /** Per part, in the order of the parts, the extras that stand in this part first and in no list of Sage's. */
  readonly extras: readonly (readonly string[])[]
}

interface Asked {
  readonly sage: Pick<SageCompany, 'jobs_may_be_created' | 'extras_may_be_created'>
  readonly master: MasterData
  readonly job: string
  readonly position: readonly LedgerRow[]
  readonly parts: readonly PartEntries[]
}

/** Compares an export with Sage's lists. An extra is announced once, in the first part that holds it. */
export function newInSage({ sage, master, job, position, parts }: Asked): NewInSage {
  const known = new Set(master.extras.filter((extra) => extra.job === job).map(({ extra }) => extra))
  known.add('')
  for (const { code } of position) known.add(code.sub_job)
  const extras = parts.map(({ entries }) => {
    const met = [...new Set(entries.map(({ code }) => code.sub_job))].filter((extra) => !known.has(extra))
    for (const extra of met) known.add(extra)
    return sage.extras_may_be_created ? met : []
  })
  const jobKnown = master.jobs.some((row) => row.job === job)
  return { job: sage.jobs_may_be_created && firstExport(position) && !jobKnown, extras }
}

import type { Instant } from '../../../shared/domain/ids.ts'
import type { Api } from './api-client.ts'
import { sha256Of } from './drop-folder.ts'
import type { SageReader } from './sage-reports.ts'

export interface ReadBack {
  /** Sends what changed since the last time; answers what was sent. */
  once(): Promise<{ readonly masterData: boolean; readonly jobs: readonly string[] }>
}

/**
 * Carries what Sage shows to the API when a new reading is there: master data when it changed, and every job's totals.
 * Totals are sent with each reading, changed or not: that nothing moved is news too.
 */
export function createReadBack(api: Api, reader: SageReader, sageCompany: string): ReadBack {
  let lastRead: Instant | undefined
  let lastMaster: string | undefined
  return {
    async once() {
      const asOf = reader.asOf()
      if (asOf === undefined || asOf === lastRead) return { masterData: false, jobs: [] }
      const data = reader.masterData()
      const totals = reader.totals()
      // A printing that was replaced meanwhile is read again at the next turn.
      if (reader.asOf() !== asOf) return { masterData: false, jobs: [] }
      const { as_of: _, ...content } = data
      const hash = sha256Of(Buffer.from(JSON.stringify(content)))
      const changed = hash !== lastMaster
      if (changed) await api.putMasterData(sageCompany, data)
      for (const job of totals) await api.putTotals(sageCompany, job)
      lastMaster = hash
      lastRead = asOf
      return { masterData: changed, jobs: totals.map(({ job }) => job) }
    },
  }
}

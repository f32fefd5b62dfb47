import { addDays } from '../../../shared/domain/clock.ts'
import type { Instant } from '../../../shared/domain/ids.ts'
import type { Api } from './api-client.ts'
import { sha256Of } from './drop-folder.ts'
import type { SageReader } from './sage-reports.ts'

export interface ReadBack {
  /** Sends what is news since the last time; answers what was sent. */
  once(): Promise<{ readonly masterData: boolean; readonly jobs: readonly string[] }>
}

// The pre-check warns of master data by its age: what was not told for days looks as if nobody had read it.
const toldAgainAfterDays = 1

/**
 * Carries what Sage shows to the API when a new reading is there: master data when it changed, or once a day, and every
 * job's totals. Totals are sent with each reading, changed or not: that nothing moved is news too.
 */
export function createReadBack(api: Api, reader: SageReader, sageCompany: string): ReadBack {
  let lastRead: Instant | undefined
  let lastMaster: { readonly hash: string; readonly asOf: Instant } | undefined
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
      const news =
        hash !== lastMaster?.hash ||
        Date.parse(asOf) >= Date.parse(addDays(lastMaster.asOf, toldAgainAfterDays))
      if (news) await api.putMasterData(sageCompany, data)
      for (const job of totals) await api.putTotals(sageCompany, job)
      if (news) lastMaster = { hash, asOf }
      lastRead = asOf
      return { masterData: news, jobs: totals.map(({ job }) => job) }
    },
  }
}

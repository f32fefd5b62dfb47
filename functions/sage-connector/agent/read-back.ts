import { addDays } from '../../../shared/domain/clock.ts'
import type { Instant } from '../../../shared/domain/ids.ts'
import { type Api, ApiRefused } from './api-client.ts'
import { sha256Of } from './drop-folder.ts'
import type { SageReader } from './sage-reports.ts'

export interface ReadBack {
  /** Sends what is news since the last time; answers what was sent, and in sentences what could not be. */
  once(): Promise<SentBack>
}

export interface SentBack {
  readonly masterData: boolean
  readonly jobs: readonly string[]
  readonly unreadable: readonly string[]
}

const nothing: SentBack = { masterData: false, jobs: [], unreadable: [] }

// The pre-check warns of master data by its age: what was not told for days looks as if nobody had read it.
const toldAgainAfterDays = 1

const notUnderstood = new Set([400, 413, 422])

/**
 * Carries what Sage shows to the API when a new reading is there: master data when it changed, or once a day, and every
 * job's totals. Totals are sent with each reading, changed or not: that nothing moved is news too.
 */
export function createReadBack(
  api: Pick<Api, 'putMasterData' | 'putTotals'>,
  reader: SageReader,
  sageCompany: string,
): ReadBack {
  let lastRead: Instant | undefined
  let lastMaster: { readonly hash: string; readonly asOf: Instant } | undefined
  return {
    async once() {
      const asOf = reader.asOf()
      if (asOf === undefined || asOf === lastRead) return nothing
      const master = reader.masterData()
      const totals = reader.totals()
      // A printing that was replaced meanwhile is read again at the next turn.
      if (reader.asOf() !== asOf) return nothing
      const unreadable = [...new Set([...master.unreadable, ...totals.unreadable])]
      const taken = async (what: string, send: () => Promise<void>): Promise<boolean> => {
        try {
          await send()
          return true
        } catch (error) {
          // It will not be taken at the next turn either, and is to hold up nothing else.
          if (!(error instanceof ApiRefused) || !notUnderstood.has(error.status)) throw error
          unreadable.push(
            [`${what} of this reading were not taken: ${error.message}`, ...error.places].join(' '),
          )
          return false
        }
      }
      const hash = sha256Of(Buffer.from(JSON.stringify({ ...master.read, as_of: undefined })))
      const isNews =
        hash !== lastMaster?.hash ||
        Date.parse(asOf) >= Date.parse(addDays(lastMaster.asOf, toldAgainAfterDays))
      const { read: data } = master
      const masterData =
        data !== undefined &&
        isNews &&
        (await taken('The lists', async () => {
          await api.putMasterData(sageCompany, data)
        }))
      const jobs: string[] = []
      for (const job of totals.read ?? [])
        if (
          await taken(`Totals of job ${job.job}`, async () => {
            await api.putTotals(sageCompany, job)
          })
        )
          jobs.push(job.job)
      if (masterData) lastMaster = { hash, asOf }
      lastRead = asOf
      return { masterData, jobs, unreadable }
    },
  }
}

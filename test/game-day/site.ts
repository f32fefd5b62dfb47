import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, vi } from 'vitest'
import { apiAs } from '../../local/api-client.ts'
import { agents, people, sageCompany, sageFolder } from '../../local/local-company.ts'
import { synthesize } from '../../infra/synthesize.ts'
import { anyPorts } from '../../local/runtime/ports.ts'
import { registerPeople, setUpSage, until } from '../../local/sample.ts'
import { type LocalStack, startStack } from '../../local/stack.ts'
import { startLocalDatabase } from '../store/local-database.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type Alarms, alarmsOf } from './alarms.ts'
import { answersNothing, calledByTheClock, createFaults, type Faults } from './faults.ts'
import { runCommand } from './runbook.ts'
import { machineClock } from './machine-clock.ts'
import { type ThrottledTable, throttledTable } from './throttled-table.ts'

/** The running product, and all by which it can be broken and watched. */
export interface Site {
  readonly stack: LocalStack
  readonly faults: Faults
  readonly table: ThrottledTable
  readonly alarms: Alarms
  /** From now on SES refuses every mail so; undefined: none. */
  readonly refuseMails: (error: string | undefined) => void
  /** Whether the relay's trigger hands rows over. */
  readonly triggerRelay: (enabled: boolean) => void
  /**
   * Gives a command of a runbook; answers it as it was given. `mend` does what one of Lambda's own does, which one
   * machine does not serve.
   */
  readonly run: (command: string, mend?: () => void) => Promise<string>
  /** What the last command printed. */
  readonly said: () => string
  /** Lets so many milliseconds pass on the whole machine, watched every minute. */
  readonly pass: (ms: number) => Promise<void>
  /** The same without what is called by the clock, which finds nothing to do in days on which nothing happens. */
  readonly passQuietly: (ms: number) => Promise<void>
}

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

const moment = 150 // milliseconds

const jobs = Array.from({ length: 20 }, (_, i) => `24-40${String(i + 1).padStart(2, '0')}`)
let taken = 0

/** A job that Sage knows and no project has. */
export function newJob(): string {
  taken += 1
  return jobs[taken - 1]!
}

/** Starts one for a test file, with the sample people, and ends it after the last test. */
export async function startSite(): Promise<Site> {
  const clock = machineClock()
  afterAll(clock.restore)
  const faults = createFaults()
  const database = await startLocalDatabase()
  const table = await throttledTable(database.endpoint)
  vi.stubEnv('DYNAMODB_ENDPOINT', table.endpoint)
  let refusal: string | undefined
  let trigger = Promise.withResolvers<void>()
  trigger.resolve()
  const data = temporaryFolder('game-day')
  const stack = await startStack(data, {
    ports: anyPorts,
    clock,
    faults: {
      call: faults.call,
      mail: () => refusal,
      streamRecords: async (records) => {
        await trigger.promise
        return records
      },
    },
  })
  afterAll(async () => {
    await stack.stop()
    table.stop()
    database.stop()
    vi.unstubAllEnvs()
  })
  await registerPeople(stack)
  await setUpSage(stack)
  const books = stack.sage.company(sageFolder)
  books.setUp({ jobs: jobs.map((job) => ({ job, description: `Job ${job}` })) })
  books.writeReports(stack.folders.reports)
  const totals = `/erp/master_data/${sageCompany}/totals/${jobs.at(-1)!}`
  const ada = apiAs(stack.runtime, people.ada)
  await until('the agent to read Sage', async () => await ada.get(totals).catch(() => undefined))
  const alarms = alarmsOf({
    cdkOut: await synthesize({ context: { agents } }),
    data,
    engine: stack.runtime.engine,
    calls: faults.counted,
    throttleEvents: table.events,
  })
  let observed = 0
  let rested = 0
  /** `rest`: after how much of the machine's time something may have come due that nobody here began. */
  const watchEvery = (rest: number) => async (): Promise<void> => {
    const now = Date.now()
    // Queues and the stream hand over a moment after something is due.
    if (now - rested >= rest) {
      rested = now
      await sleep(moment)
    }
    await faults.atRest(moment)
    if (now - observed < minute) return
    observed = now
    alarms.observe()
  }
  let said = ''
  const triggerRelay = (enabled: boolean): void => {
    if (enabled) trigger.resolve()
    else trigger = Promise.withResolvers()
  }
  return {
    stack,
    faults,
    table,
    alarms,
    refuseMails: (error) => {
      refusal = error
    },
    triggerRelay,
    run: async (command, mend) => {
      if (command.startsWith('aws lambda ') && mend) mend()
      else said = await runCommand(stack.runtime, command)
      return command
    },
    said: () => said,
    pass: async (ms) => {
      await clock.pass(ms, watchEvery(5 * minute))
    },
    passQuietly: async (ms) => {
      const mends = calledByTheClock.map((name) => faults.breaks(name, answersNothing))
      await clock.pass(ms, watchEvery(Math.max(5 * minute, ms / 72)))
      for (const mend of mends) mend()
    },
  }
}

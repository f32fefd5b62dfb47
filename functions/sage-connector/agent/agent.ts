import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Consumer } from 'sqs-consumer'
import { queueClient } from '../../../shared/aws.ts'
import { createApi } from './api-client.ts'
import type { AgentConfiguration } from './configuration.ts'
import { type Delivery, deliverPart } from './deliver-part.ts'
import { openDeliveryLedger } from './delivery-ledger.ts'
import { fileFault } from './file-fault.ts'
import { takeLease } from './lease.ts'
import { type Log, openLog } from './log.ts'
import { createReadBack } from './read-back.ts'
import { watchRejects } from './rejects-folder.ts'
import { csvReports } from './sage-reports.ts'
import { putFilesAway } from './put-files-away.ts'

// Longer than a delivery takes, and kept up while one works.
const visibilitySeconds = 60

// A queue that does not answer is not asked at once again: a night without network would fill log and line.
const pauseAfterFault = 10_000

// A call for each file that waits in the drop folders, so it keeps its own pace.
const putsAwayEvery = 300

/**
 * Starts the agent of one Sage company: takes export messages, writes files, reads Sage back. It never posts.
 * Throws AnotherRuns; FileFault where its own folder cannot be used.
 */
export async function startAgent(configuration: AgentConfiguration): Promise<void> {
  const { state, folder, reports, sage_company, read_every_seconds } = configuration
  await takeLease(configuration.queue_url)
  makeStateFolder(state)
  const log = openLog(state, now)
  const api = createApi({
    url: configuration.api_url,
    company: configuration.company,
    token: () => readFileSync(configuration.token_file, 'utf8').trim(),
  })
  const ledger = openDeliveryLedger(join(state, 'deliveries.jsonl'))
  const delivery: Delivery = {
    api,
    ledger,
    company: configuration.company,
    sageCompany: sage_company,
    folder,
    folderShownAs: configuration.folder_shown_as,
    log,
    now,
  }
  let isFaulty = false
  const consumer = Consumer.create({
    preReceiveMessageCallback: async () => {
      if (isFaulty) await pause(pauseAfterFault)
      isFaulty = false
    },
    queueUrl: configuration.queue_url,
    sqs: queueClient(),
    suppressFifoWarning: true,
    messageSystemAttributeNames: ['ApproximateReceiveCount'],
    visibilityTimeout: visibilitySeconds,
    heartbeatInterval: visibilitySeconds / 2,
    handleMessage: async (message) => {
      const tries = Number(message.Attributes?.ApproximateReceiveCount ?? 1)
      const outcome = await deliverPart(delivery, JSON.parse(message.Body ?? ''), tries)
      log('message done', { outcome, message_id: message.MessageId })
      return message
    },
  })
  consumer.on('error', (error) => {
    isFaulty = true
    log('the queue does not answer; asked again', { error: error.message })
  })
  consumer.on('processing_error', (error) => {
    log('message not done; it comes again', { error: error.message })
  })
  consumer.start()
  const readBack = createReadBack(api, csvReports(reports), sage_company)
  void everyTurn(read_every_seconds, log, 'Sage not read back', async () => {
    const { masterData, jobs, unreadable } = await readBack.once()
    if (masterData || jobs.length > 0) log('Sage read back', { masterData, jobs: jobs.length })
    for (const sentence of unreadable) log('not read of Sage', { sentence })
  })
  const rejects = watchRejects({ api, ledger, folder, log })
  void everyTurn(read_every_seconds, log, 'reject files not looked at', rejects.look)
  const away = putFilesAway({ api, ledger, folder, log })
  void everyTurn(putsAwayEvery, log, 'files in the drop folders not looked at', away.look)
}

const now = (): string => new Date().toISOString()

/** The agent's own folder is the one that it makes. Throws FileFault. */
export function makeStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw fileFault(error, folder)
  }
}

async function everyTurn(
  seconds: number,
  log: Log,
  whenNot: string,
  work: () => Promise<void>,
): Promise<never> {
  for (;;) {
    try {
      await work()
    } catch (error) {
      log(`${whenNot}; tried again at the next turn`, {
        error: error instanceof Error ? error.message : String(error),
      })
    }
    await pause(seconds * 1000)
  }
}

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Consumer } from 'sqs-consumer'
import * as z from 'zod'
import { queueClient } from '../../../shared/aws.ts'
import { createApi } from './api-client.ts'
import { type Delivery, deliverPart } from './deliver-part.ts'
import { openDeliveryLedger } from './delivery-ledger.ts'
import { createReadBack } from './read-back.ts'
import { csvReports } from './sage-reports.ts'

/** The agent's configuration file. AWS credentials come from the usual places of the SDK. */
export const AgentConfiguration = z.strictObject({
  api_url: z.url(),
  /** A file with the connector's token; read at every call, so that a scheduled task can renew it. */
  token_file: z.string(),
  queue_url: z.url(),
  /** The company and the Sage company whose messages the agent takes: what names another is left alone. */
  company: z.string(),
  sage_company: z.string(),
  /** The Sage company's folder, in which the drop folders stand. */
  folder: z.string(),
  /** How people reach that folder, such as the name of a share: mails and pages tell it so. */
  folder_shown_as: z.string().optional(),
  /** Folder into which Sage's reports are printed. */
  reports: z.string(),
  /** The agent's own folder: delivery ledger and log. */
  state: z.string(),
  read_every_seconds: z.number().min(1).default(300),
})
export type AgentConfiguration = z.infer<typeof AgentConfiguration>

// Longer than a delivery takes, and kept up while one works.
const visibilitySeconds = 60

export interface RunningAgent {
  stop(): Promise<void>
}

/** Starts the agent of one Sage company: takes export messages, writes files, reads Sage back. It never posts. */
export function startAgent(configuration: AgentConfiguration): RunningAgent {
  const { state, folder, reports, sage_company, read_every_seconds } = configuration
  mkdirSync(state, { recursive: true })
  const log: Delivery['log'] = (message, about = {}) => {
    const line = JSON.stringify({ at: new Date().toISOString(), message, ...about })
    appendFileSync(join(state, 'agent.log'), `${line}\n`)
  }
  const api = createApi({
    url: configuration.api_url,
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
    now: () => new Date().toISOString(),
  }
  const consumer = Consumer.create({
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
  const notDone = (error: Error): void => {
    log('message not done; it comes again', { error: error.message })
  }
  consumer.on('error', notDone)
  consumer.on('processing_error', notDone)
  consumer.start()
  const stopping = new AbortController()
  const reading = readOn(
    createReadBack(api, csvReports(reports), sage_company),
    read_every_seconds,
    log,
    stopping.signal,
  )
  return {
    async stop() {
      stopping.abort()
      consumer.stop({ abort: true })
      await reading
    },
  }
}

async function readOn(
  readBack: ReturnType<typeof createReadBack>,
  everySeconds: number,
  log: Delivery['log'],
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const { masterData, jobs, unreadable } = await readBack.once()
      if (masterData || jobs.length > 0) log('Sage read back', { masterData, jobs: jobs.length })
      for (const sentence of unreadable) log('not read of Sage', { sentence })
    } catch (error) {
      log('Sage not read back; tried again at the next turn', {
        error: error instanceof Error ? error.message : String(error),
      })
    }
    await pause(everySeconds * 1000, undefined, { signal: stop }).catch(() => undefined)
  }
}

import * as z from 'zod'
import { ExportMessage } from '../../../shared/domain/export.ts'
import { type Api, ApiRefused, type Claimed } from './api-client.ts'
import type { DeliveryLedger } from './delivery-ledger.ts'
import { dropPath, sha256Of } from './drop-folder.ts'
import type { Log } from './log.ts'
import { type FileToPlace, giveUp, type Placed, placeFile } from './place-file.ts'

export interface Delivery {
  readonly api: Api
  readonly ledger: DeliveryLedger
  /** Whose messages the agent takes. */
  readonly company: string
  readonly sageCompany: string
  /** The drop folder of the Sage company. */
  readonly folder: string
  /** How people reach that folder, such as the name of a share; the folder itself where nothing else is said. */
  readonly folderShownAs?: string | undefined
  readonly now: () => string
  readonly log: Log
}

export type Delivered = Placed | 'not_ours_to_write' | 'not_written'

/** Answers to a claim that end the message: nothing may be written under it any more. */
const endsTheMessage = new Set(['NOT_EXPORTING', 'OTHER_EXPORT', 'NOT_FOUND', 'CLAIMED'])

// Half of the ten that the queue allows: a folder that is away for minutes is waited for, one that stays away is told.
const triesBeforeTold = 5

/**
 * Carries out one export message: claims the part, writes its file exactly once, reports the receipt.
 * Every step may be repeated after a crash: the name and the bytes are derived, and the agent's own ledger is flushed
 * before the file gets its name.
 *
 * @param tries how often the message was received, this time included. From the fifth on, a file that cannot be
 *   written is reported as a failure, if it is certain that nothing was written.
 * @throws NotForThisAgent, before anything is claimed; FileFault; what the API answers otherwise. The message comes again.
 */
export async function deliverPart(delivery: Delivery, body: unknown, tries = 1): Promise<Delivered> {
  const { api, ledger, folder } = delivery
  const { exportId, attempt, request, parts } = ourMessage(delivery, body)
  const [{ part, sha256 }] = parts
  const log: Log = (message, about) => {
    delivery.log(message, { exportId, part, attempt, request, ...about })
  }
  const known = ledger.find(exportId, part, sha256)
  const claimed = await claim(delivery, exportId, { part, attempt }, sha256)
  if (!claimed) {
    // A crash after the receipt leaves the message; what was written under it stays written and reported.
    log('nothing to write under this message')
    return known?.attempt === attempt ? 'written_before' : 'not_ours_to_write'
  }
  const { bytes, mode, fileName, claim: number } = claimed
  const path = dropPath(folder, mode, fileName)
  const fail = async (sentence: string, nothing_written: boolean): Promise<void> => {
    log('failure reported', { sentence, nothing_written })
    const messages = [sentence.slice(0, 1000)]
    await api.failure(exportId, { part, attempt, messages, nothing_written, claim: number })
  }
  const entry = { at: delivery.now(), export: exportId, part, attempt, sha256, path }
  const file: FileToPlace = { ledger, folder, entry, bytes }
  if (sha256Of(bytes) !== sha256) {
    await fail('The file does not have the content that the message names.', giveUp(file))
    return 'not_written'
  }
  const placed = await placeOrTell(file, tries, fail)
  if (placed === 'not_written' || placed === 'other_content') return placed
  const where = dropPath(delivery.folderShownAs ?? folder, mode, fileName)
  await api.receipt(exportId, { part, attempt, sha256, where })
  log(placed === 'written' ? 'file written' : 'file was written before', { path })
  return placed
}

async function placeOrTell(
  file: FileToPlace,
  tries: number,
  fail: (sentence: string, nothingWritten: boolean) => Promise<void>,
): Promise<Placed | 'not_written'> {
  try {
    const placed = placeFile(file)
    if (placed !== 'other_content') return placed
  } catch (error) {
    if (!(error instanceof Error) || tries < triesBeforeTold || !giveUp(file)) throw error
    await fail(`Nothing was written. ${error.message} Mend that, then retry the export.`, true)
    return 'not_written'
  }
  const { path } = file.entry
  giveUp(file)
  // Somebody could import what stands there.
  await fail(
    `${path} exists with other content, or was written with other content before. Nothing was written now. Look at it before anything else.`,
    false,
  )
  return 'other_content'
}

/** The message is not for this agent, or not of a form that it knows: it is left to the dead letters. */
export class NotForThisAgent extends Error {
  override readonly name = 'NotForThisAgent'
}

// An agent is renewed when its owner finds the time: a field of a later release is nothing to stop at.
const AnyExportMessage = z.object(ExportMessage.shape)

function ourMessage({ company, sageCompany }: Delivery, body: unknown): ExportMessage {
  const read = AnyExportMessage.safeParse(body)
  if (!read.success) {
    const fields = read.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ')
    throw new NotForThisAgent(
      `The message has a form that this agent does not know (${fields}). Nothing was written. Is there a newer agent?`,
    )
  }
  const [{ key }] = read.data.parts
  if (read.data.company !== company || !key.startsWith(`c/${company}/sage/${sageCompany}/`))
    throw new NotForThisAgent(
      `The message names company ${read.data.company} and file ${key}; this agent serves Sage company ${sageCompany} of ${company}. Nothing was written. Compare queue_url, company and sage_company of agent.json.`,
    )
  return read.data
}

async function claim(
  { api, log }: Delivery,
  exportId: string,
  of: { part: number; attempt: number },
  sha256: string,
): Promise<Claimed | undefined> {
  try {
    return await api.claim(exportId, of)
  } catch (error) {
    if (!(error instanceof ApiRefused) || !endsTheMessage.has(error.code)) throw error
    log('claim refused', { exportId, ...of, sha256, code: error.code, sentence: error.message })
    return undefined
  }
}

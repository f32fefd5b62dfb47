import { ExportMessage } from '../../../shared/domain/export.ts'
import { type Api, ApiRefused, type Claimed } from './api-client.ts'
import type { DeliveryLedger } from './delivery-ledger.ts'
import { dropPath, existing, finishRename, sha256Of, writeWhole } from './drop-folder.ts'

export interface Delivery {
  readonly api: Api
  readonly ledger: DeliveryLedger
  /** The drop folder of the Sage company. */
  readonly folder: string
  /** How people reach that folder, such as the name of a share; the folder itself where nothing else is said. */
  readonly folderShownAs?: string | undefined
  readonly now: () => string
  readonly log: (message: string, about?: Readonly<Record<string, unknown>>) => void
}

export type Delivered = 'written' | 'written_before' | 'not_ours_to_write' | 'conflict'

/** Answers to a claim that end the message: nothing may be written under it any more. */
const endsTheMessage = new Set(['NOT_EXPORTING', 'OTHER_EXPORT', 'NOT_FOUND', 'CLAIMED'])

/**
 * Carries out one export message: claims the part, writes its file exactly once, reports the receipt.
 * Every step may be repeated after a crash: the name and the bytes are derived, and the agent's own ledger is flushed
 * before the file gets its name.
 */
export async function deliverPart(delivery: Delivery, body: unknown): Promise<Delivered> {
  const { api, ledger, log } = delivery
  const { exportId, attempt, parts } = ExportMessage.parse(body)
  const [{ part, sha256 }] = parts
  const known = ledger.find(exportId, part, sha256)
  const claimed = await claim(delivery, exportId, { part, attempt })
  if (!claimed) {
    // A crash after the receipt leaves the message; what was written under it stays written and reported.
    log('nothing to write under this message', { exportId, part, attempt })
    return known?.attempt === attempt ? 'written_before' : 'not_ours_to_write'
  }
  const { bytes, mode, fileName } = claimed
  const path = dropPath(delivery.folder, mode, fileName)
  const report = { part, attempt }
  if (sha256Of(bytes) !== sha256) {
    await api.failure(exportId, {
      ...report,
      messages: ['The file does not have the content that the message names.'],
    })
    return 'conflict'
  }
  const found = existing(path, sha256)
  if (found === 'different') {
    const words = `${path} exists with other content. Nothing was written; look at the file before anything else.`
    await api.failure(exportId, { ...report, messages: [words] })
    return 'conflict'
  }
  const finished = found === 'absent' && known !== undefined && finishRename(path, sha256)
  const isNew = found === 'absent' && known === undefined
  if (isNew) {
    const entry = { at: delivery.now(), export: exportId, part, attempt, sha256, path }
    writeWhole(path, { bytes, sha256 }, () => {
      ledger.add(entry)
    })
  }
  const where = dropPath(delivery.folderShownAs ?? delivery.folder, mode, fileName)
  await api.receipt(exportId, { ...report, sha256, where })
  log(isNew || finished ? 'file written' : 'file was written before', { exportId, part, attempt, path })
  return isNew || finished ? 'written' : 'written_before'
}

async function claim(
  { api, log }: Delivery,
  exportId: string,
  of: { part: number; attempt: number },
): Promise<Claimed | undefined> {
  try {
    return await api.claim(exportId, of)
  } catch (error) {
    if (!(error instanceof ApiRefused) || !endsTheMessage.has(error.code)) throw error
    log('claim refused', { exportId, ...of, code: error.code, sentence: error.message })
    return undefined
  }
}

import { dirname } from 'node:path'
import type { DeliveryEntry, DeliveryLedger } from './delivery-ledger.ts'
import {
  assertFolder,
  existing,
  finishRename,
  removeUnnamed,
  writeWhole,
  writtenNotNamed,
} from './drop-folder.ts'
import { fileFault } from './file-fault.ts'

export interface FileToPlace {
  readonly ledger: DeliveryLedger
  /** The folder of the Sage company: it has to be there. */
  readonly folder: string
  readonly entry: DeliveryEntry
  readonly bytes: Uint8Array
}

export type Placed = 'written' | 'written_before' | 'other_content'

/**
 * Puts a file under its name exactly once, whatever was done before a crash or a fault. Throws FileFault: what it was
 * about to do may have been done by half, and is finished when it is called again.
 */
export function placeFile(file: FileToPlace): Placed {
  try {
    return place(file)
  } catch (error) {
    throw fileFault(error, file.entry.path)
  }
}

function place({ ledger, folder, entry, bytes }: FileToPlace): Placed {
  const { path, sha256 } = entry
  const isKnown = ledger.find(entry.export, entry.part, sha256) !== undefined
  // A folder that is gone says nothing of what was written into it.
  assertFolder(isKnown ? dirname(path) : folder)
  const found = existing(path, sha256)
  if (found === 'same') return 'written_before'
  // What had its name once was moved away after its import, or is marked by Sage as imported.
  if (isKnown && !writtenNotNamed(path, sha256)) return 'written_before'
  // After a restore a part may be made anew, with other bytes, whose file was imported before.
  if (found === 'different' || (!isKnown && ledger.knows(entry.export, entry.part))) return 'other_content'
  if (isKnown) finishRename(path)
  else
    writeWhole(path, { bytes, sha256 }, () => {
      ledger.add(entry)
    })
  return 'written'
}

/**
 * Gives up a file that cannot be placed. Answers whether it is certain that nothing was ever written under its name:
 * the ledger does not know it, or it still has its temporary name.
 */
export function giveUp({ ledger, entry }: FileToPlace): boolean {
  const isUnnamed = isThereUnnamed(entry)
  if (ledger.find(entry.export, entry.part, entry.sha256) && !isUnnamed) return false
  if (isUnnamed) takeBack(ledger, entry)
  return true
}

function isThereUnnamed({ path, sha256 }: DeliveryEntry): boolean {
  try {
    return writtenNotNamed(path, sha256)
  } catch {
    return false
  }
}

// In this order: an entry without a file would pass for a file that was moved away after its import. Where the ledger
// cannot be written both stay, and a later attempt finds the very bytes that it needs.
function takeBack(ledger: DeliveryLedger, entry: DeliveryEntry): void {
  try {
    ledger.undo(entry)
    removeUnnamed(entry.path)
  } catch {
    // Told already: the fault that led here.
  }
}

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import * as z from 'zod'
import type { HistoryEnd } from '../shared/store/budget-store.ts'
import { emptyHistory, HistoryBody, verifyHistory } from '../shared/store/history.ts'

// `npm run -s verify-history -- history.jsonl`: recomputes the chain of hashes of a history that was downloaded, away
// from the system that wrote it. Its last number and hash are to be compared with those noted elsewhere.

const Record = z.union([
  HistoryBody,
  z.strictObject({ sequence: z.int(), change: z.looseObject({ field: z.string() }) }),
])

async function verified(file: string): Promise<HistoryEnd> {
  let last: HistoryEnd = emptyHistory
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = Record.parse(JSON.parse(line))
    if ('change' in record) continue
    const fault = verifyHistory([record], undefined, last)
    if (fault) throw new Error(`Row ${String(fault.sequence)} is ${fault.fault}.`)
    last = { sequence: record.sequence, history_hash: record.hash }
  }
  return last
}

const [, , file] = process.argv
try {
  if (file === undefined) throw new Error('Name the file: history.jsonl.')
  const { sequence, history_hash } = await verified(file)
  console.log(`${String(sequence)} rows hold. Hash of the last: ${history_hash}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

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

interface Verified {
  readonly last: HistoryEnd
  /** Lines that tell what a row changed: the chain is of the rows, and does not hold them. */
  readonly beside: number
}

async function verified(file: string): Promise<Verified> {
  let last: HistoryEnd = emptyHistory
  let beside = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = Record.parse(JSON.parse(line))
    if ('change' in record) {
      beside += 1
      continue
    }
    const fault = verifyHistory([record], undefined, last)
    if (fault) throw new Error(`Row ${String(fault.sequence)} is ${fault.fault}.`)
    last = { sequence: record.sequence, history_hash: record.hash }
  }
  if (last.sequence === 0) throw new Error('The file holds no row.')
  return { last, beside }
}

const [, , file] = process.argv
try {
  if (file === undefined) throw new Error('Name the file: history.jsonl.')
  const { last, beside } = await verified(file)
  console.log(`${String(last.sequence)} rows hold. Hash of the last: ${last.history_hash}`)
  console.log(
    'Compare number and hash with what GET .../history/verify answers: rows cut off at the end do not show.',
  )
  if (beside > 0)
    console.log(`${String(beside)} lines of changed fields stand beside the rows and were not verified.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

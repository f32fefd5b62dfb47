import { Instant, type ProjectKey } from '../domain/ids.ts'
import type { HistoryEnd, HistoryRow, HistoryVerified } from './budget-store.ts'
import { emptyHistory, HistoryBody, verifyHistory } from './history.ts'
import { projectPk, projectSk } from './keys.ts'
import { readBody, type Row } from './row-body.ts'
import type { Rows } from './rows.ts'

// A row that tells of a large budget change is some megabytes long: few are held at a time.
const atOnce = 50

/** See `BudgetStore.verifyHistory`. */
export async function verifyStoredHistory(
  rows: Rows,
  key: ProjectKey,
  head: HistoryEnd,
  { after = emptyHistory, limit }: { after?: HistoryEnd; limit: number },
): Promise<HistoryVerified> {
  const until = Math.min(head.sequence, after.sequence + limit)
  let last = after
  while (last.sequence < until) {
    const to = Math.min(until, last.sequence + atOnce)
    const sort = { from: projectSk.history(last.sequence + 1), to: projectSk.history(to) }
    // Each batch goes on from the last row of the one before
    const batch = (await rows.list(projectPk(key), sort)).map(readOrNot)
    const fault =
      verifyHistory(batch, to === head.sequence ? head : undefined, last) ??
      (batch.length < to - last.sequence
        ? { sequence: last.sequence + batch.length + 1, fault: 'missing' as const }
        : undefined)
    const holds = batch.findLast(({ sequence }) => !fault || sequence < fault.sequence)
    if (holds) last = { sequence: holds.sequence, history_hash: holds.hash }
    if (fault) return { last, fault }
  }
  const setBack =
    last.sequence > head.sequence ||
    (last.sequence === head.sequence && last.history_hash !== head.history_hash)
  return setBack ? { last, fault: { sequence: head.sequence, fault: 'altered' } } : { last }
}

/** What a row says; one that cannot be read, or stands under another number than its own, is one that no hash fits. */
function readOrNot(row: Row): HistoryRow {
  const sequence = Number(row.sk.slice(row.sk.indexOf('#') + 1))
  try {
    const read = readBody(HistoryBody, row)
    if (read.sequence === sequence) return read
  } catch {
    // Whatever is wrong with it: it was altered.
  }
  return { sequence, at: noTime, event: '', by: 'system', detail: {}, previous: '', hash: '' }
}

const noTime = Instant.parse('1970-01-01T00:00:00.000Z')

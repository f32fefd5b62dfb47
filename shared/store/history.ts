import * as z from 'zod'
import { Actor, Instant } from '../domain/ids.ts'
import type { HistoryEnd, HistoryFault, HistoryRow } from './budget-store.ts'
import { canonicalJson, sha256 } from './content-hash.ts'

export const HistoryBody = z.strictObject({
  sequence: z.int(),
  at: Instant,
  event: z.string(),
  by: Actor,
  request: z.string().optional(),
  detail: z.record(z.string(), z.json()),
  previous: z.string(),
  hash: z.string(),
})

/** What the first row carries as the hash of the row before. */
export const noHash = '0'.repeat(64)

/** Where a history begins; the next row goes on from here. */
export const emptyHistory: HistoryEnd = { sequence: 0, history_hash: noHash }

/** What a row is made of. */
type Told = Pick<HistoryRow, 'event' | 'by' | 'request'> & { readonly detail: object }

/** Numbers the events and chains each to the row before it. */
export function chain(
  end: HistoryEnd,
  at: Instant,
  events: readonly Told[],
): { readonly rows: readonly HistoryRow[]; readonly end: HistoryEnd } {
  const rows: HistoryRow[] = []
  let { sequence, history_hash } = end
  for (const event of events) {
    sequence += 1
    const row = { ...wellFormed(event), sequence, at, previous: history_hash }
    history_hash = rowHash(row)
    rows.push({ ...row, hash: history_hash })
  }
  return { rows, end: { sequence, history_hash } }
}

// UTF-8 cannot carry half a surrogate pair: the database would keep another text than the one hashed.
function wellFormed(event: Told): Pick<HistoryRow, keyof Told> {
  const { event: name, by, request, detail } = event
  const text = JSON.stringify(detail, (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  )
  return {
    event: name,
    by,
    ...(request !== undefined && { request }),
    detail: z.record(z.string(), z.json()).parse(JSON.parse(text)),
  }
}

const rowHash = ({ sequence, at, event, by, request, detail, previous }: Omit<HistoryRow, 'hash'>): string =>
  sha256(canonicalJson({ sequence, at, event, by, request, detail, previous }))

/**
 * Recomputes a run of history rows; undefined when all of it holds. It may begin anywhere, or after a row that was
 * verified before. With `end` (the head's) a cut-off or rewritten tail is found too.
 */
export function verifyHistory(
  rows: readonly HistoryRow[],
  end?: HistoryEnd,
  after?: HistoryEnd,
): HistoryFault | undefined {
  const first = rows[0]
  const begins = first && first.sequence > 1
  let before: HistoryEnd =
    after ?? (begins ? { sequence: first.sequence - 1, history_hash: first.previous } : emptyHistory)
  for (const row of rows) {
    const sequence = before.sequence + 1
    if (row.sequence !== sequence) return { sequence, fault: 'missing' }
    if (rowHash(row) !== row.hash) return { sequence, fault: 'altered' }
    // This row is whole, so what it says of the one before is what was written.
    if (row.previous !== before.history_hash)
      return { sequence: Math.max(1, before.sequence), fault: 'altered' }
    before = { sequence, history_hash: row.hash }
  }
  if (!end || (before.sequence === end.sequence && before.history_hash === end.history_hash)) return undefined
  return before.sequence < end.sequence
    ? { sequence: before.sequence + 1, fault: 'missing' }
    : { sequence: before.sequence, fault: 'altered' }
}

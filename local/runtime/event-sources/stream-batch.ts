import { setTimeout as sleep } from 'node:timers/promises'
import type { Invocation } from '../functions.ts'
import type { StreamSourcePart } from '../resources/event-sources.ts'
import { failedItems } from './batch-answer.ts'
import type { StreamRecord } from './stream-record.ts'

/** What was tried last before records were given up. */
export interface GivenUp {
  readonly records: readonly StreamRecord[]
  readonly calls: number
  readonly last: Invocation
}

interface Batch {
  readonly records: readonly StreamRecord[]
  /** Calls made for exactly these records so far. */
  readonly calls: number
}

export interface DeliveryOptions {
  readonly source: Pick<StreamSourcePart, 'bisect' | 'reportsFailures' | 'retries'>
  readonly invoke: (records: readonly StreamRecord[]) => Promise<Invocation>
  readonly giveUp: (given: GivenUp) => Promise<void>
  readonly signal: AbortSignal
  /** Milliseconds before the nth further call. */
  readonly pause?: (calls: number) => number
}

const usualPause = (calls: number): number => Math.min(100 * 2 ** calls, 5000)

/**
 * Hands a batch over as an event source mapping does: in order, again from the first record that failed, in halves
 * where the mapping bisects, and to `giveUp` when the retries are spent.
 *
 * @returns false when the machine stopped before the batch was done; it must be handed over again.
 */
export async function deliverBatch(
  records: readonly StreamRecord[],
  options: DeliveryOptions,
): Promise<boolean> {
  const { source, signal, pause = usualPause } = options
  const open: Batch[] = [{ records, calls: 0 }]
  for (let batch = open.shift(); batch !== undefined; batch = open.shift()) {
    // oxlint-disable-next-line no-await-in-loop -- the order of the stream is kept
    const last = await options.invoke(batch.records)
    if (signal.aborted) return false
    const [failed] = failedItems(last, batch.records.map(sequenceNumber), source.reportsFailures)
    const calls = batch.calls + 1
    const rest = failed === undefined ? [] : batch.records.slice(failed)
    if (rest.length === 0) continue
    // What an answer names as failed is handed over from there on, whole, even where that is the first record.
    const parts = source.bisect && last.outcome === 'failed' ? halves(rest) : [rest]
    if (parts.length === 1 && source.retries !== undefined && calls > source.retries) {
      // oxlint-disable-next-line no-await-in-loop
      await options.giveUp({ records: rest, calls, last })
      continue
    }
    // A split does not spend a retry.
    open.unshift(...parts.map((part) => ({ records: part, calls: parts.length === 1 ? calls : batch.calls })))
    // oxlint-disable-next-line no-await-in-loop
    await sleep(pause(calls), undefined, { signal }).catch(() => {})
    if (signal.aborted) return false
  }
  return true
}

export const sequenceNumber = ({ dynamodb }: StreamRecord): string => dynamodb.SequenceNumber

function halves(records: readonly StreamRecord[]): (readonly StreamRecord[])[] {
  if (records.length < 2) return [records]
  const middle = Math.ceil(records.length / 2)
  return [records.slice(0, middle), records.slice(middle)]
}

import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import type { PublishedEvent } from './published-event.ts'

/** Who says so, to a rule on the bus. */
export const source = 'sage-budget-export'

const mostInCall = 10 // API_PutEvents: entries
const mostBytes = 256_000 // API_PutEvents: all entries of a call together are less than 256 KB, whichever KB is meant

export interface Bus {
  readonly client: Pick<EventBridgeClient, 'send'>
  /** Name, or ARN. */
  readonly name: string
}

/** How many events are on the bus, from the first on; and why the next is not. */
export interface Sent {
  readonly count: number
  readonly error?: Error
}

/** Puts events on the bus, in their order, until one is not taken. Later ones of its call may be on the bus too. */
export async function sendEvents({ client, name }: Bus, events: readonly PublishedEvent[]): Promise<Sent> {
  let count = 0
  for (const entries of inCalls(events.map((event) => entryOf(name, event)))) {
    // oxlint-disable-next-line no-await-in-loop -- in their order
    const failed = await firstFailed(client, entries)
    if (failed) return { count: count + failed.at, error: failed.error }
    count += entries.length
  }
  return { count }
}

async function firstFailed(
  client: Bus['client'],
  entries: readonly PutEventsRequestEntry[],
): Promise<{ readonly at: number; readonly error: Error } | undefined> {
  try {
    const { Entries: answers = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }))
    const at = entries.findIndex((_, i) => answers[i]?.EventId === undefined)
    const { ErrorCode = 'not answered', ErrorMessage = '' } = answers[at] ?? {}
    return at < 0 ? undefined : { at, error: new Error(`${ErrorCode}: ${ErrorMessage}`) }
  } catch (error) {
    return { at: 0, error: error instanceof Error ? error : new Error(String(error)) }
  }
}

function entryOf(EventBusName: string, event: PublishedEvent): PutEventsRequestEntry {
  const whole = { EventBusName, Source: source, DetailType: event.event, Time: new Date(event.at) }
  const entry = { ...whole, Detail: JSON.stringify(event) }
  if (bytesOf(entry) < mostBytes) return entry
  const { detail: _, ...envelope } = event
  return { ...whole, Detail: JSON.stringify({ ...envelope, left_out: 'detail' } satisfies PublishedEvent) }
}

/** As EventBridge counts: 14 bytes for the time, and the texts in UTF-8 (user guide, "Calculating entry size"). */
const bytesOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  14 + [Source, DetailType, Detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0)

function inCalls(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const calls: PutEventsRequestEntry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const call = calls.at(-1)
    bytes += bytesOf(entry)
    if (call && call.length < mostInCall && bytes < mostBytes) call.push(entry)
    else {
      calls.push([entry])
      bytes = bytesOf(entry)
    }
  }
  return calls
}

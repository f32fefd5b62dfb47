import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import type { DataFolder } from './data-folder.ts'
import type { BusEvent } from './event-sources/tell-rules.ts'
import { closed, portOf } from './mailbox.ts'
import { busNamed, type EventBusPart } from './resources/event-buses.ts'

export interface EventBuses {
  readonly endpoint: string
  /** Calls this for every event from now on, with the name of its bus. */
  readonly onEvent: (listen: (bus: string, event: BusEvent) => void) => void
  readonly stop: () => Promise<void>
}

interface EventBusParts {
  readonly folder: DataFolder
  readonly port: number
  readonly buses: readonly EventBusPart[]
  readonly account: string
  readonly region: string
}

/**
 * Serves EventBridge's PutEvents for own buses. Each event is a line of `events.jsonl` in the data folder, as a target
 * of a rule would have it, before its sender gets an answer.
 */
export async function startEventBuses(parts: EventBusParts): Promise<EventBuses> {
  let listen: ((bus: string, event: BusEvent) => void) | undefined
  const take = (entry: Entry): Answer => {
    const refused = whyNot(entry, parts.buses)
    if (refused) return refused
    const event = eventOf(entry, parts)
    appendFileSync(parts.folder.path('events.jsonl'), `${JSON.stringify(event)}\n`)
    listen?.(busNamed(entry.EventBusName ?? ''), event)
    return { EventId: event.id }
  }
  const server = createServer((request, response) => {
    void answer(request, response, take).catch(() => {
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(parts.port, '127.0.0.1', resolve)
  })
  return {
    endpoint: `http://127.0.0.1:${String(portOf(server))}`,
    onEvent: (told) => {
      listen = told
    },
    stop: async () => {
      await closed(server)
    },
  }
}

// Required members of an entry may be missing: that is an answer to the entry, not to the call.
const Entry = z.strictObject({
  EventBusName: z.string().optional(),
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Time: z.number().optional(), // seconds since the epoch
  Resources: z.array(z.string()).optional(),
})
type Entry = z.infer<typeof Entry>

const PutEvents = z.strictObject({ Entries: z.array(Entry).min(1).max(10) })

type Answer = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string }

const largest = 256 * 1024 // bytes; "Calculating PutEvents event entry size"

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  take: (entry: Entry) => Answer,
): Promise<void> {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(body))
  }
  const refuse = (name: string, message: string): void => {
    send(400, { __type: name, message })
  }
  if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents') {
    refuse('UnknownOperationException', 'Only PutEvents is served.')
    return
  }
  const read = PutEvents.safeParse(JSON.parse(await text(request)))
  if (!read.success) {
    refuse('ValidationException', z.prettifyError(read.error))
    return
  }
  const { Entries } = read.data
  if (Entries.map(bytesOf).reduce((sum, bytes) => sum + bytes, 0) >= largest) {
    refuse('ValidationException', 'Total size of the entries in the request is over the limit.')
    return
  }
  const answers = Entries.map(take)
  send(200, { FailedEntryCount: answers.filter((each) => 'ErrorCode' in each).length, Entries: answers })
}

const bytesOf = ({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (sum, part) => sum + Buffer.byteLength(part),
    Time === undefined ? 0 : 14,
  )

/** On AWS an event for a bus that is not there is taken, and is gone: here that is said. */
function whyNot(entry: Entry, buses: readonly EventBusPart[]): Answer | undefined {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => (entry[name] ?? '') === '')
  if (missing !== undefined)
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    }
  if (!isObject(entry.Detail ?? ''))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
  const { EventBusName = '' } = entry
  return buses.some(({ name }) => name === busNamed(EventBusName))
    ? undefined
    : { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `There is no event bus "${EventBusName}".` }
}

const isObject = (json: string): boolean => {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).success
  } catch {
    return false
  }
}

function eventOf(
  { Source = '', DetailType = '', Detail = '', Time, Resources = [] }: Entry,
  { account, region }: EventBusParts,
): BusEvent {
  const at = Time === undefined ? new Date() : new Date(Time * 1000)
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DetailType,
    source: Source,
    account,
    time: at.toISOString().replace(/\.\d{3}/, ''),
    region,
    resources: Resources,
    detail: z.record(z.string(), z.unknown()).parse(JSON.parse(Detail)),
  }
}

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type JournalEntry, memoryJournal } from '../../local/engine/journal.ts'
import type { SqsMessage } from '../../local/engine/service-calls.ts'
import type { MailRequest } from '../../shared/store/outbox.ts'
import type { RowKey } from '../../shared/store/keys.ts'
import type { Row } from '../../shared/store/row-body.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import type { End } from './end.ts'
import type { Asked, KeptOffice, Office, SentMail } from './office.ts'

/**
 * A recording is text with one JSON value a line: what was added, altered or taken away since the stand before it, then
 * the stand itself. So each thing that was stored is there once, and every stand can be put up again.
 */
type Line =
  | { readonly row: Row }
  | { readonly gone: RowKey }
  | { readonly execution: JournalEntry }
  | { readonly json: readonly [place: string, text: string] }
  | { readonly file: readonly [place: string, text: string] }
  | { readonly call: CycleMachine['calls'][number] }
  | { readonly message: SqsMessage }
  | { readonly mail: MailRequest }
  | { readonly asked: Asked }
  | { readonly sent: SentMail }
  /** All that lie on the inside queue. */
  | { readonly reports: readonly unknown[] }
  | { readonly stand: Stand }
  | { readonly end: End }

/** A moment at which a release may be replaced by the next. `told`: whether the workflow has heard of the act, and stands still. */
export interface Stand {
  readonly act: string
  readonly told: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

/** A stand, put up again: all that was kept, and what was new with it. */
export interface Recorded {
  readonly stand: Stand
  readonly kept: KeptOffice
  readonly calls: CycleMachine['calls']
  readonly asked: readonly Asked[]
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

// Bytes in rows are compressed; those of files are the text of an import, in which every byte is a character.
const written = (line: Line): string =>
  JSON.stringify(line, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  )
const readLine = (text: string): Line =>
  JSON.parse(text, (_, value: { base64?: unknown } | null) =>
    typeof value?.base64 === 'string' && Object.keys(value).length === 1
      ? new Uint8Array(Buffer.from(value.base64, 'base64'))
      : value,
  ) as Line

const placeOf = ({ pk, sk }: RowKey): string => `${pk} ${sk}`

const executionsIn = ({ journal }: KeptOffice): JournalEntry[] => {
  const { ended, running } = journal.open()
  return [...ended.map(({ executionArn }) => executionArn), ...running].flatMap(journal.read)
}

export const keptOf = async ({ machine, asked, reports, sent }: Office): Promise<KeptOffice> => {
  const kept = await machine.kept()
  return { ...kept, asked: [...asked], reports: [...reports], sent: [...sent] }
}

export const nothingKept: KeptOffice = {
  now: 0,
  rows: [],
  journal: memoryJournal(),
  objects: memoryObjects(),
  messages: [],
  mails: [],
  calls: [],
  asked: [],
  reports: [],
  sent: [],
}

/** What has to be written down to come from one stand to the next. */
export function linesBetween(before: KeptOffice, after: KeptOffice, of: Omit<Stand, 'now'>): string[] {
  const rows = new Map(before.rows.map((row) => [placeOf(row), row]))
  const standing = new Set(after.rows.map(placeOf))
  const events = new Map(
    executionsIn(before).map(({ summary, events: all }) => [summary.executionArn, all.length]),
  )
  const lines: Line[] = [
    ...after.rows
      .filter((row) => !isDeepStrictEqual(row, rows.get(placeOf(row))))
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
      .map((row) => ({ row })),
    ...before.rows.filter((row) => !standing.has(placeOf(row))).map(({ pk, sk }) => ({ gone: { pk, sk } })),
    ...executionsIn(after)
      .map((entry) => ({ ...entry, events: entry.events.slice(events.get(entry.summary.executionArn) ?? 0) }))
      .filter((entry) => entry.events.length > 0)
      .map((execution) => ({ execution })),
    ...[...after.objects.json].filter(([place]) => !before.objects.json.has(place)).map((json) => ({ json })),
    ...[...after.objects.files]
      .filter(([place]) => !before.objects.files.has(place))
      .map(([place, bytes]) => ({ file: [place, Buffer.from(bytes).toString('latin1')] as const })),
    ...after.calls.slice(before.calls.length).map((call) => ({ call })),
    ...after.messages.slice(before.messages.length).map((message) => ({ message })),
    ...after.mails.slice(before.mails.length).map((mail) => ({ mail })),
    ...after.asked.slice(before.asked.length).map((asked) => ({ asked })),
    ...after.sent.slice(before.sent.length).map((sent) => ({ sent })),
    ...(after.reports.length + before.reports.length > 0 ? [{ reports: after.reports }] : []),
    { stand: { ...of, now: after.now } },
  ]
  return lines.map(written)
}

export const endLine = (end: End): string => written({ end })

/** The stands of a recording in their order, and its end. `definition` is the text that its executions were started with. */
export function readRecording(text: string, definition: string): { stands: Recorded[]; end: End } {
  const stands: Recorded[] = []
  const rows = new Map<string, Row>()
  const journal = memoryJournal()
  journal.keepDefinition(sha256(definition), definition)
  const objects = memoryObjects()
  const lists = {
    calls: [] as CycleMachine['calls'][number][],
    messages: [] as SqsMessage[],
    mails: [] as MailRequest[],
    asked: [] as Asked[],
    sent: [] as SentMail[],
  }
  let reports: readonly unknown[] = []
  let since = { calls: 0, asked: 0 }
  for (const line of text.trimEnd().split('\n').map(readLine)) {
    if ('end' in line) return { stands, end: line.end }
    if ('row' in line) rows.set(placeOf(line.row), line.row)
    else if ('gone' in line) rows.delete(placeOf(line.gone))
    else if ('execution' in line) journal.append(line.execution)
    else if ('json' in line) objects.json.set(...line.json)
    else if ('file' in line) objects.files.set(line.file[0], Buffer.from(line.file[1], 'latin1'))
    else if ('call' in line) lists.calls.push(line.call)
    else if ('message' in line) lists.messages.push(line.message)
    else if ('mail' in line) lists.mails.push(line.mail)
    else if ('asked' in line) lists.asked.push(line.asked)
    else if ('sent' in line) lists.sent.push(line.sent)
    else if ('reports' in line) reports = line.reports
    else {
      const { calls, messages, mails, asked, sent } = lists
      const kept = {
        now: line.stand.now,
        rows: [...rows.values()],
        journal: memoryJournal(journal),
        objects: memoryObjects(objects),
        messages: [...messages],
        mails: [...mails],
        calls: [...calls],
        asked: [...asked],
        reports,
        sent: [...sent],
      }
      stands.push({
        stand: line.stand,
        kept,
        calls: calls.slice(since.calls),
        asked: asked.slice(since.asked),
      })
      since = { calls: calls.length, asked: asked.length }
    }
  }
  throw new Error('The recording has no end')
}

import { keyOf, showCode } from '../domain/budget-code.ts'
import type { EntryException, ExportEntry, ExportPart, Observation } from '../domain/export.ts'
import { type FaultyPlace, type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import type { EntryEnd, ExportToClose } from './close-export.ts'
import { readBackContradicts } from './read-back-contradicts.ts'
import { partNumbered } from './under-way.ts'

type Wanted = Pick<ExportToClose, 'entries' | 'others'>
type NamedEnds = ReadonlyMap<string, EntryEnd>

const shownOpen = 100

const withdrawn = (part: ExportPart): ExportPart => ({ ...part, outcome: 'withdrawn', exceptions: [] })

/**
 * The parts as a close leaves them: what was never queued is withdrawn, what is posted is taken, and every other
 * entry ends as it is named or as `others` says. ENTRY_OPEN when one is left, LINE_NOT_SENT for an entry that no
 * part holds or that a later part carries again, READ_BACK_CONTRADICTS when Sage's totals say otherwise.
 */
export async function closedParts(
  parts: readonly ExportPart[],
  wanted: Wanted,
  entriesOf: (part: ExportPart) => Promise<readonly ExportEntry[]>,
): Promise<ExportPart[] | Refusal> {
  const stranger = wanted.entries.find(({ part }) => !partNumbered(parts, part))
  if (stranger)
    return refusal(
      'LINE_NOT_SENT',
      `There is no file ${String(stranger.part)}.`,
      'Name only files of this export.',
    )
  const closed: ExportPart[] = []
  for (const part of parts) {
    const named: NamedEnds = new Map(
      wanted.entries.filter((entry) => entry.part === part.part).map((entry) => [keyOf(entry.code), entry]),
    )
    // oxlint-disable-next-line no-await-in-loop -- one file's entries in memory at a time
    const after =
      carriedAgain(parts, part, named) ??
      closedPart(part, readOf(parts, part), named, wanted.others, await entriesOf(part))
    if (isRefusal(after)) return after
    closed.push(after)
  }
  return closed
}

/** A line that was rejected ends in the file that carries it again: taken in both, it would count twice. */
function carriedAgain(parts: readonly ExportPart[], part: ExportPart, named: NamedEnds): Refusal | undefined {
  const correction = parts.find(({ corrects }) => corrects === part.part)
  const twice = part.exceptions.filter(({ code }) => named.has(keyOf(code)))
  if (!correction || twice.length === 0) return undefined
  const says = `was rejected and is carried again by file ${String(correction.part)}`
  return refusal(
    'LINE_NOT_SENT',
    `${String(twice.length)} of the lines named for file ${String(part.part)} are carried again by file ${String(correction.part)}.`,
    `Name them for file ${String(correction.part)}; nothing was recorded.`,
    { places: twice.slice(0, shownOpen).map((entry) => place(part, entry, 'LINE_NOT_SENT', says)) },
  )
}

/** What was read of a file together with its corrections, which the last of them holds. */
function readOf(parts: readonly ExportPart[], part: ExportPart): Observation | undefined {
  const correction = parts.find(({ corrects }) => corrects === part.part)
  return (correction && readOf(parts, correction)) ?? part.observation
}

function closedPart(
  part: ExportPart,
  seen: Observation | undefined,
  named: NamedEnds,
  others: EntryEnd | undefined,
  entries: readonly ExportEntry[],
): ExportPart | Refusal {
  const unknown = strangers(part, named, entries)
  if (unknown) return unknown
  if (part.attempt === undefined) return withdrawn(part)
  if (part.posted?.how === 'verified' && named.size > 0)
    return refusal(
      'READ_BACK_CONTRADICTS',
      `Sage's totals show that file ${String(part.part)} is posted.`,
      'Leave its entries out; they are taken.',
    )
  const otherwise = part.posted ? ({ outcome: 'taken' } as const) : others
  const before = new Map(part.exceptions.map((exception) => [keyOf(exception.code), exception]))
  const ends: { entry: ExportEntry; end: EntryException }[] = []
  const open: ExportEntry[] = []
  for (const entry of entries) {
    const key = keyOf(entry.code)
    const end = named.get(key) ?? before.get(key) ?? otherwise
    if (!end) open.push(entry)
    else ends.push({ entry, end: endOf(entry, end, part) })
  }
  if (open.length > 0) return entryOpen(part, open)
  return (
    readBackContradicts(part, seen, ends) ??
    withEnds(
      part,
      ends.map(({ end }) => end),
    )
  )
}

const endOf = (
  { code }: ExportEntry,
  { outcome, mode, reason }: Pick<EntryException, 'outcome' | 'mode' | 'reason'>,
  part: ExportPart,
): EntryException => ({
  code,
  outcome,
  ...(outcome === 'taken' && mode !== undefined && mode !== part.mode && { mode }),
  ...(reason !== undefined && { reason }),
})

const sameEnd = (end: EntryException, outcome: string): boolean =>
  end.outcome === outcome && !end.mode && !end.reason

/** The outcome that most entries share becomes the part's; only the others are kept one by one. */
function withEnds(part: ExportPart, ends: readonly EntryException[]): ExportPart {
  const outcomes = ['taken', 'rejected', 'withdrawn'] as const
  const count = (outcome: string): number => ends.filter((end) => sameEnd(end, outcome)).length
  const [outcome] = outcomes.toSorted((a, b) => count(b) - count(a))
  const most = outcome ?? 'taken'
  return { ...part, outcome: most, exceptions: ends.filter((end) => !sameEnd(end, most)) }
}

const place = (
  part: ExportPart,
  entry: Pick<ExportEntry, 'code'>,
  code: string,
  says: string,
): FaultyPlace => ({
  code,
  sentence: `${showCode(entry.code)} of file ${String(part.part)} ${says}.`,
})

function strangers(part: ExportPart, named: NamedEnds, entries: readonly ExportEntry[]): Refusal | undefined {
  const sent = new Set<string>(entries.map(({ code }) => keyOf(code)))
  const unknown = [...named.keys()].filter((key) => !sent.has(key))
  return unknown.length === 0
    ? undefined
    : refusal(
        'LINE_NOT_SENT',
        `File ${String(part.part)} does not hold ${String(unknown.length)} of the lines named.`,
        'Name only lines of this file; nothing was recorded.',
      )
}

const entryOpen = (part: ExportPart, open: readonly ExportEntry[]): Refusal =>
  refusal(
    'ENTRY_OPEN',
    `${String(open.length)} entries of file ${String(part.part)} have no outcome yet.`,
    'Say for each whether Sage took it, rejected it, or it was withdrawn, or give one outcome for all others.',
    { places: open.slice(0, shownOpen).map((entry) => place(part, entry, 'ENTRY_OPEN', 'has no outcome')) },
  )

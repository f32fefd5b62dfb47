import { type CodeKey, codeOfKey, compareKeys, keyOf } from '../domain/budget-code.ts'
import { type Cents, minus, noCents, plus } from '../domain/cents.ts'
import type {
  ExportEntry,
  ExportMode,
  ExportPart,
  LedgerRow,
  Observation,
  ObservationKind,
} from '../domain/export.ts'
import type { Actor, Instant } from '../domain/ids.ts'
import type { JobTotals, SageTotal } from '../domain/sage-company.ts'
import { type Counted, saidOf, wayOut } from './observation-words.ts'

/** Keys that an observation lists: the record of a part stays small, and the sentence tells how many there are. */
export const mostKeys = 200

export interface Reading {
  readonly mode: ExportMode
  /** What Sage was sent and has not refused: a part's entries less the rejected, plus the corrections'. */
  readonly entries: readonly ExportEntry[]
  /** Sage's totals of the job before the part was queued; absent where they could not be read. */
  readonly baseline: readonly SageTotal[] | undefined
  readonly totals: JobTotals
  readonly at: Instant
}

/**
 * Compares how Sage's totals of a job moved since the baseline with what was sent, per key and mode in cents
 * (domain: posting, read-back, ways out). Movement of any key counts, also of one that was not sent: that is drift.
 *
 * Undefined without a baseline: a total alone does not tell whose it is, so nothing is verified and nothing denied.
 * Without entries, no movement is *posted* (agreement) and any movement is drift.
 */
export function observe({ mode, entries, baseline, totals, at }: Reading): Observation | undefined {
  if (baseline === undefined) return undefined
  const keys = movements(mode, entries, baseline, totals.totals)
  const sent = keys.filter(({ expected }) => expected !== 0)
  const kind = kindOf(mode, keys, sent)
  const ranked = listedFirst[kind] ?? []
  const listed = keys
    // A key that was not sent and did not move is nothing to look at.
    .filter(({ state, expected }) => ranked.includes(state) && (state !== 'still' || expected !== 0))
    .toSorted((a, b) => ranked.indexOf(a.state) - ranked.indexOf(b.state) || compareKeys(a.key, b.key))
  return {
    kind,
    at,
    read_at: totals.as_of,
    sentence: saidOf(kind, mode, counted(keys, sent)),
    what_to_do: wayOut(kind, mode),
    keys: listed.slice(0, mostKeys).map(({ key, expected, original_moved, changes_moved }) => ({
      code: codeOfKey(key),
      expected,
      original_moved,
      changes_moved,
    })),
  }
}

interface Movement {
  readonly key: CodeKey
  readonly expected: Cents
  readonly original_moved: Cents
  readonly changes_moved: Cents
  /** `wrong_box`: the whole amount, in the other mode. `other`: nothing that this file could have done. */
  readonly state: 'still' | 'posted' | 'twice' | 'wrong_box' | 'other'
}

const nothingCounted: Counted = { sent: 0, posted: 0, still: 0, twice: 0, wrong_box: 0, other: 0 }

function counted(keys: readonly Movement[], sent: readonly Movement[]): Counted {
  const count = { ...nothingCounted, sent: sent.length }
  for (const { state } of sent) if (state !== 'other') count[state] += 1
  return { ...count, other: keys.filter(({ state }) => state === 'other').length }
}

/** Which keys an observation lists, the ones to look at first in front. Where all or none moved, no key stands out. */
const listedFirst: Partial<Record<ObservationKind, readonly Movement['state'][]>> = {
  partly: ['still'],
  twice: ['twice', 'still', 'wrong_box'],
  posted_as_original: ['wrong_box', 'still'],
  posted_as_change: ['wrong_box', 'still'],
  drift: ['other', 'twice', 'wrong_box', 'still'],
}

function movements(
  mode: ExportMode,
  entries: readonly ExportEntry[],
  before: readonly SageTotal[],
  after: readonly SageTotal[],
): Movement[] {
  const expected = new Map(entries.map(({ code, cents }) => [keyOf(code), cents]))
  const [from, to] = [byKey(before), byKey(after)]
  const keys = new Set([...expected.keys(), ...from.keys(), ...to.keys()])
  return [...keys].map((key) => {
    const due = expected.get(key) ?? noCents
    const original_moved = minus(to.get(key)?.original ?? noCents, from.get(key)?.original ?? noCents)
    const changes_moved = minus(to.get(key)?.changes ?? noCents, from.get(key)?.changes ?? noCents)
    const own = mode === 'original_estimate' ? original_moved : changes_moved
    const wrong = mode === 'original_estimate' ? changes_moved : original_moved
    return { key, expected: due, original_moved, changes_moved, state: stateOf(due, own, wrong) }
  })
}

function stateOf(due: number, own: number, wrong: number): Movement['state'] {
  if (own === 0 && wrong === 0) return 'still'
  if (own === due && wrong === 0) return 'posted'
  if (own === 0 && wrong === due) return 'wrong_box'
  // Twice in one box, or once in each: the file was imported twice either way.
  const twice = [2 * due, due, 0].some((part) => own === part && wrong === 2 * due - part)
  return twice ? 'twice' : 'other'
}

function kindOf(mode: ExportMode, keys: readonly Movement[], sent: readonly Movement[]): ObservationKind {
  const some = (state: Movement['state']): boolean => keys.some((key) => key.state === state)
  if (some('other')) return 'drift'
  if (some('twice')) return 'twice'
  if (some('wrong_box')) return mode === 'original_estimate' ? 'posted_as_change' : 'posted_as_original'
  if (sent.every(({ state }) => state === 'posted')) return 'posted'
  return some('posted') ? 'partly' : 'awaiting_posting'
}

/** Totals by key, compared trimmed as Sage pads them; the same key in several rows is added up. */
function byKey(totals: readonly SageTotal[]): ReadonlyMap<CodeKey, { original: Cents; changes: Cents }> {
  const found = new Map<CodeKey, { original: Cents; changes: Cents }>()
  for (const { extra, cost_code, category, original, changes } of totals) {
    const key = keyOf({ sub_job: extra.trim(), cost_code: cost_code.trim(), cost_type: category.trim() })
    const before = found.get(key)
    found.set(key, {
      original: plus(before?.original ?? noCents, original),
      changes: plus(before?.changes ?? noCents, changes),
    })
  }
  return found
}

/** Whether a reading shows what the one before did: then there is nothing to tell. */
export const sameObservation = (before: Observation | undefined, now: Observation): boolean =>
  before !== undefined && before.kind === now.kind && JSON.stringify(before.keys) === JSON.stringify(now.keys)

/** Of a file that was delivered, and of which nothing has moved in Sage for days. */
export const staleSince = (
  at: Instant,
  { mode, entries, observation }: Pick<ExportPart, 'mode' | 'entries' | 'observation'>,
  days: number,
): Observation => ({
  kind: 'stale',
  // Since when it is, not when it was last said.
  at: observation?.kind === 'stale' ? observation.at : at,
  sentence: saidOf('stale', mode, { ...nothingCounted, sent: entries, days }),
  what_to_do: wayOut('stale', mode),
  keys: [],
})

/** What a poster tells when Sage stopped the import, with the message of its Estimate Import Report. */
export const importStopped = (at: Instant, by: Actor, mode: ExportMode, message: string): Observation => ({
  kind: 'import_stopped',
  at,
  by,
  sentence: `${saidOf('import_stopped', mode, nothingCounted)} Sage says: ${message}`,
  what_to_do: wayOut('import_stopped', mode),
  keys: [],
})

type Listed = Pick<Observation, 'keys'>

/**
 * Listed keys of which a movement does not tell whether it holds what was sent there: others may have added to it, taken
 * from it or moved it to the other box. What moved exactly as it was sent is not listed.
 */
export const postedOrNot = ({ keys }: Listed): Observation['keys'] =>
  keys.filter(
    ({ expected, original_moved, changes_moved }) =>
      expected !== 0 && (original_moved !== 0 || changes_moved !== 0),
  )

/**
 * The part of a movement that was made in Sage, for a poster to acknowledge: all of it; but less what was sent, in the
 * file's own box, on a key that moved and where the file was posted when Sage was read.
 */
export function madeInSage(mode: ExportMode, observed: Listed, filePosted: boolean): LedgerRow[] {
  const ours = new Set(filePosted ? postedOrNot(observed) : [])
  return observed.keys
    .map((key) => {
      const { code, original_moved, changes_moved } = key
      const posted = ours.has(key) ? key.expected : noCents
      return mode === 'original_estimate'
        ? { code, original: minus(original_moved, posted), changes: changes_moved }
        : { code, original: original_moved, changes: minus(changes_moved, posted) }
    })
    .filter(({ original, changes }) => original !== 0 || changes !== 0)
}

/**
 * Of what Sage is said to have taken since a reading, the amounts that a later reading does not show yet: by key and
 * mode, whichever explains the movement best: nothing posted, this, or this with what was sent after it.
 */
export function notShownYet(
  taken: readonly LedgerRow[],
  before: readonly SageTotal[],
  after: readonly SageTotal[],
  sentAfter: readonly LedgerRow[] = [],
): LedgerRow[] {
  const [from, to] = [byKey(before), byKey(after)]
  const next = new Map(sentAfter.map((row) => [keyOf(row.code), row]))
  return taken
    .map(({ code, original, changes }) => {
      const key = keyOf(code)
      const left = (mode: 'original' | 'changes', amount: Cents): Cents => {
        const moved = minus(to.get(key)?.[mode] ?? noCents, from.get(key)?.[mode] ?? noCents)
        const both = plus(amount, next.get(key)?.[mode] ?? noCents)
        const shown = Math.min(Math.abs(moved - amount), Math.abs(moved - both)) < Math.abs(moved)
        return shown ? noCents : amount
      }
      return { code, original: left('original', original), changes: left('changes', changes) }
    })
    .filter(({ original, changes }) => original !== 0 || changes !== 0)
}

/** The baseline once a movement made in Sage was acknowledged: it joins, and nothing is ever sent to cancel it. */
export function joinBaseline(baseline: readonly SageTotal[], made: readonly LedgerRow[]): SageTotal[] {
  const joined = new Map(byKey(baseline))
  for (const { code, original, changes } of made) {
    const before = joined.get(keyOf(code))
    joined.set(keyOf(code), {
      original: plus(before?.original ?? noCents, original),
      changes: plus(before?.changes ?? noCents, changes),
    })
  }
  return [...joined]
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, amounts]) => {
      const { sub_job, cost_code, cost_type } = codeOfKey(key)
      return { extra: sub_job, cost_code, category: cost_type, ...amounts }
    })
}

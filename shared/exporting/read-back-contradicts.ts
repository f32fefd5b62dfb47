import { keyOf, showCode } from '../domain/budget-code.ts'
import { type EntryException, type ExportPart, type Observation, otherMode } from '../domain/export.ts'
import { type FaultyPlace, type Refusal, refusal } from '../domain/refusal.ts'
import { mostKeys } from '../sage/reconciliation.ts'

type Seen = Observation['keys'][number]

/** What Sage's totals say of one entry, where they leave no doubt. */
function seenAs(
  { mode }: ExportPart,
  { expected, original_moved, changes_moved }: Seen,
): 'still' | 'wrong_box' | 'unclear' {
  const [own, wrong] =
    mode === 'original_estimate' ? [original_moved, changes_moved] : [changes_moved, original_moved]
  if (own === 0 && wrong === 0) return 'still'
  return own === 0 && wrong === expected ? 'wrong_box' : 'unclear'
}

function contradiction(part: ExportPart, seen: Seen, end: EntryException): string | undefined {
  const said = seenAs(part, seen)
  if (said === 'still' && end.outcome === 'taken') return 'did not move in Sage, so Sage has not taken it'
  if (said !== 'wrong_box') return undefined
  return end.outcome === 'taken' && end.mode === otherMode[part.mode]
    ? undefined
    : 'stands in Sage in the other mode; say taken, in that mode'
}

/** Observations that list every key of the file but those that moved as they were sent. */
const listsAllOthers: ReadonlySet<Observation['kind']> = new Set([
  'partly',
  'posted_as_original',
  'posted_as_change',
  'drift',
])

/**
 * READ_BACK_CONTRADICTS when an entry is said to have ended otherwise than Sage's totals show. Entries that the
 * observation does not list moved as sent where any moved; a reading that saw nothing yet denies nothing.
 * `observation` is that of the part, or of the last correction of it: they are read together.
 */
export function readBackContradicts(
  part: ExportPart,
  observation: Observation | undefined,
  ends: readonly { readonly end: EntryException }[],
): Refusal | undefined {
  if (!observation) return undefined
  if (observation.kind === 'twice')
    return refusal('READ_BACK_CONTRADICTS', observation.sentence, observation.what_to_do)
  const corrected = new Set(
    part.exceptions.filter(({ outcome }) => outcome === 'rejected').map(({ code }) => keyOf(code)),
  )
  const seen = new Map(observation.keys.map((key) => [keyOf(key.code), key]))
  const places = ends.flatMap(({ end }): FaultyPlace[] => {
    const key = keyOf(end.code)
    const listed = seen.get(key)
    if (corrected.has(key) || (!listed && !listsAllOthers.has(observation.kind))) return []
    const wrong = listed ? contradiction(part, listed, end) : unlisted(observation, end)
    return wrong === undefined
      ? []
      : [{ code: 'READ_BACK_CONTRADICTS', sentence: `${showCode(end.code)} ${wrong}.` }]
  })
  const [first] = places
  return first === undefined
    ? undefined
    : refusal(
        'READ_BACK_CONTRADICTS',
        `Sage's totals say otherwise of ${places.length === 1 ? '1 entry' : `${String(places.length)} entries`}. ${first.sentence}`,
        'Say of these where Sage shows them, or have Sage corrected and read again.',
        { places: places.slice(0, 100) },
      )
}

// Where an observation lists as many keys as it can, nothing follows from not being listed.
const unlisted = ({ keys }: Observation, { outcome, mode }: EntryException): string | undefined =>
  keys.length < mostKeys && (outcome !== 'taken' || mode !== undefined)
    ? 'is posted in Sage as it was sent, so it was taken'
    : undefined

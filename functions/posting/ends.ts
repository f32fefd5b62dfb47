import { keyOf } from '../../shared/domain/budget-code.ts'
import { type ExportEntry, type ExportPart, otherMode } from '../../shared/domain/export.ts'
import { isRefusal, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import type { EntryEnd, ExportToClose } from '../../shared/exporting/close-export.ts'
import { codesByWords, notOne, notThere, wordsIn } from './lines-named.ts'

/** Files that a close needs an outcome for: handed out, and neither posted nor ended. */
export const partsToEnd = (parts: readonly ExportPart[]): ExportPart[] =>
  parts.filter(({ attempt, posted, outcome }) => attempt !== undefined && !posted && outcome === 'open')

/** Where the lines of a file can have ended, as a poster chooses it. */
export const places = ['withdrawn', 'taken', 'other_box', 'rejected'] as const
type Place = (typeof places)[number]

/** Places for which single lines may be named beside the rest of their file. */
export const placesOfLines = ['taken', 'other_box', 'withdrawn', 'rejected'] as const

export const placeField = (part: number): string => `outcome_${String(part)}`
export const linesField = (part: number, place: string): string => `${place}_${String(part)}`

const endAt = (place: Place, { mode }: ExportPart): EntryEnd =>
  place === 'other_box' ? { outcome: 'taken', mode: otherMode[mode] } : { outcome: place }

type Ends = ExportToClose['entries']

/**
 * How every open line of a file ended: where the form names it, else where the form says that all others are.
 * INVALID_INPUT without a choice or for a line named twice, LINE_NOT_SENT for one that is not open in this file.
 */
export function endsOf(
  part: ExportPart,
  entries: readonly ExportEntry[],
  form: URLSearchParams,
): Ends | Refusal {
  const chosen = form.getAll(placeField(part.part))
  const place = places.find((each) => each === chosen[0])
  if (place === undefined || chosen.length !== 1)
    return refusal(
      'INVALID_INPUT',
      `Nobody said what of file ${String(part.part)} is in Sage.`,
      'Look in Sage, and choose what is there now.',
    )
  const ended = new Set(part.exceptions.map(({ code }) => keyOf(code)))
  const open = entries.filter(({ code }) => !ended.has(keyOf(code)))
  const named = linesNamed(part, open, form)
  if (isRefusal(named)) return named
  return open.map(({ code }) => ({
    part: part.part,
    code,
    ...endAt(named.get(keyOf(code)) ?? place, part),
  }))
}

function linesNamed(
  part: ExportPart,
  open: readonly ExportEntry[],
  form: URLSearchParams,
): ReadonlyMap<string, Place> | Refusal {
  const shown = codesByWords(open)
  const named = new Map<string, Place>()
  const unknown: string[] = []
  for (const place of placesOfLines)
    for (const words of wordsIn(form.get(linesField(part.part, place)))) {
      const [code, another] = shown.get(words) ?? []
      if (!code) unknown.push(words)
      else if (another || named.has(keyOf(code))) return notOne(words, another !== undefined)
      else named.set(keyOf(code), place)
    }
  return unknown.length === 0 ? named : notThere(part, unknown, 'open line')
}

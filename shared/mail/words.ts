import type { ExportMode, ExportPart } from '../domain/export.ts'
import { daysBetween } from '../domain/clock.ts'
import type { Day, Instant } from '../domain/ids.ts'
import { type Cents, minus, showCents } from '../domain/cents.ts'
import { partInWords } from '../domain/shown-as.ts'

/** What the one mail a day is called. */
export const summaryName = 'ERP Integrations daily summary'

/** Which box in Sage's import window; the one thing that tells the two kinds of files apart there. */
export const boxOf = (mode: ExportMode | undefined): string =>
  mode === 'approved_estimate_change'
    ? 'TICK the box "Import as an Approved Estimate Change"'
    : 'Leave the box "Import as an Approved Estimate Change" EMPTY'

/** Number of files without corrections: what *of 2* counts. */
export const planned = (parts: readonly Pick<ExportPart, 'kind'>[]): number =>
  parts.filter(({ kind }) => kind !== 'correction').length

export function fileOf(part: ExportPart | undefined, files: number): string {
  if (part === undefined) return 'A file'
  if (part.kind === 'correction') return `A correction of Sage import file ${String(part.corrects ?? 1)}`
  return partInWords(part.part, files)
}

/** `22 December 2026, 06:05 PST`, in the time zone of the Sage company; UTC where none is known. */
export function whenToStop(instant: Instant | undefined, timeZone = 'UTC'): string {
  if (instant === undefined) return ''
  const at = new Date(instant)
  const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone })
  return `${when.format(at)} ${zoneNameAt(at, timeZone)}`
}

/** `less than a day`, `1 day`, `12 days` */
export function ageInWords(from: Instant, at: Instant): string {
  const days = daysBetween(from, at)
  return days < 1 ? 'less than a day' : `${String(days)} ${days === 1 ? 'day' : 'days'}`
}

// American English has the short names that an American office knows: PST, where others say GMT-8.
const zoneNameAt = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone

/** `22 December 2026` */
export const dayInWords = (day: Day): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )

interface ControlTotal {
  readonly total: Cents
  /** Sum of the entries above zero; absent where an earlier release stored the total. */
  readonly increases?: Cents | undefined
}

/** `+18,250.40 / -18,250.40`, by which a file is known whose total says little; undefined where all entries have one sign. */
export function bothWays({ total, increases }: ControlTotal): string | undefined {
  if (increases === undefined || increases === 0 || increases === total) return undefined
  return `+${showCents(increases)} / ${showCents(minus(total, increases))}`
}

/** `0.00 (+18,250.40 / -18,250.40)` */
export function totalInWords(control: ControlTotal): string {
  const ways = bothWays(control)
  return ways === undefined ? showCents(control.total) : `${showCents(control.total)} (${ways})`
}

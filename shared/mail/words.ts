import type { ExportMode, ExportPart } from '../domain/export.ts'
import type { Instant } from '../domain/ids.ts'
import { partInWords } from '../domain/shown-as.ts'

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

/** `22 December 2026, 14:05 UTC` */
export const whenToStop = (instant: Instant | undefined): string =>
  instant === undefined
    ? ''
    : `${new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(instant))} UTC`

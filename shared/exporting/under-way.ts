import type { BudgetHead } from '../domain/budget-head.ts'
import type { BudgetExport, ExportPart } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { isRefusal, type Refusal, refusal } from '../domain/refusal.ts'
import type { BudgetStore } from '../store/budget-store.ts'

/** An export with its parts. */
export interface StoredExport {
  readonly open: BudgetExport
  readonly parts: readonly ExportPart[]
}

export const noBudget = (): Refusal =>
  refusal('NOT_FOUND', 'There is no such project.', 'Look at the list of projects.')

export const noExport = (): Refusal =>
  refusal('NOT_FOUND', 'There is no such export.', 'Look at the list of exports for what there is.')

/** Export and parts by number; NOT_FOUND. */
export async function storedExport(
  store: BudgetStore,
  key: ProjectKey,
  number: number,
): Promise<StoredExport | Refusal> {
  const [open, parts] = await Promise.all([store.export(key, number), store.parts(key, number)])
  return open ? { open, parts } : noExport()
}

/** A part of an export, and the budget that it is of. */
interface StoredPart extends StoredExport {
  readonly head: BudgetHead
  readonly part: ExportPart
}

/** A part by its numbers, over the head as it was read; NOT_FOUND. */
export async function storedPart(
  store: BudgetStore,
  head: BudgetHead | undefined,
  of: { readonly export: number; readonly part: number },
): Promise<StoredPart | Refusal> {
  if (!head) return noExport()
  const found = await storedExport(store, head, of.export)
  if (isRefusal(found)) return found
  const part = partNumbered(found.parts, of.part)
  return part ? { ...found, head, part } : noExport()
}

/** Whether the export is the one under way; OTHER_EXPORT when it is settled or another one is, NOT_FOUND before it is made. */
export function unlessUnderWay(head: BudgetHead, number: number): Refusal | undefined {
  if (head.open_export === number) return undefined
  if (number > head.export) return noExport()
  return refusal(
    'OTHER_EXPORT',
    head.open_export === undefined
      ? `Export ${String(number)} is settled; nothing of it is under way.`
      : `Export ${String(head.open_export)} is under way, not export ${String(number)}.`,
    'Look at the budget for the export that is under way.',
  )
}

export const partNumbered = (parts: readonly ExportPart[], number: number): ExportPart | undefined =>
  parts.find(({ part }) => part === number)

/**
 * A part with every part whose rejected lines it carries again: they share one baseline, are compared with Sage
 * together, and *posted* speaks for all of them.
 */
export function withCorrected(parts: readonly ExportPart[], part: ExportPart): ExportPart[] {
  const corrected = part.corrects === undefined ? undefined : partNumbered(parts, part.corrects)
  return corrected ? [part, ...withCorrected(parts, corrected)] : [part]
}

/**
 * An export that failed before any file was made has no number yet; it is addressed by the number it would get.
 */
export const withoutFile = (head: BudgetHead, number: number): boolean =>
  head.open_export === undefined && head.erp === 'export_failed' && number === head.export + 1

/** The part with nothing observed of it: what was seen is confirmed, or acknowledged. */
export function withoutObservation(part: ExportPart): Omit<ExportPart, 'observation'> {
  const { observation: _, ...kept } = part
  return kept
}

/** NOTHING_TO_CONFIRM unless the part is the one that a person has to import and post now. */
export const notWaiting = ({ open }: StoredExport, part: ExportPart): Refusal | undefined =>
  open.current_part === part.part && part.receipt && !part.posted
    ? undefined
    : refusal(
        'NOTHING_TO_CONFIRM',
        `File ${String(part.part)} is not the one that waits for posting.`,
        'Look at the export for the file that is due.',
      )

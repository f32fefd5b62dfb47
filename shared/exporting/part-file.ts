import type { BudgetHead } from '../domain/budget-head.ts'
import { type BudgetExport, type ExportPart, isDelivered } from '../domain/export.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'

/**
 * Whether the file of a part may be handed to a person: it is the one now due, it was delivered, and nobody has
 * withdrawn, returned or closed it since. A next part's file does not exist for anybody before the part before it is
 * posted; a file whose rejected lines travel in a correction was imported, and must not be imported again.
 */
export function mayDownload(
  head: BudgetHead,
  { current_part }: Pick<BudgetExport, 'current_part'>,
  part: ExportPart,
): Refusal | undefined {
  const { posted, outcome, exceptions } = part
  const file = `File ${String(part.part)}`
  if (posted)
    return refusal(
      'NOT_EXPORTING',
      `${file} is posted in Sage; importing it again would double its entries.`,
      'Nothing: this file is done.',
    )
  const open = head.open_export === part.export && outcome === 'open' && isDelivered(part)
  if (open && exceptions.length > 0)
    return refusal(
      'NOT_EXPORTING',
      `${file} was imported, and its rejected lines travel in a correction; importing it again would double the others.`,
      'Import the correction when its mail comes.',
    )
  return open && current_part === part.part
    ? undefined
    : refusal(
        'NOT_EXPORTING',
        `${file} is not to be imported.`,
        'Look at the export for the file that is due.',
      )
}

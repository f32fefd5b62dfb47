import type { BudgetHead } from '../domain/budget-head.ts'
import type { ExportPart } from '../domain/export.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'

/**
 * Whether the file of a part may be handed to a person: it was delivered, and nobody has withdrawn, returned or
 * closed it since. A next part's file does not exist for anybody before the part before it is posted.
 */
export function mayDownload(head: BudgetHead, part: ExportPart): Refusal | undefined {
  const alive = head.open_export === part.export && part.outcome === 'open' && part.receipt && !part.posted
  return alive
    ? undefined
    : refusal(
        'NOT_EXPORTING',
        part.posted
          ? `File ${String(part.part)} is posted in Sage; importing it again would double its entries.`
          : `File ${String(part.part)} is not to be imported.`,
        part.posted ? 'Nothing: this file is done.' : 'Look at the export for the file that is due.',
      )
}

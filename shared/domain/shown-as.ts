import type { ErpState } from './budget-head.ts'
import type { ExportMode } from './export.ts'

/** Words for people on pages and in mails, where they differ from the words in code (domain: shown as). */
export const erpStateInWords: Record<ErpState, string> = {
  not_sent: 'Not sent to accounting yet',
  sent: 'Waiting for accounting to decide',
  retrieved: 'Retrieved by the project',
  rejected: 'Rejected',
  expired: 'Not decided in time',
  accepted: 'Accepted, export being prepared',
  exporting: 'On its way to Sage',
  export_failed: 'Export failed',
  exported: 'With accounting, not posted yet',
  partly_posted: 'Some lines not posted',
  mismatch: 'Sage shows other figures',
  synced: 'Posted in Sage',
  update_pending: 'Changes not yet sent to Sage',
}

export const modeInWords: Record<ExportMode, string> = {
  original_estimate: 'Original estimate (leave the box empty)',
  approved_estimate_change: 'Approved estimate change (tick the box)',
}

/** `Sage import file 1 of 2`. */
export const partInWords = (part: number, of: number): string =>
  `Sage import file ${String(part)} of ${String(of)}`

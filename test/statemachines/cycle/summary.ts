import type { DailySummary } from '../../../functions/schedule/daily-summary.ts'
import { createSummaries } from '../../../shared/store/summary-table.ts'
import type { LocalDatabase } from '../../store/local-database.ts'
import type { CycleMachine } from './machine.ts'

/** The daily summary over the table of a machine; `lines` keeps what it logs of failures. */
export function summaryOf(
  machine: CycleMachine,
  document: LocalDatabase['document'],
): DailySummary & { readonly lines: unknown[] } {
  const lines: unknown[] = []
  return {
    ...machine,
    summaries: createSummaries({ document, table: machine.table }),
    logger: {
      info: () => {},
      error: (message, ...more) => {
        lines.push([message, ...more])
      },
    },
    lines,
  }
}

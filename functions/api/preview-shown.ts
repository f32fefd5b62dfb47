import { showCode } from '../../shared/domain/budget-code.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import type { Preview, PreviewRow } from '../../shared/domain/preview.ts'
import { lineShown } from './as-shown.ts'

// A preview is for looking at; the counts are of all lines.
const previewed = 500

const rowShown = (row: PreviewRow) => ({
  kind: row.kind,
  budget_code: showCode(row.code),
  line: row.line ?? null,
  columns: row.kind === 'change' ? (row.columns ?? []) : [],
  before: 'before' in row ? lineShown(row.before) : null,
  after: 'after' in row && row.after ? lineShown(row.after) : null,
  ...(row.kind === 'keep' && { sentence: row.sentence, what_to_do: row.what_to_do }),
})

/** What an import or a restore does, to look at before it is stored, and as its answer when it is. */
export function previewShown({ rows, counts, original }: Preview, revision: number, stored: boolean) {
  const told = rows.filter(({ kind }) => kind !== 'unchanged')
  return {
    stored,
    revision,
    counts,
    original_budget_amount: { before: formatCents(original.before), after: formatCents(original.after) },
    line_items: told.slice(0, previewed).map(rowShown),
    line_items_in_all: told.length,
  }
}

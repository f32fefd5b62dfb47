import type { PartTotal } from '../../shared/domain/approval.ts'
import type { AdjustmentLine, BudgetChange } from '../../shared/domain/budget-change.ts'
import { type BudgetCode, showCode } from '../../shared/domain/budget-code.ts'
import type { BudgetHead, BudgetVersion, Project } from '../../shared/domain/budget-head.ts'
import { type Cents, formatCents, minus, sum } from '../../shared/domain/cents.ts'
import type { Observation } from '../../shared/domain/export.ts'
import { shownState } from '../../shared/domain/lifecycle.ts'
import { type LineItem, revisedEstimate, type Totals } from '../../shared/domain/line-item.ts'
import { formatScaled4, type Scaled4 } from '../../shared/domain/quantity.ts'

// How the API writes things: names follow Procore's, amounts are decimal strings.

const scaled = (value: Scaled4 | null): string | null => (value === null ? null : formatScaled4(value))

export const codeShown = (code: BudgetCode) => ({ ...code, budget_code: showCode(code) })

export const amountsShown = (of: Pick<Totals, 'original' | 'changes'>) => ({
  original_budget_amount: formatCents(of.original),
  budget_changes: formatCents(of.changes),
  revised_estimate: formatCents(revisedEstimate(of)),
})

/** Amounts as Sage keeps them, by the box of the import. */
export const inSageShown = ({ original, changes }: Pick<Totals, 'original' | 'changes'>) => ({
  original_estimate: formatCents(original),
  approved_estimate_changes: formatCents(changes),
  total: formatCents(revisedEstimate({ original, changes })),
})

export const lineShown = (line: LineItem) => ({
  ...codeShown(line.code),
  description: line.description,
  calculation_strategy: line.calculation_strategy,
  quantity: scaled(line.quantity),
  uom: line.uom,
  unit_cost: scaled(line.unit_cost),
  ...amountsShown(line),
})

export const totalsShown = (head: Totals) => ({ line_items: head.lines, ...amountsShown(head) })

export const statesShown = (head: Pick<BudgetHead, 'edit' | 'erp' | 'erp_since' | 'confirmed'>) => ({
  edit_state: head.edit,
  erp_state: head.erp,
  erp_since: head.erp_since,
  shown_as: shownState(head),
})

/** What a part would hold; a net total is checked by what it adds and what it takes away. */
export const partTotalShown = ({ total, increases, ...part }: PartTotal) => ({
  ...part,
  total: formatCents(total),
  ...(increases !== undefined && {
    increases: formatCents(increases),
    decreases: formatCents(minus(total, increases)),
  }),
})

export const projectShown = (project: Project) => ({
  id: project.project,
  name: project.name,
  job: project.job ?? null,
  settings: project.settings,
  address: project.address ?? null,
  sub_jobs: project.sub_jobs ?? [],
  created_by: project.created_by,
  created_at: project.created_at,
})

export const versionShown = ({ number, hash, lines, by, at, why, name, ...amounts }: BudgetVersion) => ({
  version: number,
  hash,
  ...totalsShown({ lines, ...amounts }),
  created_by: by,
  created_at: at,
  why,
  name: name ?? null,
})

const net = (lines: readonly AdjustmentLine[]): Cents => sum(lines.map(({ amount }) => amount))

export const changeSummary = (change: BudgetChange) => ({
  number: change.number,
  title: change.title,
  description: change.description,
  status: change.status,
  from_sage: change.from_sage,
  approved_in_version: change.approved_in ?? null,
  net_amount: formatCents(net(change.lines)),
  adjustment_line_item_count: change.lines.length,
  created_by: change.created_by,
  created_at: change.created_at,
  updated_by: change.updated_by,
  updated_at: change.updated_at,
})

export const changeShown = (change: BudgetChange) => ({
  ...changeSummary(change),
  adjustment_line_items: change.lines.map(({ code, amount, comment }) => ({
    ...codeShown(code),
    amount: formatCents(amount),
    comment,
  })),
})

export const observationShown = ({ keys, ...observation }: Observation) => ({
  ...observation,
  keys: keys.map(({ code, expected, original_moved, changes_moved }) => ({
    ...codeShown(code),
    expected: formatCents(expected),
    original_moved: formatCents(original_moved),
    changes_moved: formatCents(changes_moved),
  })),
})

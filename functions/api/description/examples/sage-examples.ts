import type { Examples } from './example.ts'
import { concrete, steel } from './shown-lines.ts'

const typed = { calculation_strategy: 'manual', quantity: null, uom: '', unit_cost: null }

const added = {
  kind: 'add',
  line: null,
  columns: [],
  before: null,
}

const preview = {
  job_totals: { as_of: '2026-11-22T19:00:00.000Z', job: '26-002' },
  opening_entries: 2,
  kept_budget_changes: [],
  counts: { add: 2, change: 0, unchanged: 0, remove: 0, keep: 0 },
  original_budget_amount: { before: '0.00', after: '505750.00' },
  line_items: [
    {
      ...added,
      budget_code: '03-3000.S',
      after: {
        ...concrete('325000.00'),
        description: 'Concrete',
        budget_changes: '-5000.00',
        revised_estimate: '320000.00',
      },
    },
    { ...added, budget_code: '05-1200.M', after: { ...steel, ...typed, description: 'Structural steel' } },
  ],
  line_items_in_all: 2,
}

/** A budget that begins with what Sage holds: the reading of its job, a look at the import, the import. */
export const sageExamples: Examples = {
  create_linked_project: {
    of: 'PUT /projects/{project}',
    shows: 'A project whose job has an estimate in Sage.',
    by: 'budget_admin',
    with: { project: 'annex' },
    body: { name: 'Annex', job: { sage_company: 'east', number: '26-002' } },
    answer: {
      created_at: '2026-11-22T19:38:31.000Z',
      created_by: 'bob',
      edit_state: 'unlocked',
      erp_since: '2026-11-22T19:38:31.000Z',
      erp_state: 'not_sent',
      id: 'annex',
      job: { number: '26-002', sage_company: 'east' },
      name: 'Annex',
      settings: { one_sided_changes: false },
      address: null,
      sub_jobs: [],
      shown_as: 'Not sent to accounting yet',
    },
  },
  report_totals: {
    of: 'PUT /erp/master_data/{sage}/totals/{job}',
    shows: 'The agent reports what Sage holds for the job.',
    by: 'connector',
    with: { sage: 'east', job: '26-002' },
    body: {
      as_of: '2026-11-22T19:00:00.000Z',
      totals: [
        { cost_code: '03-3000', category: 'S', original: '325000.00', changes: '-5000.00' },
        { cost_code: '05-1200', category: 'M', original: '180750.00', changes: '0.00' },
      ],
    },
    answer: { as_of: '2026-11-22T19:00:00.000Z', job: '26-002', totals: 2 },
  },
  look_at_import_from_sage: {
    of: 'POST /projects/{project}/budget/import_from_sage',
    shows: 'A look at what Sage’s totals would make of the budget; nothing is stored.',
    by: 'project_manager',
    with: { project: 'annex', dry_run: 'true', 'Idempotency-Key': 'annex-look', 'If-Match': '"1"' },
    answer: { ...preview, revision: 1, stored: false },
  },
  import_from_sage: {
    of: 'POST /projects/{project}/budget/import_from_sage',
    shows: 'Sage’s originals become lines, its approved changes the budget change From Sage.',
    by: 'project_manager',
    with: { project: 'annex', 'Idempotency-Key': 'annex-import', 'If-Match': '"1"' },
    answer: { ...preview, revision: 2, stored: true },
  },
}

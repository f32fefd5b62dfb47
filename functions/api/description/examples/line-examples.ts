import type { Examples } from './example.ts'
import { concrete, generalConditions } from './shown-lines.ts'

const file =
  'Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount\r\n' +
  '03-3000,S,"Concrete, placed",yes,,,,330000.00\r\n' +
  '01-1000,L,General conditions,no,12,mo,1485.50,\r\n'

const preview = {
  mode: 'merge',
  stored: false,
  revision: 2,
  counts: { add: 1, change: 1, unchanged: 0, remove: 0, keep: 0 },
  original_budget_amount: { before: '505750.00', after: '528576.00' },
  line_items: [
    { kind: 'add', budget_code: '01-1000.L', line: 3, columns: [], before: null, after: generalConditions },
    {
      kind: 'change',
      budget_code: '03-3000.S',
      line: 2,
      columns: ['Budget Amount'],
      before: concrete('325000.00'),
      after: concrete('330000.00'),
    },
  ],
  line_items_in_all: 2,
}

/** From a project that is not there yet to lines that may be sent. */
export const lineExamples: Examples = {
  make_project: {
    of: 'PUT /projects/{project}',
    shows: 'A project is made and linked to its job in Sage.',
    by: 'budget_admin',
    with: { project: 'tower' },
    body: { name: 'Tower', job: { sage_company: 'east', number: '26-001' } },
    answer: {
      id: 'tower',
      name: 'Tower',
      job: { sage_company: 'east', number: '26-001' },
      settings: { one_sided_changes: false },
      address: null,
      sub_jobs: [],
      created_by: 'bob',
      created_at: '2026-11-22T19:38:31.000Z',
      edit_state: 'unlocked',
      erp_state: 'not_sent',
      erp_since: '2026-11-22T19:38:31.000Z',
      shown_as: 'Not sent to accounting yet',
    },
  },
  store_lines: {
    of: 'PATCH /projects/{project}/budget/line_items',
    shows: 'Two lines are stored, one typed and one calculated.',
    by: 'estimator',
    with: { project: 'tower', 'If-Match': '"1"' },
    body: {
      upserts: [
        {
          cost_code: '03-3000',
          cost_type: 'S',
          description: 'Concrete, placed',
          original_budget_amount: '325000.00',
        },
        {
          cost_code: '05-1200',
          cost_type: 'M',
          description: 'Steel',
          quantity: '120.5',
          uom: 'ton',
          unit_cost: '1500',
        },
      ],
    },
    answer: {
      changed: 2,
      revision: 2,
      edit_state: 'unlocked',
      erp_state: 'not_sent',
      erp_since: '2026-11-22T19:38:31.000Z',
      shown_as: 'Not sent to accounting yet',
      totals: {
        line_items: 2,
        original_budget_amount: '505750.00',
        budget_changes: '0.00',
        revised_estimate: '505750.00',
      },
    },
  },
  overtaken: {
    of: 'PATCH /projects/{project}/budget/line_items',
    shows: 'Somebody else was first: the revision named is no longer the one that stands.',
    by: 'project_manager',
    with: { project: 'tower', 'If-Match': '"1"' },
    body: { deletes: [{ cost_code: '05-1200', cost_type: 'M' }] },
    refused: true,
    answer: {
      type: 'urn:sage-budget-export:problem:CHANGED_MEANWHILE',
      title: 'Changed meanwhile',
      status: 412,
      detail: 'It was changed since: revision 2 stands now.',
      what_to_do: 'Read it again, look at what changed, and send your change with the new ETag.',
      instance: 'urn:request:request-1',
    },
  },
  faulty_lines: {
    of: 'PATCH /projects/{project}/budget/line_items',
    shows: 'A faulty amount is named at its place, and nothing is stored.',
    by: 'estimator',
    with: { project: 'tower', 'If-Match': '"2"' },
    body: {
      upserts: [{ cost_code: '03-3000', cost_type: 'S', original_budget_amount: '1,000.005' }],
    },
    refused: true,
    answer: {
      type: 'urn:sage-budget-export:problem:LINE_INVALID',
      title: 'Line invalid',
      status: 422,
      detail: 'Some lines are not as they must be.',
      what_to_do: 'Correct what `errors` names and send the whole batch again; nothing of it was stored.',
      instance: 'urn:request:request-1',
      errors: [
        {
          pointer: '/upserts/0/original_budget_amount',
          code: 'THOUSANDS_SEPARATOR',
          sentence: '1,000.005 has a thousands separator; write digits and a decimal point only.',
        },
      ],
      errors_in_all: 1,
    },
  },
  list_lines: {
    of: 'GET /projects/{project}/budget/line_items',
    shows: 'The lines of one division.',
    by: 'viewer',
    with: { project: 'tower', division: '03', limit: 10 },
    answer: { line_items: [concrete('325000.00')], line_items_in_all: 1, next_cursor: null },
  },
  add_up_lines: {
    of: 'GET /projects/{project}/budget/subtotals',
    shows: 'The lines added up by division.',
    by: 'viewer',
    with: { project: 'tower', by: 'division' },
    answer: {
      by: 'division',
      subtotals: [
        {
          division: '03',
          line_items: 1,
          original_budget_amount: '325000.00',
          budget_changes: '0.00',
          revised_estimate: '325000.00',
        },
        {
          division: '05',
          line_items: 1,
          original_budget_amount: '180750.00',
          budget_changes: '0.00',
          revised_estimate: '180750.00',
        },
      ],
      totals: {
        line_items: 2,
        original_budget_amount: '505750.00',
        budget_changes: '0.00',
        revised_estimate: '505750.00',
      },
      next_cursor: null,
    },
  },
  look_at_file: {
    of: 'POST /projects/{project}/budget/import',
    shows: 'What a file would do; nothing is stored.',
    by: 'estimator',
    with: { project: 'tower', dry_run: 'true', 'If-Match': '"2"' },
    body: file,
    answer: preview,
  },
  import_file: {
    of: 'POST /projects/{project}/budget/import',
    shows: 'The file is stored; lines that it does not name stay.',
    by: 'estimator',
    with: { project: 'tower', 'If-Match': '"2"' },
    body: file,
    answer: { ...preview, stored: true, revision: 3 },
  },
  check_budget: {
    of: 'GET /projects/{project}/budget/precheck',
    shows: 'What would stand in the way of a send, and the file that would be exported.',
    by: 'viewer',
    with: { project: 'tower' },
    answer: {
      may_be_sent: true,
      errors: 0,
      warnings: 0,
      findings: [],
      findings_in_all: 0,
      export: [
        {
          part: 1,
          mode: 'original_estimate',
          entries: 3,
          sha256: 'a4facad2cb849bb7c1505c5da5f6a3d54fe659d1804e65adb495f8458542c728',
          total: '528576.00',
          increases: '528576.00',
          decreases: '0.00',
        },
      ],
      master_data: { as_of: '2026-11-22T12:00:00.000Z' },
      job_totals: null,
    },
  },
}

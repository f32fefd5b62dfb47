import type { Examples } from './example.ts'
import { concrete, steel } from './shown-lines.ts'

const preview = {
  version: 1,
  stored: false,
  revision: 4,
  counts: { add: 1, change: 1, unchanged: 1, remove: 0, keep: 0 },
  original_budget_amount: { before: '357826.00', after: '528576.00' },
  line_items: [
    {
      kind: 'change',
      budget_code: '03-3000.S',
      line: null,
      columns: [],
      before: concrete('340000.00'),
      after: concrete('330000.00'),
    },
    { kind: 'add', budget_code: '05-1200.M', line: null, columns: [], before: null, after: steel },
  ],
  line_items_in_all: 2,
}

const original = (amount: string) => ({
  original_budget_amount: amount,
  budget_changes: '0.00',
  revised_estimate: amount,
})

const bidSet = {
  version: 1,
  hash: 'e72b9b690c7cfd5828f54ecbfa170cbe237f1eda922f869f89f810c49262b919',
  line_items: 3,
  ...original('528576.00'),
}

const afterwards = {
  version: 'current',
  hash: 'd5b4cecb8f6d60a258ab1db11fe2a65eaf5f0024703cb04355b64a68df69360d',
  line_items: 2,
  ...original('357826.00'),
}

/** A version by name, what changed since, and the way back. */
export const versionExamples: Examples = {
  name_version: {
    of: 'POST /projects/{project}/budget/versions',
    shows: 'The lines as they are become a version with a name.',
    by: 'estimator',
    with: { project: 'tower', 'Idempotency-Key': 'tower-bid-set' },
    body: { name: 'Bid set' },
    answer: {
      ...bidSet,
      created_by: 'ed',
      created_at: '2026-11-22T19:38:31.000Z',
      why: 'named',
      name: 'Bid set',
    },
  },
  edit_lines: {
    of: 'PATCH /projects/{project}/budget/line_items',
    shows: 'One line is changed and one deleted, both or neither; the description, left out, stays.',
    by: 'estimator',
    with: { project: 'tower', 'If-Match': '"3"' },
    body: {
      upserts: [
        {
          cost_code: '03-3000',
          cost_type: 'S',
          original_budget_amount: '340000.00',
        },
      ],
      deletes: [{ cost_code: '05-1200', cost_type: 'M' }],
    },
    answer: {
      changed: 2,
      revision: 4,
      edit_state: 'unlocked',
      erp_state: 'not_sent',
      erp_since: '2026-11-22T19:38:31.000Z',
      shown_as: 'Not sent to accounting yet',
      totals: {
        line_items: 2,
        original_budget_amount: '357826.00',
        budget_changes: '0.00',
        revised_estimate: '357826.00',
      },
    },
  },
  compare_versions: {
    of: 'GET /projects/{project}/budget/versions/{version}/diff',
    shows: 'The lines as they stand, compared with version 1.',
    by: 'viewer',
    with: { project: 'tower', version: 'current', from: '1' },
    answer: {
      from: bidSet,
      to: afterwards,
      counts: { added: 0, removed: 1, changed: 1 },
      delta: original('-170750.00'),
      line_items: [
        {
          kind: 'changed',
          sub_job: '',
          cost_code: '03-3000',
          cost_type: 'S',
          budget_code: '03-3000.S',
          fields: ['original_budget_amount'],
          before: concrete('330000.00'),
          after: concrete('340000.00'),
          delta: original('10000.00'),
        },
        {
          kind: 'removed',
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          fields: [
            'description',
            'calculation_strategy',
            'quantity',
            'uom',
            'unit_cost',
            'original_budget_amount',
            'budget_changes',
          ],
          before: steel,
          after: null,
          delta: original('-180750.00'),
        },
      ],
      next_cursor: null,
    },
  },
  add_up_difference: {
    of: 'GET /projects/{project}/budget/versions/{version}/diff/subtotals',
    shows: 'The same by division.',
    by: 'viewer',
    with: { project: 'tower', version: 'current', from: '1', by: 'division' },
    answer: {
      by: 'division',
      from: bidSet,
      to: afterwards,
      subtotals: [
        {
          division: '03',
          counts: { added: 0, removed: 0, changed: 1 },
          delta: original('10000.00'),
        },
        { division: '05', counts: { added: 0, removed: 1, changed: 0 }, delta: original('-180750.00') },
      ],
      counts: { added: 0, removed: 1, changed: 1 },
      delta: original('-170750.00'),
      next_cursor: null,
    },
  },
  compare_versions_as_file: {
    of: 'GET /projects/{project}/budget/versions/{version}/diff.csv',
    shows: 'The same as a file.',
    by: 'viewer',
    with: { project: 'tower', version: 'current', from: '1' },
    answer:
      '\ufeffDifference,Sub Job,Cost Code,Cost Type,Description Before,Description After,Manual Calculation Before,Manual Calculation After,Unit Qty Before,Unit Qty After,UOM Before,UOM After,Unit Cost Before,Unit Cost After,Budget Amount Before,Budget Amount After,Budget Changes Before,Budget Changes After,Revised Estimate Before,Revised Estimate After,Budget Amount Difference,Budget Changes Difference,Revised Estimate Difference\r\n' +
      'changed,,03-3000,S,"Concrete, placed","Concrete, placed",yes,yes,,,,,,,330000.00,340000.00,0.00,0.00,330000.00,340000.00,10000.00,0.00,10000.00\r\n' +
      'removed,,05-1200,M,Steel,,no,,120.5,,ton,,1500,,180750.00,,0.00,,180750.00,,-180750.00,0.00,-180750.00\r\n',
  },
  look_at_restore: {
    of: 'POST /projects/{project}/budget/versions/{version}/restore',
    shows: 'What going back to version 1 would do; nothing is stored.',
    by: 'estimator',
    with: {
      project: 'tower',
      version: '1',
      dry_run: 'true',
      'If-Match': '"4"',
      'Idempotency-Key': 'tower-look-at-1',
    },
    answer: preview,
  },
  restore_version: {
    of: 'POST /projects/{project}/budget/versions/{version}/restore',
    shows: 'Lines and originals of version 1 are brought back.',
    by: 'estimator',
    with: { project: 'tower', version: '1', 'If-Match': '"4"', 'Idempotency-Key': 'tower-back-to-1' },
    answer: { ...preview, stored: true, revision: 5 },
  },
  verify_version: {
    of: 'GET /projects/{project}/budget/versions/{version}/verify',
    shows: 'Every line of version 1 fits its hash.',
    by: 'viewer',
    with: { project: 'tower', version: '1' },
    answer: {
      ...bidSet,
      verified: true,
    },
  },
  tell_changes: {
    of: 'GET /projects/{project}/budget/history/{sequence}/changes',
    shows: 'What one row of the history says was altered.',
    by: 'auditor',
    with: { project: 'tower', sequence: '5' },
    answer: {
      sequence: 5,
      event: 'lines_edited',
      by: 'ed',
      at: '2026-11-22T19:38:31.000Z',
      request: 'request-1',
      changes: [
        {
          sub_job: '',
          cost_code: '03-3000',
          cost_type: 'S',
          budget_code: '03-3000.S',
          field: 'original_budget_amount',
          old_value: '330000.00',
          new_value: '340000.00',
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'description',
          old_value: 'Steel',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'calculation_strategy',
          old_value: 'automatic',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'quantity',
          old_value: '120.5',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'uom',
          old_value: 'ton',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'unit_cost',
          old_value: '1500',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'original_budget_amount',
          old_value: '180750.00',
          new_value: null,
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          field: 'budget_changes',
          old_value: '0.00',
          new_value: null,
        },
      ],
      next_cursor: null,
    },
  },
}

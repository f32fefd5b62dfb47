import type { Examples } from './example.ts'

const taken = (original: string) => ({
  original_estimate: original,
  approved_estimate_changes: '0.00',
  total: original,
})

const current = {
  of: {
    version: 'current',
    hash: '49cd05f01fdcf084640be6e87fe90b10d059c187009f035cf00b046ed64c6d45',
    line_items: 3,
    original_budget_amount: '528576.00',
    budget_changes: '0.00',
    revised_estimate: '528576.00',
  },
  in_sage: taken('528576.00'),
  revised_estimate: '528576.00',
  difference_to_send: '0.00',
}

const lessSteel = {
  number: 1,
  title: 'Less steel, more concrete',
  description: '',
  from_sage: false,
  net_amount: '0.00',
  adjustment_line_item_count: 2,
  created_by: 'mia',
  created_at: '2026-11-22T19:38:31.000Z',
  updated_by: 'mia',
  updated_at: '2026-11-22T19:38:31.000Z',
  adjustment_line_items: [
    {
      sub_job: '',
      cost_code: '05-1200',
      cost_type: 'M',
      budget_code: '05-1200.M',
      amount: '-15000.00',
      comment: 'Lighter beams',
    },
    {
      sub_job: '',
      cost_code: '03-3000',
      cost_type: 'S',
      budget_code: '03-3000.S',
      amount: '15000.00',
      comment: '',
    },
  ],
}

/** A budget change after the first export, what of it Sage does not know yet, and lines that may be edited again. */
export const changeExamples: Examples = {
  make_change: {
    of: 'POST /projects/{project}/budget_changes',
    shows: 'A budget change moves an amount from one line to another.',
    by: 'project_manager',
    with: { project: 'tower', 'Idempotency-Key': 'tower-change-1' },
    body: {
      title: 'Less steel, more concrete',
      adjustment_line_items: [
        { cost_code: '05-1200', cost_type: 'M', amount: '-15000.00', comment: 'Lighter beams' },
        { cost_code: '03-3000', cost_type: 'S', amount: '15000.00' },
      ],
    },
    answer: { ...lessSteel, status: 'draft', approved_in_version: null },
  },
  approve_change: {
    of: 'POST /projects/{project}/budget_changes/{number}/approve',
    shows: 'It is approved: its amounts join the lines.',
    by: 'project_manager',
    with: { project: 'tower', number: '1', 'Idempotency-Key': 'tower-approve-1', 'If-Match': '"6"' },
    answer: { ...lessSteel, status: 'approved', approved_in_version: 4 },
  },
  compare_with_sage: {
    of: 'GET /projects/{project}/budget/versions/{version}/against_sage',
    shows: 'What the next export would hold.',
    by: 'viewer',
    with: { project: 'tower', version: 'current' },
    answer: {
      ...current,
      line_items: [
        {
          sub_job: '',
          cost_code: '03-3000',
          cost_type: 'S',
          budget_code: '03-3000.S',
          description: 'Concrete, placed',
          in_sage: taken('330000.00'),
          revised_estimate: '345000.00',
          difference_to_send: '15000.00',
        },
        {
          sub_job: '',
          cost_code: '05-1200',
          cost_type: 'M',
          budget_code: '05-1200.M',
          description: 'Steel',
          in_sage: taken('180750.00'),
          revised_estimate: '165750.00',
          difference_to_send: '-15000.00',
        },
      ],
      line_items_in_all: 2,
      next_cursor: null,
    },
  },
  add_up_with_sage: {
    of: 'GET /projects/{project}/budget/versions/{version}/against_sage/subtotals',
    shows: 'The same by division, those on which both agree included.',
    by: 'viewer',
    with: { project: 'tower', version: 'current', by: 'division' },
    answer: {
      by: 'division',
      ...current,
      subtotals: [
        {
          division: '01',
          in_sage: taken('17826.00'),
          revised_estimate: '17826.00',
          difference_to_send: '0.00',
        },
        {
          division: '03',
          in_sage: taken('330000.00'),
          revised_estimate: '345000.00',
          difference_to_send: '15000.00',
        },
        {
          division: '05',
          in_sage: taken('180750.00'),
          revised_estimate: '165750.00',
          difference_to_send: '-15000.00',
        },
      ],
      next_cursor: null,
    },
  },
  unlock_budget: {
    of: 'POST /projects/{project}/budget/unlock',
    shows: 'Lines may be edited again; budget changes are preserved.',
    by: 'budget_admin',
    with: { project: 'tower', 'Idempotency-Key': 'tower-unlock-1' },
    answer: { command: 'unlock', by: 'bob', at: '2026-11-22T19:38:31.000Z', outcome: 'pending' },
  },
}

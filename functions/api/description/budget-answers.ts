import * as z from 'zod'
import { ChangeStatus } from '../../../shared/domain/budget-change.ts'
import { Address, PendingCommand, Project as StoredProject } from '../../../shared/domain/budget-head.ts'
import { Actor, Instant, PersonId, ProjectId } from '../../../shared/domain/ids.ts'
import { LineGroup } from '../../../shared/domain/line-filter.ts'
import { CalculationStrategy } from '../../../shared/domain/line-item.ts'
import * as words from './words.ts'

const project = {
  id: ProjectId,
  name: z.string(),
  job: words.Job.nullable(),
  settings: z.strictObject({ one_sided_changes: z.boolean() }),
  address: Address.nullable(),
  sub_jobs: StoredProject.shape.sub_jobs.unwrap(),
  ...words.made,
  ...words.states,
}

export const Project = z.strictObject(project).meta({ id: 'Project' })

export const Projects = z.strictObject({
  projects: z.array(z.strictObject({ ...project, ...words.totals })),
  next_cursor: words.Cursor,
})

export const LastCommand = z
  .strictObject({
    command: z.string(),
    outcome: z.enum(['pending', 'done', 'refused']),
    by: Actor,
    at: Instant,
    code: z.string().optional(),
    budget_changes: z.literal('delete').optional(),
    sentence: z.string().optional(),
    what_to_do: z.string().optional(),
    findings: z.array(words.AnyJson).optional(),
  })
  .meta({
    id: 'LastCommand',
    description: 'The last command given: pending until the workflow has carried it out, or refused it.',
  })

export const Budget = z
  .strictObject({
    project: ProjectId,
    name: z.string(),
    ...words.states,
    totals: words.Totals,
    revision: z.int().meta({ description: 'What If-Match names, in quotes.' }),
    version: z.int(),
    sent_version: z.int(),
    settled_version: z.int(),
    confirmed: z.enum(['declared', 'verified']).nullable(),
    export: z.string().nullable(),
    drift: z
      .strictObject({ export: z.string(), part: z.int(), ...words.observation })
      .nullable()
      .meta({
        description: 'What was changed in Sage since; it stops the next send until it is acknowledged.',
      }),
    cycle: z.int(),
    execution: z.string().nullable(),
    pending: PendingCommand.nullable(),
    last_command: LastCommand.nullable(),
    commands: z.array(words.Command),
  })
  .meta({ id: 'Budget' })

/** The open step, whom it waits for (none named: every accounting approver), and who was mailed now. */
export const AskedApprover = z
  .strictObject({
    version: z.int(),
    send: z.int(),
    step: z.int(),
    approvers: z.array(PersonId),
    mailed: z.array(PersonId),
  })
  .meta({ id: 'AskedApprover' })

export const LineItem = z
  .strictObject({
    ...words.shownCode,
    description: z.string(),
    calculation_strategy: CalculationStrategy,
    quantity: words.Decimal.nullable(),
    uom: z.string(),
    unit_cost: words.Decimal.nullable(),
    ...words.amounts,
  })
  .meta({ id: 'LineItem' })

export const LineItems = z.strictObject({
  line_items: z.array(LineItem),
  line_items_in_all: z.int(),
  next_cursor: words.Cursor,
})

/** Only the part of the code that is added up by is there. */
export const group = {
  division: z.string().optional(),
  sub_job: z.string().optional(),
  cost_type: z.string().optional(),
}

export const Subtotals = z.strictObject({
  by: LineGroup,
  subtotals: z.array(z.strictObject({ ...group, ...words.totals })),
  totals: words.Totals,
  next_cursor: words.Cursor,
})

export const Edited = z.strictObject({
  changed: z.int(),
  revision: z.int(),
  ...words.states,
  totals: words.Totals,
})

/** What a file, or Sage, or a version does to the lines: to look at before it is stored, and when it is. */
export const Preview = z
  .strictObject({
    stored: z.boolean(),
    revision: z.int(),
    counts: z.strictObject({
      add: z.int(),
      change: z.int(),
      unchanged: z.int(),
      remove: z.int(),
      keep: z.int(),
    }),
    original_budget_amount: z.strictObject({ before: words.Money, after: words.Money }),
    line_items: z.array(
      z.strictObject({
        kind: z.enum(['add', 'change', 'remove', 'keep']),
        budget_code: z.string(),
        line: z.int().nullable().meta({ description: 'Line or row of the file.' }),
        columns: z.array(z.string()),
        before: LineItem.nullable(),
        after: LineItem.nullable(),
        sentence: z.string().optional(),
        what_to_do: z.string().optional(),
      }),
    ),
    line_items_in_all: z.int(),
  })
  .meta({ id: 'Preview' })

export const Imported = z.strictObject({ ...Preview.shape, mode: z.enum(['merge', 'replace']) })

export const ImportedFromSage = z.strictObject({
  ...Preview.shape,
  job_totals: z.strictObject({ job: z.string(), as_of: Instant }),
  opening_entries: z.int(),
  kept_budget_changes: z.array(z.int()),
})

export const Precheck = z.strictObject({
  may_be_sent: z.boolean(),
  errors: z.int(),
  warnings: z.int(),
  findings: z.array(words.Finding),
  findings_in_all: z.int(),
  export: z.array(words.PartTotal).meta({ description: 'The files that would be exported now.' }),
  master_data: z.strictObject({ as_of: Instant }).nullable(),
  job_totals: z.strictObject({ as_of: Instant }).nullable(),
})

const change = {
  number: z.int(),
  title: z.string(),
  description: z.string(),
  status: ChangeStatus,
  from_sage: z.boolean(),
  approved_in_version: z.int().nullable().meta({
    description:
      'While approved: number of the first version that holds it so, the next to be made where none was made since.',
  }),
  net_amount: words.Money,
  adjustment_line_item_count: z.int(),
  ...words.made,
  updated_by: Actor,
  updated_at: Instant,
}

export const Changes = z.strictObject({
  budget_changes: z.array(z.strictObject(change)),
  next_cursor: words.Cursor,
})

export const Change = z
  .strictObject({
    ...change,
    adjustment_line_items: z.array(
      z.strictObject({ ...words.shownCode, amount: words.Money, comment: z.string() }),
    ),
  })
  .meta({ id: 'BudgetChange' })

export const Upload = z.strictObject({
  upload: z.string(),
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expires_at: Instant,
})

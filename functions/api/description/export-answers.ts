import * as z from 'zod'
import {
  BudgetExport,
  EntryException,
  ExportMessage,
  ExportPart as StoredPart,
} from '../../../shared/domain/export.ts'
import { Actor, Day, Instant, PersonId, ProjectId, Sha256 } from '../../../shared/domain/ids.ts'
import { Decision } from '../../../shared/domain/approval.ts'
import * as words from './words.ts'

const Approval = z.strictObject({
  version: z.int(),
  send: z.int(),
  step: z.int(),
  steps: z.int(),
  step_name: z.string(),
  version_hash: Sha256,
  export_hash: Sha256,
  parts: z.array(words.PartTotal),
  first_export: z.boolean(),
  ticks: z.array(z.string()),
  amount: words.Money,
  sender: PersonId,
  sender_name: z.string(),
  opened_at: Instant,
  waiting_days: z
    .int()
    .nullable()
    .meta({ description: 'Whole days of 24 hours since the step opened; null once it has ended.' }),
  until: Instant,
  accepts: z.int(),
  accepts_needed: z.int(),
  outcome: z.enum(['accepted', 'rejected', 'retrieved', 'expired']).nullable(),
})

export const ErpBudgets = z.strictObject({
  budgets: z.array(
    z.strictObject({
      project: ProjectId,
      name: z.string(),
      job: words.Job.nullable(),
      ...words.states,
      version: z.int(),
      totals: words.Totals,
      approval: Approval.nullable(),
      accept: words.Command,
    }),
  ),
  next_cursor: words.Cursor,
})

const figures = {
  taken: words.AmountsByMode.meta({ description: 'What Sage took of ours, opening entries included.' }),
  on_its_way: words.AmountsByMode.meta({ description: 'Sent, and neither posted nor closed.' }),
  in_sage: words.AmountsByMode.nullable().meta({ description: 'As last read; null: never read.' }),
  made_in_sage: z
    .strictObject({ acknowledged: words.AmountsByMode, not_acknowledged: words.AmountsByMode })
    .nullable()
    .meta({ description: 'Null where no reading before the last file tells it apart.' }),
  difference: words.AmountsByMode.nullable().meta({
    description:
      'Sage less what was taken and what was made in Sage. What is posted and not confirmed yet is a difference.',
  }),
}

export const SageReport = z.strictObject({
  project: ProjectId,
  name: z.string(),
  job: words.Job.nullable(),
  ...words.states,
  export: z.string().nullable().meta({ description: 'The export under way, or the last one.' }),
  sage_as_of: Instant.nullable(),
  ...figures,
  budget_codes: z.array(z.strictObject({ ...words.shownCode, ...figures })),
  budget_codes_in_all: z.int(),
  next_cursor: words.Cursor,
})

export const Decided = z.strictObject({
  decided: z.enum(['now', 'before']),
  outcome: z.enum(['accepted', 'rejected', 'retrieved', 'expired']).optional(),
  decision: z
    .strictObject({
      person: PersonId,
      choice: z.enum(['accept', 'reject']),
      at: Instant,
      reason: z.string().optional(),
      comments: z.array(z.strictObject({ code: z.strictObject(words.code), comment: z.string() })),
      entry_date: Day.optional(),
      by: Decision.shape.by,
    })
    .optional(),
})

export const DecidedSeveral = z.strictObject({
  recorded: z.int().meta({ description: 'How many of the decisions stand, recorded now or before.' }),
  decisions: z.array(
    z.strictObject({
      project: ProjectId,
      status: z.int().meta({ description: 'What the decision would have been answered alone.' }),
      decided: Decided.nullable(),
      problem: words.Problem.nullable(),
    }),
  ),
})

const stored = BudgetExport.shape

const exported = {
  export: stored.id,
  number: stored.number,
  version: stored.version,
  first: stored.first,
  sage_company: stored.sage_company,
  job: stored.job,
  create_job: stored.create_job,
  entry_date: stored.entry_date,
  accepted_by: stored.accepted_by,
  attempt: stored.attempt,
  current_part: stored.current_part,
  opened_at: stored.opened_at,
  settled_at: Instant.nullable(),
  settled_as: z.enum(['synced', 'returned', 'closed']).nullable(),
}

export const Exports = z.strictObject({
  exports: z.array(z.strictObject({ ...exported, parts: z.int() })),
  next_cursor: words.Cursor,
})

const Observation = z.strictObject(words.observation)

const part = StoredPart.shape

const Part = z
  .strictObject({
    part: part.part,
    shown_as: z.string(),
    kind: part.kind,
    corrects: z.int().nullable(),
    mode: part.mode,
    mode_shown_as: z.string(),
    entries: part.entries,
    total: words.Money,
    file_name: part.file_name,
    file_sha256: part.file_sha256,
    attempt: z.int().nullable(),
    outcome: part.outcome,
    exceptions: z.array(z.strictObject({ ...words.shownCode, ...EntryException.omit({ code: true }).shape })),
    claim: part.claim.unwrap().nullable(),
    receipt: part.receipt.unwrap().nullable(),
    failure: part.failure
      .unwrap()
      .extend({ lines: z.array(z.strictObject({ ...words.shownCode, message: z.string() })).optional() })
      .nullable(),
    withdrawn_from_folder: Instant.nullable().meta({
      description: 'When the agent moved the file out of its drop folder, once nobody is to import it.',
    }),
    posted: part.posted.unwrap().nullable(),
    observation: Observation.nullable(),
  })
  .meta({ id: 'Part', description: 'One Sage import file of an export.' })

export const Export = z
  .strictObject({ ...exported, parts: z.array(Part), commands: z.array(words.Command) })
  .meta({ id: 'Export' })

export const ErpExports = z.strictObject({
  exports: z.array(
    z.strictObject({
      project: ProjectId,
      name: z.string(),
      job: words.Job.nullable(),
      ...words.states,
      waiting_days: z.int().meta({ description: 'Whole days of 24 hours in this state.' }),
      export: z
        .strictObject({ ...exported, parts: z.int() })
        .nullable()
        .meta({ description: 'Null where it failed before a file was made.' }),
      id: z.string().meta({ description: 'By which it is addressed, also before a file was made.' }),
      file: z
        .strictObject({ ...Part.shape, file_is: z.enum(['queued', 'taken', 'delivered', 'failed']) })
        .nullable()
        .meta({ description: 'The file that is due, and how far it has come.' }),
      refused: z
        .strictObject({ code: z.string().nullable(), sentence: z.string(), what_to_do: z.string() })
        .nullable()
        .meta({ description: 'Why no file was made.' }),
      commands: z.array(words.Command),
    }),
  ),
  next_cursor: words.Cursor,
})

export const Reconciliation = z.strictObject({
  export: z.string(),
  part: z.int(),
  compared_with: z.array(z.int()),
  baseline: z.strictObject({ as_of: Instant }).nullable(),
  totals: z.strictObject({ as_of: Instant }).nullable(),
  comparable: z.boolean(),
  observation: Observation.nullable().meta({
    description: 'Null also where Sage shows what an export left that was returned or closed.',
  }),
})

export const Claimed = z.strictObject({
  message: ExportMessage,
  file: z.strictObject({
    name: z.string(),
    base64: z.string().optional(),
    url: z.url().optional().meta({ description: 'Instead of base64, for a file over 4 MB.' }),
  }),
  claim: z.int().meta({ description: 'Its number, which a failure names to say of which claim it is.' }),
})

const said = { by: Actor, at: Instant }
export const Reported = z.strictObject({ reported: z.string() })
export const Retried = z.strictObject({ export: z.string(), retried: z.strictObject(said) })
export const Returned = z.strictObject({
  export: z.string(),
  returned: z.strictObject({ ...said, reason: z.string() }),
})
export const Lost = z.strictObject({
  export: z.string(),
  lost: z.strictObject({ part: z.int(), attempt: z.int(), ...said, reason: z.string() }),
})
export const Posted = z.strictObject({
  export: z.string(),
  part: z.int(),
  posted: z.strictObject({ how: z.enum(['declared', 'verified']), ...said }),
})
export const Stopped = z.strictObject({
  export: z.string(),
  part: z.int(),
  import_stopped: z.strictObject({ ...said, message: z.string() }),
})
export const Rejected = z.strictObject({
  export: z.string(),
  part: z.int(),
  rejected: z.strictObject({ lines: z.int(), ...said }),
})
export const Closed = z.strictObject({
  export: z.string(),
  closed: z.strictObject({ ...said, reason: z.string() }),
})
export const Acknowledged = z.strictObject({
  export: z.string(),
  part: z.int(),
  acknowledged: z.strictObject({ ...said, note: z.string(), codes: z.int() }),
})

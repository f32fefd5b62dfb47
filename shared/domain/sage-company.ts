import * as z from 'zod'
import { Cents, cents } from './cents.ts'
import { Actor, Instant, PersonId, SageCompanyId } from './ids.ts'

/** Limits of a Sage company; Sage's own are the defaults (lengths in characters, amounts in cents). */
export const SageLimits = z.strictObject({
  job: z.int(),
  extra: z.int(),
  /** Without separators. */
  cost_code: z.int(),
  category: z.int(),
  description: z.int(),
  amount: Cents,
})
export type SageLimits = z.infer<typeof SageLimits>

// Lengths: Sage's Job Cost fields; the amount: field 8 of the category record, 8.2 digits (research: estimate import file).
export const sageLimits: SageLimits = {
  job: 10,
  extra: 10,
  cost_code: 12,
  category: 3,
  description: 30,
  amount: cents(9_999_999_999),
}

/** One Sage data folder of the tenant: how it is reached, and what Sage leaves to configuration. */
export const SageCompany = z.strictObject({
  id: SageCompanyId,
  name: z.string(),
  /** Name of the data folder, as in the comment line of the file and in the agent's drop folder. */
  folder: z.string(),
  connector: z.enum(['file_drop', 'agent']),
  posters: z.array(PersonId),
  /** Sign-ins of the connectors that serve it; absent: every connector of the company. */
  connector_subjects: z.array(z.string()).optional(),
  time_zone: z.string(),
  /** Section masks such as `##-####`; `#` is one character. Absent: not checked. */
  job_mask: z.string().optional(),
  cost_code_mask: z.string().optional(),
  date_order: z.enum(['MMDDYYYY', 'DDMMYYYY', 'YYYYMMDD']),
  comment_character: z.string().length(1),
  /** How job and cost code stand in a file; absent: as Sage shows them. */
  code_separators: z.enum(['as_shown', 'left_out']).optional(),
  /** Fewest fields of a job record, filled up with blank ones; absent: 2. */
  shortest_job_line: z.union([z.literal(2), z.literal(3), z.literal(8)]).optional(),
  jobs_may_be_created: z.boolean(),
  extras_may_be_created: z.boolean(),
  cost_codes_may_be_created: z.boolean(),
  /** Days before and after today within which an entry date is allowed. */
  entry_date_window: z.strictObject({ before: z.int().min(0), after: z.int().min(0) }),
  /** Days without a posting after which a file counts as stale; absent in what an earlier release stored. */
  stale_after_days: z.int().min(1).optional(),
  limits: SageLimits,
})
export type SageCompany = z.infer<typeof SageCompany>

/** Days without a posting after which a file counts as stale, unless the Sage company says otherwise. */
export const staleAfterDays = 3 // domain: posting, read-back, ways out

/** The lists of master data, each of which may be uploaded alone. */
export const MasterList = z.enum(['jobs', 'cost_codes', 'categories', 'extras'])
export type MasterList = z.infer<typeof MasterList>

/** What Sage knows: read by the agent or uploaded; codes exactly as Sage shows them, trimmed. */
export const MasterData = z.strictObject({
  /** The newest reading of any list. */
  as_of: Instant,
  /** Where lists were uploaded one by one: when each was read; one that is missing never was. Absent: all at `as_of`. */
  lists_as_of: z.partialRecord(MasterList, Instant).optional(),
  jobs: z.array(
    z.strictObject({
      job: z.string(),
      description: z.string(),
      closed: z.boolean(),
      original_finalized: z.boolean(),
    }),
  ),
  cost_codes: z.array(
    z.strictObject({
      cost_code: z.string(),
      description: z.string(),
      group: z.boolean(),
      closed: z.boolean(),
    }),
  ),
  categories: z.array(
    z.strictObject({ category: z.string(), description: z.string(), accumulate_as: z.string() }),
  ),
  extras: z.array(
    z.strictObject({ job: z.string(), extra: z.string(), description: z.string(), closed: z.boolean() }),
  ),
})
export type MasterData = z.infer<typeof MasterData>

/** Sage's totals of one key of one job, in cents. */
export const SageTotal = z.strictObject({
  extra: z.string(),
  cost_code: z.string(),
  category: z.string(),
  original: Cents,
  changes: Cents,
})
export type SageTotal = z.infer<typeof SageTotal>

/** Sage's posted totals of one job, as read. */
export const JobTotals = z.strictObject({
  job: z.string(),
  as_of: Instant,
  totals: z.array(SageTotal),
  uploaded_by: Actor.optional(),
})
export type JobTotals = z.infer<typeof JobTotals>

/** Whose word totals are: a person's, who uploaded them, or the connector's, which read them. */
export const readerOf = (totals: JobTotals | undefined): Actor => totals?.uploaded_by ?? 'connector'

import * as z from 'zod'
import { event, number, ofAttempt, ofExport, ofPart } from './event-schema.ts'

const observed = {
  ...ofPart,
  observation: z.string().describe('What Sage shows of the file, such as posted, partly or drift'),
}

const postedParts = { ...ofExport, parts: z.array(number) }

const withReason = { ...ofExport, reason: z.string() }

const delivered = {
  ...ofAttempt,
  where: z.string().describe('The file in the drop folder of the Sage company'),
  by: z.string().describe('The connector that said so'),
}

const repaired = { execution: z.string(), reason: z.string() }

/** Of an accepted budget on its way into Sage, and of the workflow that carries it. */
export const exportEvents = {
  export_prepared: event('The files of an export are made and queued for the connector.', {
    ...ofExport,
    parts: z.array(z.string()).describe('SHA-256 of each file'),
  }),
  export_refused: event('No export was made of the accepted budget.', { code: z.string() }),
  claimed: event('A connector took a file to carry it to Sage.', { ...ofAttempt, agent: z.string() }),
  receipt: event('A connector said that it delivered a file.', delivered),
  failure: event('A connector said that it could not deliver a file.', {
    ...ofAttempt,
    messages: number.describe('How many messages it gave'),
    nothing_written: z.boolean(),
  }),
  declared_lost: event('A person said that a file was lost on its way.', {
    ...ofAttempt,
    reason: z.string(),
  }),
  file_delivered: event('The file is with accounting, not posted.', { ...ofPart, where: z.string() }),
  file_withdrawn: event('A file that nobody may import any more is out of the drop folder.', delivered),
  receipt_overdue: event('No connector has said for a day where the file is.', {
    ...ofExport,
    attempt: number,
  }),
  export_failed: event('The export failed and waits for a retry or a return.', {
    ...ofExport,
    attempt: number,
  }),
  retry_asked: event('A person asked to try a failed export again.', ofExport),
  retried: event('The failed file is queued again.', { ...ofExport, attempt: number }),
  queued_again: event('The file is queued again under its attempt, after a restart.', ofAttempt),
  next_part: event('The next file of the export is queued.', ofAttempt),
  not_posted: event('The file still waits to be posted, and the posters were reminded.', ofPart),
  lines_rejected: event('A person said which entries Sage rejected.', {
    ...ofPart,
    lines: number,
    first: z
      .array(z.object({ code: z.string(), reason: z.string() }))
      .describe('At most 50 of the rejected entries, by budget code'),
  }),
  corrections_prepared: event('A file with the rejected entries, corrected, is queued.', {
    ...ofExport,
    corrects: number,
    part: number,
    entries: number,
  }),
  import_stopped: event('A person said that Sage stopped the import of a file.', {
    ...ofPart,
    message: z.string(),
  }),
  read_back: event('Totals read from Sage show something else of the file than before.', observed),
  observed: event('The budget shows what was seen in Sage.', observed),
  drift_acknowledged: event('A person said that a movement in Sage was made there on purpose.', {
    ...ofPart,
    note: z.string(),
    file_posted: z
      .boolean()
      .optional()
      .describe('Whether what was sent was posted when Sage was read, where somebody said so'),
    made_in_sage: z
      .array(z.object({ code: z.string(), original: z.string(), changes: z.string() }))
      .describe('What moved, by budget code: amounts of the original estimate and of changes'),
  }),
  posted_declared: event('A person said that files are posted in Sage.', postedParts),
  posted_verified: event('Totals read from Sage show that files are posted.', postedParts),
  settled: event('Everything that was exported is posted in Sage.', {
    ...ofExport,
    confirmed: z.enum(['declared', 'verified']),
  }),
  close_asked: event('A person asked to end the export as it stands.', {
    ...withReason,
    parts: z.array(z.object({ part: number, outcome: z.string(), exceptions: number })),
  }),
  closed: event('The export was ended as it stood.', {
    ...ofExport,
    confirmed: z.enum(['declared', 'verified']).optional(),
    taken: number.optional().describe('0 where nothing of it is in Sage'),
  }),
  return_asked: event('A person asked for the budget back before anything was posted.', {
    ...withReason,
    requested_by: z.string().optional(),
  }),
  returned: event('The budget went back to the project, unlocked, and its files are void.', {
    ...withReason,
    by: z.string(),
  }),
  mail_not_delivered: event('A mail about the budget did not arrive.', {
    mail: z.string().describe('What the mail was about'),
    to: z.string(),
    why: z.string(),
  }),
  waited: event('A wait of the workflow ended with nothing to do, and goes on.', {
    export: number.optional(),
    part: number.optional(),
    attempt: number.optional(),
  }),
  day_300: event('A run of the workflow reached its last day, and the next goes on.', {}),
  continued: event('A new run of the workflow goes on with the cycle.', { cycle: number, run: number }),
  parked: event('The workflow ended on its last day with nobody waiting.', { cycle: number }),
  not_parked: event('The workflow was not ended, since an answer had come.', { cycle: number }),
  workflow_ended: event('The workflow of the budget broke and waits for a repair.', {
    cycle: number,
    run: number,
    status: z.string(),
    error: z.string(),
  }),
  cycle_restarted: event('An operator restarted the workflow of the budget.', {
    ...repaired,
    asked: z.string(),
    superseded: z.string(),
  }),
  told_again: event('An operator had the workflow told again of what is stored.', {
    ...repaired,
    signal: z.string(),
    n: number,
  }),
}

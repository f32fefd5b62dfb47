import * as z from 'zod'
import { counts, event, linesAltered, number, sides } from './event-schema.ts'

const change = {
  number,
  title: z.string(),
  status: z.string(),
  net_amount: z.string().describe('Sum of its lines, a decimal string'),
  lines: number,
  before: sides,
  after: sides,
}

/** What it did to the lines is told by the hashes of all lines before and after. */
const folded = { ...change, from: z.string(), to: z.string() }

const refused = { code: z.string().describe('Why, a code of refusals of the API') }

/** Of a project, its lines, its versions and its budget changes. */
export const budgetEvents = {
  project_created: event('A project was registered, with its empty budget.', {
    before: z.null(),
    after: sides,
  }),
  project_changed: event('Name, job or settings of a project were changed.', { before: sides, after: sides }),
  lines_edited: event('Lines of the budget were edited.', linesAltered),
  file_imported: event('A budget file was imported into the lines.', {
    mode: z.string(),
    counts,
    ...linesAltered,
  }),
  imported_from_sage: event('Lines, and what Sage holds already, were taken over from Sage.', {
    job: z.object({ sage_company: z.string(), number: z.string() }),
    as_of: z.string().describe('When Sage was read'),
    counts,
    opening_entries: number.describe('Keys for which Sage holds an amount already'),
    ledger: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
    change: z.object({ number, status: z.string(), lines: number }).nullable(),
    ...linesAltered,
  }),
  version_saved: event('The lines were kept as a numbered version.', {
    version: number,
    name: z.string().nullable(),
    hash: z.string().describe('SHA-256 of all its lines'),
  }),
  version_restored: event('The lines were put back to those of a version.', {
    version: number,
    name: z.string().nullable(),
    counts,
    ...linesAltered,
  }),
  change_made: event('A budget change was written down.', change),
  change_edited: event('A budget change was edited before its approval.', change),
  change_approved: event('A budget change was approved and is in the lines.', folded),
  change_reopened: event(
    'An approved budget change was taken out of the lines and is a draft again.',
    folded,
  ),
  change_voided: event('A budget change was made void.', folded),
  changes_deleted: event('An unlock deleted the budget changes, and took them out of the lines.', {
    numbers: z.array(number),
    lines: number,
    from: z.string(),
    to: z.string(),
  }),
  lock_asked: event('A person asked to lock the budget.', {}),
  locked: event('The budget is locked, as a new version.', {
    version: number,
    hash: z.string().describe('SHA-256 of all its lines'),
    project: z.string(),
  }),
  lock_refused: event('The budget was not locked.', refused),
  unlock_asked: event('A person asked to unlock the budget.', { budget_changes: z.string().optional() }),
  unlocked: event('The budget is unlocked and may be edited.', { budget_changes: z.string() }),
  unlock_refused: event('The budget was not unlocked.', refused),
}

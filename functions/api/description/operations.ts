import type * as z from 'zod'
import { workbookType } from '../budget-download.ts'
import { fileTypes } from '../budget-import.ts'
import { listTypes } from '../sage-list-upload.ts'
import * as budget from './budget-answers.ts'
import * as company from './company-answers.ts'
import * as exporting from './export-answers.ts'
import * as repair from './repair-answers.ts'
import * as versions from './version-answers.ts'

/** What the description of the API says of a route beside what the route itself knows. */
export interface Described {
  /** One sentence for whoever looks for it. */
  readonly does: string
  readonly tag:
    | 'Projects'
    | 'Budgets'
    | 'Budget changes'
    | 'Versions'
    | 'ERP'
    | 'Exports'
    | 'Company'
    | 'Sage'
    | 'Operations'
  /** What it answers when it is done: JSON by its schema, or a file by its media type. */
  readonly answers: z.ZodType | string
  /** Status of that answer; 202 where the workflow carries it out later, 201 where something new is made. */
  readonly status?: 200 | 201 | 202 | readonly [201, 200]
  /** Content types of the file that is sent. */
  readonly takes?: readonly string[]
  /** `needed`: a command or change carries a key; `taken`: it may. */
  readonly key?: 'needed' | 'taken'
  /** `needed`: a change names the revision it was made from; `taken`: it may, and is refused where another stands. */
  readonly match?: 'needed' | 'taken'
}

const command = { key: 'needed', status: 202 } as const
const edit = { key: 'taken', match: 'needed' } as const

/** Every route of the API, by method and path. */
export const operations: Readonly<Record<string, Described>> = {
  'GET /projects': { does: 'Lists projects.', tag: 'Projects', answers: budget.Projects },
  'GET /projects/{project}': { does: 'Shows a project.', tag: 'Projects', answers: budget.Project },
  'PUT /projects/{project}': {
    does: 'Makes a project, or changes its name, job or settings; a change must name the revision (If-Match).',
    tag: 'Projects',
    answers: budget.Project,
    status: [201, 200],
    key: 'taken',
    match: 'taken',
  },
  'GET /projects/{project}/budget': {
    does: 'Shows where a budget stands: states, totals, every command with why it is refused, the last command.',
    tag: 'Budgets',
    answers: budget.Budget,
  },
  'GET /projects/{project}/budget/line_items': {
    does: 'Lists lines, by parts of their code or since a version.',
    tag: 'Budgets',
    answers: budget.LineItems,
  },
  'PATCH /projects/{project}/budget/line_items': {
    does: 'Stores and deletes up to 1,000 lines, all or none. What an upsert leaves out of a line that stands stays as it is; null empties a quantity or unit cost.',
    tag: 'Budgets',
    answers: budget.Edited,
    ...edit,
  },
  'GET /projects/{project}/budget/subtotals': {
    does: 'Adds lines up by division, sub job or cost type.',
    tag: 'Budgets',
    answers: budget.Subtotals,
  },
  'POST /projects/{project}/budget/import': {
    does: 'Imports a budget file, or with dry_run shows what it would do.',
    tag: 'Budgets',
    takes: fileTypes,
    answers: budget.Imported,
    ...edit,
  },
  'POST /projects/{project}/budget/import_from_sage': {
    does: 'Begins the budget with what Sage holds of the job, or with dry_run shows what that would do.',
    tag: 'Budgets',
    answers: budget.ImportedFromSage,
    key: 'needed',
    match: 'needed',
  },
  'POST /uploads': {
    does: 'Gives an address for a file that is too large for a request; an import then names the upload.',
    tag: 'Budgets',
    answers: budget.Upload,
    status: 201,
  },
  'GET /projects/{project}/budget/export.csv': {
    does: 'The budget as a file that can be imported again.',
    tag: 'Budgets',
    answers: 'text/csv',
  },
  'GET /projects/{project}/budget/export.xlsx': {
    does: 'The budget as a workbook that can be imported again.',
    tag: 'Budgets',
    answers: workbookType,
  },
  'GET /projects/{project}/budget/template.csv': {
    does: 'An empty budget file.',
    tag: 'Budgets',
    answers: 'text/csv',
  },
  'GET /projects/{project}/budget/template.xlsx': {
    does: 'An empty workbook, with the codes that Sage knows on its second sheet.',
    tag: 'Budgets',
    answers: workbookType,
  },
  'GET /projects/{project}/budget/precheck': {
    does: 'Checks lines and the entries that an export would hold.',
    tag: 'Budgets',
    answers: budget.Precheck,
  },
  'POST /projects/{project}/budget/lock': {
    does: 'Locks the budget and makes a version.',
    tag: 'Budgets',
    answers: budget.LastCommand,
    ...command,
    match: 'taken',
  },
  'POST /projects/{project}/budget/unlock': {
    does: 'Unlocks the budget, so that lines may be edited; deleting its budget changes must name the revision (If-Match).',
    tag: 'Budgets',
    answers: budget.LastCommand,
    ...command,
    match: 'taken',
  },
  'POST /projects/{project}/budget/send': {
    does: 'Sends the budget to accounting for approval.',
    tag: 'Budgets',
    answers: budget.LastCommand,
    ...command,
    match: 'taken',
  },
  'POST /projects/{project}/budget/retrieve': {
    does: 'Pulls a sent budget back before it is decided.',
    tag: 'Budgets',
    answers: budget.LastCommand,
    ...command,
    match: 'taken',
  },
  'POST /projects/{project}/budget/reassign': {
    does: 'Asks another approver in the place of one whom the open step waits for, whose links then decide nothing.',
    tag: 'ERP',
    answers: budget.AskedApprover,
    key: 'needed',
  },
  'POST /projects/{project}/budget/resend': {
    does: 'Sends an approver the mail with the link once more, at most three times an hour.',
    tag: 'ERP',
    answers: budget.AskedApprover,
    key: 'needed',
  },
  'GET /projects/{project}/budget/history': {
    does: 'Lists what happened to the budget, each row with the hash of the one before.',
    tag: 'Budgets',
    answers: versions.History,
  },
  'GET /projects/{project}/mails': {
    does: 'Lists who was mailed what about the budget, the newest first, and whether it is out, came back, or its fate is unknown.',
    tag: 'Budgets',
    answers: versions.Mails,
  },
  'GET /projects/{project}/budget/history/{sequence}/changes': {
    does: 'Lists every field that one row of the history says was altered, with its old and new value.',
    tag: 'Budgets',
    answers: versions.HistoryChanges,
  },
  'GET /projects/{project}/budget/history/verify': {
    does: 'Recomputes the chain of hashes, so that an altered, missing or added row shows.',
    tag: 'Budgets',
    answers: versions.HistoryVerified,
  },
  'GET /projects/{project}/budget/history.csv': {
    does: 'The history, field by field, as a file; the header x-next-cursor names its next page.',
    tag: 'Budgets',
    answers: 'text/csv',
  },
  'GET /projects/{project}/budget/history.jsonl': {
    does: 'The history as it is chained, each row followed by the fields it altered, as a file in pages.',
    tag: 'Budgets',
    answers: 'application/jsonl',
  },
  'GET /projects/{project}/budget_changes': {
    does: 'Lists budget changes.',
    tag: 'Budget changes',
    answers: budget.Changes,
  },
  'POST /projects/{project}/budget_changes': {
    does: 'Makes a budget change.',
    tag: 'Budget changes',
    answers: budget.Change,
    status: 201,
    key: 'needed',
    match: 'taken',
  },
  'GET /projects/{project}/budget_changes/{number}': {
    does: 'Shows a budget change.',
    tag: 'Budget changes',
    answers: budget.Change,
  },
  'PATCH /projects/{project}/budget_changes/{number}': {
    does: 'Edits a budget change that is a draft or under review.',
    tag: 'Budget changes',
    answers: budget.Change,
    ...edit,
  },
  'POST /projects/{project}/budget_changes/{number}/approve': {
    does: 'Approves a budget change: its amounts join the lines.',
    tag: 'Budget changes',
    answers: budget.Change,
    key: 'needed',
    match: 'needed',
  },
  'POST /projects/{project}/budget_changes/{number}/reopen': {
    does: 'Makes an approved budget change a draft again.',
    tag: 'Budget changes',
    answers: budget.Change,
    key: 'needed',
    match: 'needed',
  },
  'POST /projects/{project}/budget_changes/{number}/void': {
    does: 'Ends a budget change for good.',
    tag: 'Budget changes',
    answers: budget.Change,
    key: 'needed',
    match: 'needed',
  },
  'GET /projects/{project}/budget/versions': {
    does: 'Lists versions, the newest first.',
    tag: 'Versions',
    answers: versions.Versions,
  },
  'GET /projects/{project}/budget/versions/{version}': {
    does: 'Shows a version.',
    tag: 'Versions',
    answers: versions.Version,
  },
  'GET /projects/{project}/budget/versions/{version}/lines': {
    does: 'Lists the lines of a version.',
    tag: 'Versions',
    answers: versions.VersionLines,
  },
  'POST /projects/{project}/budget/versions': {
    does: 'Keeps the budget as it is under a name.',
    tag: 'Versions',
    answers: versions.Version,
    status: 201,
    key: 'needed',
    match: 'taken',
  },
  'GET /projects/{project}/budget/versions/{version}/verify': {
    does: 'Reads every line of a version again and compares hashes and totals.',
    tag: 'Versions',
    answers: versions.Verified,
  },
  'POST /projects/{project}/budget/versions/{version}/restore': {
    does: 'Brings back lines and originals of a version, or with dry_run shows what that would do.',
    tag: 'Versions',
    answers: versions.Restored,
    key: 'needed',
    match: 'needed',
  },
  'GET /projects/{project}/budget/versions/{version}/diff': {
    does: 'Compares a version, or the lines as they stand (current), with another, by line and in total.',
    tag: 'Versions',
    answers: versions.Difference,
  },
  'GET /projects/{project}/budget/versions/{version}/diff/subtotals': {
    does: 'Adds that difference up by division, sub job or cost type.',
    tag: 'Versions',
    answers: versions.DifferenceSubtotals,
  },
  'GET /projects/{project}/budget/versions/{version}/diff.csv': {
    does: 'The same difference as a file, in pages.',
    tag: 'Versions',
    answers: 'text/csv',
  },
  'GET /projects/{project}/budget/versions/{version}/against_sage': {
    does: 'Compares a version, or the lines as they stand, with what Sage holds of them.',
    tag: 'Versions',
    answers: versions.AgainstSage,
  },
  'GET /projects/{project}/budget/versions/{version}/against_sage/subtotals': {
    does: 'Adds up by division, sub job or cost type what Sage holds and what the budget says.',
    tag: 'Versions',
    answers: versions.AgainstSageSubtotals,
  },
  'GET /projects/{project}/budget/versions/{version}/against_sage.csv': {
    does: 'The same as a file, in pages.',
    tag: 'Versions',
    answers: 'text/csv',
  },
  'GET /projects/{project}/sage_report': {
    does: 'Reports by budget code, and in total, what Sage took of the project, what is on its way, what Sage shows, what was made there, and the difference.',
    tag: 'ERP',
    answers: exporting.SageReport,
  },
  'GET /projects/{project}/sage_report.csv': {
    does: 'The same as a file, in pages; its last row is the total.',
    tag: 'ERP',
    answers: 'text/csv',
  },
  'GET /erp/budgets': {
    does: 'Lists budgets ready to be exported, or in another state, the longest waiting first.',
    tag: 'ERP',
    answers: exporting.ErpBudgets,
  },
  'GET /erp/exports': {
    does: 'Lists the exports under way, those that need somebody first: the file that is due, how far it has come, its age, and the ways out.',
    tag: 'ERP',
    answers: exporting.ErpExports,
  },
  'POST /erp/budgets/{project}/decision': {
    does: 'Accepts or rejects the budget that was sent.',
    tag: 'ERP',
    answers: exporting.Decided,
    ...command,
  },
  'POST /erp/budgets/decisions': {
    does: 'Accepts or rejects up to 25 budgets, each on its own merits: one that is refused stops none of the others.',
    tag: 'ERP',
    answers: exporting.DecidedSeveral,
    ...command,
  },
  'GET /exports': { does: 'Lists exports of a project.', tag: 'Exports', answers: exporting.Exports },
  'GET /exports/{export}': {
    does: 'Shows an export with its Sage import files, what was observed of each, and what may be done.',
    tag: 'Exports',
    answers: exporting.Export,
  },
  'GET /exports/{export}/parts/{part}/file': {
    does: 'Downloads a Sage import file.',
    tag: 'Exports',
    answers: 'application/octet-stream',
  },
  'GET /exports/{export}/reconciliation': {
    does: 'Compares Sage’s totals, as last read, with what was sent; those of the last export, once settled, with what its last file left in Sage.',
    tag: 'Exports',
    answers: exporting.Reconciliation,
  },
  'POST /exports/{export}/retry': {
    does: 'Sends a failed export on its way again.',
    tag: 'Exports',
    answers: exporting.Retried,
    ...command,
  },
  'POST /exports/{export}/return': {
    does: 'Gives a failed export back to the project, with a reason.',
    tag: 'Exports',
    answers: exporting.Returned,
    ...command,
  },
  'POST /exports/{export}/lost': {
    does: 'Says that the connector will report nothing more of the file on its way: the export has failed, and this attempt can not be claimed any more.',
    tag: 'Exports',
    answers: exporting.Lost,
    ...command,
  },
  'POST /exports/{export}/posted': {
    does: 'Says that the entries of a file are posted in Sage.',
    tag: 'Exports',
    answers: exporting.Posted,
    ...command,
  },
  'POST /exports/{export}/import_stopped': {
    does: 'Says that Sage stopped the import of a file, with the message of its Estimate Import Report.',
    tag: 'Exports',
    answers: exporting.Stopped,
    ...command,
  },
  'POST /exports/{export}/rejects': {
    does: 'Says which lines Sage rejected, by their codes or by Sage’s reject file.',
    tag: 'Exports',
    answers: exporting.Rejected,
    ...command,
  },
  'POST /exports/{export}/close': {
    does: 'Closes an export with an outcome for every entry, and a reason.',
    tag: 'Exports',
    answers: exporting.Closed,
    ...command,
  },
  'POST /exports/{export}/acknowledge': {
    does: 'Acknowledges with a note what was made in Sage beside this export. `file_posted`, needed where a code that was sent moved by another amount or in the other box: whether what was sent there was posted, in either box, when Sage was read, at `read_at` of the observation. `observed_at`, needed with it: `at` of that observation; refused where another stands.',
    tag: 'Exports',
    answers: exporting.Acknowledged,
    ...command,
  },
  'POST /exports/{export}/claim': {
    does: 'Gives the connector the file that is due; without a claim, no file.',
    tag: 'Exports',
    answers: exporting.Claimed,
  },
  'POST /exports/{export}/receipt': {
    does: 'Reports that the connector wrote the file; or that it took one out of its folder whose export was returned or closed.',
    tag: 'Exports',
    answers: exporting.Reported,
    status: 202,
  },
  'POST /exports/{export}/failure': {
    does: 'Reports that the connector could not write the file.',
    tag: 'Exports',
    answers: exporting.Reported,
    status: 202,
  },
  'GET /company/people': { does: 'Lists the directory.', tag: 'Company', answers: company.People },
  'GET /company/people/{person}': { does: 'Shows a person.', tag: 'Company', answers: company.Person },
  'PUT /company/people/{person}': {
    does: 'Adds a person to the directory, or changes one.',
    tag: 'Company',
    answers: company.Person,
    ...edit,
  },
  'GET /company/approvers': {
    does: 'Lists who has the role accounting approver: limit, delegate, since when, and who granted it.',
    tag: 'Company',
    answers: company.Approvers,
  },
  'GET /company/policy': { does: 'Shows the approval policy.', tag: 'Company', answers: company.Policy },
  'PUT /company/policy': {
    does: 'Changes the approval policy; approvals under way keep theirs.',
    tag: 'Company',
    answers: company.Policy,
    ...edit,
  },
  'GET /company/policy/{project}': {
    does: 'Shows how a project narrows the approval policy, and the policy that its budgets are sent under.',
    tag: 'Company',
    answers: company.ProjectPolicy,
  },
  'PUT /company/policy/{project}': {
    does: 'Narrows the approval policy for a project: fewer approvers, more accepts, lower amounts, shorter times.',
    tag: 'Company',
    answers: company.ProjectPolicy,
    ...edit,
  },
  'GET /company/sage': {
    does: 'Lists Sage companies.',
    tag: 'Sage',
    answers: company.SageCompanies,
  },
  'GET /company/sage/{sage}': { does: 'Shows a Sage company.', tag: 'Sage', answers: company.Sage },
  'PUT /company/sage/{sage}': {
    does: 'Sets up a Sage company: folder, connector, posters, limits.',
    tag: 'Sage',
    answers: company.Sage,
    ...edit,
  },
  'GET /company/history': {
    does: 'Lists what was altered in directory, policy, Sage companies and master data, chained as a budget’s history is.',
    tag: 'Company',
    answers: versions.History,
  },
  'GET /company/history.csv': {
    does: 'The same, field by field, as a file; the header x-next-cursor names its next page.',
    tag: 'Company',
    answers: 'text/csv',
  },
  'GET /company/history.jsonl': {
    does: 'The same as it is chained, each row followed by the fields it altered, as a file in pages.',
    tag: 'Company',
    answers: 'application/jsonl',
  },
  'GET /erp/master_data/{sage}': {
    does: 'Shows jobs, cost codes, categories and extras as Sage was last read.',
    tag: 'Sage',
    answers: company.MasterData,
  },
  'PUT /erp/master_data/{sage}': {
    does: 'Stores what a reading of Sage says, all of it.',
    tag: 'Sage',
    answers: company.MasterDataCounts,
  },
  'POST /erp/master_data/{sage}/lists/{list}': {
    does: 'Shows what an uploaded list of Sage would add, change, close and remove, or with the hash of that preview stores it.',
    tag: 'Sage',
    takes: listTypes,
    answers: company.ListUpload,
  },
  'POST /erp/master_data/{sage}/totals/{job}': {
    does: 'Shows what an uploaded file of Sage’s posted totals of a job would change, or with the hash of that preview stores and compares them.',
    tag: 'Sage',
    takes: listTypes,
    answers: company.TotalsUpload,
  },
  'GET /erp/master_data/{sage}/totals/{job}': {
    does: 'Shows Sage’s posted totals of a job, as last read.',
    tag: 'Sage',
    answers: company.JobTotals,
  },
  'PUT /erp/master_data/{sage}/totals/{job}': {
    does: 'Stores Sage’s posted totals of a job.',
    tag: 'Sage',
    answers: company.JobTotalsStored,
  },
  'GET /ops/budgets/{project}': {
    does: 'Shows where the workflow of a budget waits, what was recorded and not carried out, and what to do.',
    tag: 'Operations',
    answers: repair.Workflow,
  },
  'POST /ops/exports/{export}/return': {
    does: 'Gives a failed export back to the project, because an accounting approver asked an operator for it.',
    tag: 'Operations',
    answers: exporting.Returned,
    ...command,
  },
  'POST /ops/budgets/{project}/tell_again': {
    does: 'Tells the waiting execution once more what was recorded for it.',
    tag: 'Operations',
    answers: repair.ToldAgain,
    ...command,
  },
  'POST /ops/budgets/{project}/restart': {
    does: 'Hands the open cycle over to a new execution that goes on from what is stored, and stops the one before it.',
    tag: 'Operations',
    answers: repair.Restarted,
    ...command,
  },
}

import { createHash } from 'node:crypto'
import { noCents } from './amounts.ts'
import type { CompanyTables, ImportedFile } from './company-tables.ts'
import type { EstimateImportReport } from './estimate-import-report.ts'
import { type ImportRun, takeRecords } from './import-estimates.ts'
import { type Complaint, ImportFileError, type ImportRecord, tokenizeRecords } from './record-tokenizer.ts'
import { SageRefusal } from './refusals.ts'

/** Tools > Import Estimates: a file, the tick box, the option, and the answer to the warning. */
export interface ImportCommand {
  readonly bytes: Uint8Array
  readonly fileName: string
  /** *Import as an Approved Estimate Change*. Nothing in the file or its name stands in for it. */
  readonly asApprovedEstimateChange: boolean
  /** *Allow creation of Cost Codes not on standard Cost Code list*; without it, as the company's settings say. */
  readonly allowNewCostCodes?: boolean | undefined
  /** Go on although the file was imported before: its entries are then made a second time. */
  readonly importAgain?: boolean | undefined
  readonly operator?: string | undefined
}

/** The tables the import leaves behind, and what there is to say about it. */
export type ImportEnd =
  | { readonly end: 'reported'; readonly tables: CompanyTables; readonly report: EstimateImportReport }
  | { readonly end: 'crashed'; readonly tables: CompanyTables; readonly records: number }

/**
 * Works on copies: the tables given stay as they are.
 * @throws {SageRefusal} NO_LICENCE_SEAT, OPTION_NEEDS_CATEGORIES
 */
export function runImport(tables: CompanyTables, command: ImportCommand, at: Date): ImportEnd {
  const allowNewCostCodes = command.allowNewCostCodes ?? tables.settings.allowNewCostCodes
  checkMayImport(tables, allowNewCostCodes)
  const mark = markOf(command, at)
  const before = tables.importedFiles.find((file) => isSameFile(file, mark))
  const report = emptyReport(command, mark, allowNewCostCodes, tables.counters.import + 1)
  const untouched = counted(tables)
  if (before && command.importAgain !== true) {
    const importedBefore = before.importedAt
    return {
      end: 'reported',
      tables: untouched,
      report: { ...report, outcome: 'already imported', importedBefore },
    }
  }
  const read = readRecords(command.bytes, tables.settings.commentCharacter)
  if ('complaints' in read)
    return {
      end: 'reported',
      tables: untouched,
      report: { ...report, outcome: 'refused', complaints: read.complaints },
    }
  const { asApprovedEstimateChange, operator = 'SAGE' } = command
  const draft = counted(tables)
  const run = takeRecords(draft, read.records, { asApprovedEstimateChange, allowNewCostCodes, operator })
  if (run.crashed) return crashed(draft)
  if (run.stoppedAt) return stopped(tables.settings.onNonStandardCategory, { draft, untouched, report, run })
  if (!before) draft.importedFiles.push(mark)
  return { end: 'reported', tables: draft, report: { ...report, ...kept(run), rejectFile: run.rejectFile } }
}

function checkMayImport({ faults, settings }: CompanyTables, allowNewCostCodes: boolean): void {
  if (faults.noLicenceSeat)
    throw new SageRefusal('NO_LICENCE_SEAT', 'no Job Cost licence seat is free: nothing was imported')
  if (allowNewCostCodes && !settings.categories)
    throw new SageRefusal(
      'OPTION_NEEDS_CATEGORIES',
      'new cost codes can only be allowed where categories are in use',
    )
}

/** Name and content together; a suffix left off is `.jce` (I1). How Sage itself marks a file is unknown (I10). */
const markOf = ({ bytes, fileName }: ImportCommand, at: Date): ImportedFile => ({
  fileName: /\.[^.]+$/.test(fileName) ? fileName : `${fileName}.jce`,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  importedAt: at.toISOString(),
})

const isSameFile = (a: ImportedFile, b: ImportedFile): boolean =>
  a.fileName === b.fileName && a.sha256 === b.sha256

/** A copy in which only this run of the import is counted. */
function counted(tables: CompanyTables): CompanyTables {
  const copy = structuredClone(tables)
  copy.counters.import += 1
  return copy
}

const emptyReport = (
  command: ImportCommand,
  { fileName, sha256, importedAt }: ImportedFile,
  allowNewCostCodes: boolean,
  number: number,
): EstimateImportReport => ({
  number,
  fileName,
  sha256,
  at: importedAt,
  asApprovedEstimateChange: command.asApprovedEstimateChange,
  allowNewCostCodes,
  outcome: 'imported',
  acceptedLines: [],
  acceptedTotal: noCents,
  rejectedLines: [],
  created: [],
  complaints: [],
  importedBefore: null,
  hasRejectFile: false,
  rejectFile: null,
})

function readRecords(
  bytes: Uint8Array,
  commentCharacter: string,
): { records: ImportRecord[] } | { complaints: Complaint[] } {
  try {
    return { records: tokenizeRecords(bytes, commentCharacter) }
  } catch (error) {
    if (error instanceof ImportFileError) return { complaints: [...error.complaints] }
    throw error
  }
}

/** The entries made so far stay, the file is not marked, and nobody gets a report. The switch goes off once. */
function crashed(draft: CompanyTables): ImportEnd {
  const records = draft.faults.crashAfterRecords ?? 0
  draft.faults.crashAfterRecords = null
  return { end: 'crashed', tables: draft, records }
}

/** A file that was stopped is neither marked as imported nor followed by a reject file: both are assumptions. */
function stopped(
  manner: 'nothing kept' | 'earlier lines kept',
  {
    draft,
    untouched,
    report,
    run,
  }: {
    draft: CompanyTables
    untouched: CompanyTables
    report: EstimateImportReport
    run: ImportRun
  },
): ImportEnd {
  const { rejected: rejectedLines, stoppedAt } = run
  const told = {
    ...report,
    outcome: 'stopped' as const,
    rejectedLines,
    complaints: stoppedAt ? [stoppedAt] : [],
  }
  if (manner === 'nothing kept') return { end: 'reported', tables: untouched, report: told }
  return { end: 'reported', tables: draft, report: { ...told, ...kept(run), hasRejectFile: false } }
}

const kept = ({ accepted, acceptedTotal, rejected, created, rejectFile }: ImportRun) => ({
  acceptedLines: accepted,
  acceptedTotal,
  rejectedLines: rejected,
  created,
  hasRejectFile: rejectFile !== null,
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { cents } from './amounts.ts'
import { writeAtomically } from './atomic-file.ts'
import { SageRefusal } from './refusals.ts'

const Amount = z.int().transform(cents)
const Complaint = z.strictObject({ line: z.int(), field: z.int().nullable(), reason: z.string() })
const AcceptedLine = z.strictObject({
  line: z.int(),
  entry: z.int(),
  job: z.string(),
  extra: z.string(),
  costCode: z.string(),
  category: z.string(),
  amount: Amount,
})

const StoredReport = z.strictObject({
  number: z.int().positive(),
  fileName: z.string(),
  sha256: z.string(),
  at: z.iso.datetime(),
  asApprovedEstimateChange: z.boolean(),
  allowNewCostCodes: z.boolean(),
  /**
   * `imported`: read to its end, whatever was rejected. `stopped`: a category that is not standard. `refused`: the
   * file cannot be read as records. `already imported`: nothing was done, the person is asked first.
   */
  outcome: z.enum(['imported', 'stopped', 'refused', 'already imported']),
  /** The lines whose entries now are in the new-transaction file. */
  acceptedLines: z.array(AcceptedLine),
  acceptedTotal: Amount,
  rejectedLines: z.array(Complaint),
  /** Jobs, extras and cost codes the import set up, in words. */
  created: z.array(z.string()),
  /** Why the file was refused or stopped. */
  complaints: z.array(Complaint),
  /** When this file was imported before. */
  importedBefore: z.iso.datetime().nullable(),
  hasRejectFile: z.boolean(),
})
export type StoredReport = z.infer<typeof StoredReport>

/** What one run of Tools > Import Estimates came to; amounts in cents. */
export interface EstimateImportReport extends StoredReport {
  /** The reject file: the rejected records as they came, in the grammar of the import file; null where there are none. */
  readonly rejectFile: Uint8Array | null
}

const fileOf = (folder: string, number: number, ending: string): string =>
  join(folder, 'imports', `${String(number).padStart(6, '0')}.${ending}`)

/** Keeps the report, the file that was imported and the reject file beside the company's tables. */
export function storeReport(folder: string, report: EstimateImportReport, imported: Uint8Array): void {
  const { rejectFile, ...stored } = report
  writeAtomically(fileOf(folder, report.number, 'jce'), imported)
  if (rejectFile) writeAtomically(fileOf(folder, report.number, 'rejects.jce'), rejectFile)
  writeAtomically(fileOf(folder, report.number, 'json'), JSON.stringify(stored))
}

/** @throws {SageRefusal} IMPORT_UNKNOWN */
export function readReport(folder: string, number: number): StoredReport {
  return StoredReport.parse(JSON.parse(read(folder, number, 'json').toString('utf8')))
}

/** @throws {SageRefusal} IMPORT_UNKNOWN */
export const readImportedBytes = (folder: string, number: number): Uint8Array => read(folder, number, 'jce')

/** @throws {SageRefusal} IMPORT_UNKNOWN, also where the import rejected nothing */
export const readRejectBytes = (folder: string, number: number): Uint8Array =>
  read(folder, number, 'rejects.jce')

function read(folder: string, number: number, ending: string): Buffer {
  try {
    return readFileSync(fileOf(folder, number, ending))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new SageRefusal('IMPORT_UNKNOWN', `there is no such file of import ${String(number)}`)
    throw error
  }
}

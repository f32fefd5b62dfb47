import { readFile } from 'node:fs/promises'
import type { SageCompany } from '../company-folder.ts'
import type { Sage } from '../open-sage.ts'
import type { EstimateImportReport } from '../estimate-import-report.ts'
import { SageRefusal } from '../refusals.ts'
import { type DeskResponse, seeOther } from './exchange.ts'

export interface ImportableFile {
  readonly name: string
  readonly path: string
}

/** What the desk is built from. Folders are the owner's: the desk reads and writes nowhere else. */
export interface DeskOptions {
  readonly sage: Sage
  /** Files the import window offers: the agent's drop folders, a downloads folder. Nothing else on disk is read. */
  readonly importableFiles: (company: string) => Promise<readonly ImportableFile[]>
  /** Where a reject file goes when an import makes one; answers with the path that was written. */
  readonly saveRejects?: (company: string, fileName: string, bytes: Uint8Array) => Promise<string>
  /** Where the CSV reports go; written on request and after every change made through the desk. */
  readonly reportsFolder?: (company: string) => string
}

/** @throws {SageRefusal} FILE_UNKNOWN: the path is not one that is offered */
export async function readOffered(options: DeskOptions, company: string, path: string): Promise<OfferedFile> {
  const file = (await options.importableFiles(company)).find((offered) => offered.path === path)
  if (!file) throw new SageRefusal('FILE_UNKNOWN', `"${path}" is not among the files to import`)
  return { fileName: file.name, bytes: new Uint8Array(await readFile(file.path)) }
}

export interface OfferedFile {
  readonly fileName: string
  readonly bytes: Uint8Array
}

/** Prints the reports where a folder for them is known. */
export function printReports(options: DeskOptions, company: SageCompany): void {
  if (options.reportsFolder) company.writeReports(options.reportsFolder(company.name))
}

/** After a change by form: the reports are printed, and the person is led on. */
export function changed(options: DeskOptions, company: SageCompany, location: string): DeskResponse {
  printReports(options, company)
  return seeOther(location)
}

/** Puts the reject file, where the import made one, into the folder for them. @returns its path */
export async function keepRejects(
  options: DeskOptions,
  company: SageCompany,
  { fileName, rejectFile }: EstimateImportReport,
): Promise<string | null> {
  printReports(options, company)
  if (!rejectFile || !options.saveRejects) return null
  return await options.saveRejects(company.name, rejectName(fileName), rejectFile)
}

/** `budget.jce` -> `budget.rejects.jce`. */
export const rejectName = (fileName: string): string => fileName.replace(/(\.[^.]*)?$/, '.rejects.jce')

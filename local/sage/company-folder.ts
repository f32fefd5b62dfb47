import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from './atomic-file.ts'
import {
  CompanyFile,
  CompanySettings,
  type CompanySettingsInput,
  type CompanyTables,
  type CurrentTransaction,
  FaultSwitches,
  type NewEntry,
  emptyTables,
  fileOf,
  tablesOf,
} from './company-tables.ts'
import {
  type EstimateImportReport,
  type StoredReport,
  readImportedBytes,
  readRejectBytes,
  readReport,
  storeReport,
} from './estimate-import-report.ts'
import { type ImportCommand, runImport } from './import-command.ts'
import { LateReplica } from './late-replica.ts'
import {
  type EntryEdit,
  type HandEntry,
  deleteEntry,
  editEntry,
  enterByHand,
  newEntry,
} from './new-entries.ts'
import { type OwnerChangeOrder, postOwnerChangeOrder } from './owner-change-order.ts'
import {
  type PostSelection,
  type PostedPlace,
  type Posting,
  editPosted,
  postEntries,
  postedEntry,
} from './post-entries.ts'
import { type ColumnNames, type ViewName, type ViewRow, readView } from './read-views.ts'
import { SageCrashed, SageRefusal } from './refusals.ts'
import { writeReports } from './reports.ts'
import { type SetUpInput, setUp } from './set-up.ts'

export type Clock = () => Date

/** Read-only to everyone outside the commands. */
export type Tables = Readonly<CompanyTables>

const tablesFile = (folder: string): string => join(folder, 'company.json')

/** Writes an empty company data folder. */
export function createCompanyFolder(folder: string, settings: CompanySettingsInput): void {
  const tables = emptyTables(CompanySettings.parse(settings))
  writeAtomically(tablesFile(folder), JSON.stringify(fileOf(tables)))
}

/**
 * One Sage company data folder. Every command is carried out on a copy and written whole before it counts: a process
 * killed between two commands has lost nothing, one killed inside a command has done nothing.
 *
 * One process opens a folder at a time. Commands throw `SageRefusal` where Sage would not do it.
 */
export class SageCompany {
  readonly name: string
  readonly folder: string
  readonly #clock: Clock
  readonly #replica: LateReplica
  #tables: CompanyTables

  constructor(name: string, folder: string, clock: Clock) {
    this.name = name
    this.folder = folder
    this.#clock = clock
    this.#tables = tablesOf(CompanyFile.parse(JSON.parse(readFileSync(tablesFile(folder), 'utf8'))))
    this.#replica = new LateReplica(folder)
    this.#replica.follow(this.#tables, clock())
  }

  /** What a person at the Sage workstation sees, unposted entries included. A program outside has `view` and the reports. */
  tables(): Tables {
    return this.#tables
  }

  /** Setup: adds to or alters the standard lists and the jobs. */
  setUp(lists: SetUpInput): void {
    this.#change((tables) => setUp(tables, lists))
  }

  /** Job Cost settings; what is left out stays. */
  changeSettings(settings: CompanySettingsInput): CompanySettings {
    return this.#change((tables) => {
      tables.settings = CompanySettings.parse({ ...tables.settings, ...settings })
      return tables.settings
    })
  }

  /** What is left out stays. */
  setFaults(faults: Partial<FaultSwitches>): FaultSwitches {
    return this.#change((tables) => {
      tables.faults = FaultSwitches.parse({ ...tables.faults, ...faults })
      return tables.faults
    })
  }

  /**
   * Tools > Import Estimates. Entries go to the new-transaction file; no total moves.
   * @throws {SageRefusal} NO_LICENCE_SEAT, OPTION_NEEDS_CATEGORIES
   * @throws {SageCrashed} where the crash switch went off: what had been written by then is kept
   */
  importEstimates(command: ImportCommand): EstimateImportReport {
    const end = runImport(this.#tables, command, this.#clock())
    if (end.end === 'reported') storeReport(this.folder, end.report, command.bytes)
    this.#commit(end.tables)
    if (end.end === 'crashed') throw new SageCrashed(end.records)
    return end.report
  }

  /** The report of an import that was run before, by its number. */
  importReport(number: number): StoredReport {
    return readReport(this.folder, number)
  }

  /** The bytes that import was given. */
  importedBytes(number: number): Uint8Array {
    return readImportedBytes(this.folder, number)
  }

  /** The bytes of its reject file. */
  rejectBytes(number: number): Uint8Array {
    return readRejectBytes(this.folder, number)
  }

  newEntries(): NewEntry[] {
    return [...this.#tables.newTransactions.values()]
  }

  /** @throws {SageRefusal} ENTRY_UNKNOWN */
  newEntry(entry: number): NewEntry {
    return newEntry(this.#tables, entry)
  }

  editEntry(entry: number, edit: EntryEdit): NewEntry {
    return this.#change((tables) => editEntry(tables, entry, edit))
  }

  deleteEntry(entry: number): NewEntry {
    return this.#change((tables) => deleteEntry(tables, entry))
  }

  /** Enters one entry by hand. @returns its number in the new-transaction file */
  enter(hand: HandEntry): number {
    return this.#change((tables) => enterByHand(tables, hand))
  }

  /** Enters by hand and posts at once: movement on a key that no file of ours made. */
  handEntry(hand: HandEntry): Posting {
    return this.#change((tables) => {
      const entry = enterByHand(tables, hand)
      return postEntries(tables, { ids: [entry] }, this.#clock())
    })
  }

  ownerChangeOrder(order: OwnerChangeOrder): Posting {
    return this.#change((tables) => postOwnerChangeOrder(tables, order, this.#clock()))
  }

  /** Tasks > Post Entries. @throws {SageRefusal} NO_LICENCE_SEAT, ENTRY_UNKNOWN, NOTHING_TO_POST */
  postEntries(selection: PostSelection): Posting {
    if (this.#tables.faults.noLicenceSeat)
      throw new SageRefusal('NO_LICENCE_SEAT', 'no Job Cost licence seat is free: nothing was posted')
    return this.#change((tables) => postEntries(tables, selection, this.#clock()))
  }

  /** @throws {SageRefusal} TRANSACTION_UNKNOWN */
  postedEntry(row: PostedPlace): CurrentTransaction {
    return postedEntry(this.#tables, row)
  }

  /** Alters an entry that is posted; totals follow. */
  editPosted(row: PostedPlace, edit: EntryEdit): CurrentTransaction {
    return this.#change((tables) => editPosted(tables, row, edit, this.#clock()))
  }

  /** Rows of a read view. `custom` names show what this company renamed, as a driver without StandardMode does. */
  view(name: ViewName, names: ColumnNames = 'standard'): ViewRow[] {
    return readView(this.#visible().tables, name, names)
  }

  /** The clock of this Sage. */
  now(): Date {
    return this.#clock()
  }

  /** The instant that views and reports are of: now, or as far back as the replica lags. */
  asOf(): Date {
    return this.#visible().asOf
  }

  /** Prints the CSV reports and `as-of.txt` into a folder, see README.md. */
  writeReports(folder: string): Date {
    const { tables, asOf } = this.#visible()
    writeReports(tables, asOf, folder)
    return asOf
  }

  #visible(): { tables: CompanyTables; asOf: Date } {
    return this.#replica.visible(this.#tables, this.#clock())
  }

  #change<Result>(command: (draft: CompanyTables) => Result): Result {
    const draft = structuredClone(this.#tables)
    const result = command(draft)
    this.#commit(draft)
    return result
  }

  #commit(tables: CompanyTables): void {
    tables.revision += 1
    writeAtomically(tablesFile(this.folder), JSON.stringify(fileOf(tables)))
    this.#tables = tables
    this.#replica.follow(tables, this.#clock())
  }
}

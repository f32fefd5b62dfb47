/** Everything the simulator says no to, by a stable code. `http.ts` gives each one a status. */
export type RefusalCode =
  | 'COMPANY_NAME'
  | 'COMPANY_EXISTS'
  | 'COMPANY_UNKNOWN'
  | 'NO_LICENCE_SEAT'
  | 'OPTION_NEEDS_CATEGORIES'
  | 'FILE_UNKNOWN'
  | 'FILE_MISSING'
  | 'IMPORT_UNKNOWN'
  | 'ENTRY_UNKNOWN'
  | 'NOTHING_TO_POST'
  | 'TRANSACTION_UNKNOWN'
  | 'JOB_UNKNOWN'
  | 'KEY_REFUSED'
  | 'AMOUNT_RANGE'
  | 'DATE'
  | 'SET_UP'
  | 'NO_REPORTS_FOLDER'

/** A command that Sage does not carry out. Nothing has changed. */
export class SageRefusal extends Error {
  readonly code: RefusalCode
  constructor(code: RefusalCode, sentence: string) {
    super(sentence)
    this.name = 'SageRefusal'
    this.code = code
  }
}

/** The program died in the middle of an import: what it had written by then is kept, nothing else is known. */
export class SageCrashed extends Error {
  constructor(records: number) {
    super(`Job Cost stopped working after ${String(records)} records of the import`)
    this.name = 'SageCrashed'
  }
}

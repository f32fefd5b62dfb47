import { type Cents, plus, noCents } from './amounts.ts'
import { type CompanyTables, type EntryKind, type Job, type Key, keyOf } from './company-tables.ts'
import {
  type CategoryRecord,
  type EstimateRecord,
  type ExtraRecord,
  type JobRecord,
  RecordRefused,
  readEstimateRecord,
} from './estimate-records.ts'
import { addExtra, addJob, askKey, categoryRefusal, setUpKey } from './job-key.ts'
import { enterNew } from './new-entries.ts'
import type { Complaint, ImportRecord } from './record-tokenizer.ts'

export interface AcceptedLine {
  readonly line: number
  readonly entry: number
  readonly job: string
  readonly extra: string
  readonly costCode: string
  readonly category: string
  readonly amount: Cents
}

/** How reading the records of one file ended. */
export interface ImportRun {
  readonly accepted: AcceptedLine[]
  readonly acceptedTotal: Cents
  readonly rejected: Complaint[]
  /** What the import set up, in words: jobs, extras, cost codes. */
  readonly created: string[]
  /** Where a non-standard category stopped it, or null. */
  readonly stoppedAt: Complaint | null
  readonly crashed: boolean
  /** Rejected records with the job record each needs, or null where none was rejected. */
  readonly rejectFile: Uint8Array | null
}

export interface ImportOptions {
  /** The tick box of the import window, and the only thing that tells the two kinds apart. */
  readonly asApprovedEstimateChange: boolean
  readonly allowNewCostCodes: boolean
  readonly operator: string
}

/** The job of the last `*` record: lines below it belong to it, or are refused with it. */
type CurrentJob =
  | { readonly state: 'none' }
  | { readonly state: 'open'; readonly job: string; readonly record: ImportRecord }
  | { readonly state: 'refused'; readonly reason: string }

/**
 * Takes the records into the tables, one after the other, as Tools > Import Estimates does. Entries go to the
 * new-transaction file only; no total moves.
 *
 * Changes the tables it is given. Stops at a non-standard category or at the crash switch; what is then kept is
 * the caller's business.
 */
export function takeRecords(
  tables: CompanyTables,
  records: readonly ImportRecord[],
  options: ImportOptions,
): ImportRun {
  const run = new RunningImport(tables, options)
  const crashAfter = tables.faults.crashAfterRecords
  for (const [done, record] of records.entries()) {
    if (done === crashAfter) return run.ended({ crashed: true })
    run.take(record)
    if (run.stopped) break
  }
  return run.ended({ crashed: crashAfter !== null && crashAfter >= records.length })
}

class RunningImport {
  stopped: Complaint | null = null
  readonly #tables: CompanyTables
  readonly #options: ImportOptions
  readonly #kind: EntryKind
  readonly #accepted: AcceptedLine[] = []
  readonly #rejected: Complaint[] = []
  readonly #created: string[] = []
  readonly #rejects = new RejectFile()
  #total = noCents
  #job: CurrentJob = { state: 'none' }

  constructor(tables: CompanyTables, options: ImportOptions) {
    this.#tables = tables
    this.#options = options
    this.#kind = options.asApprovedEstimateChange ? 'approved_estimate_change' : 'original_estimate'
  }

  ended(how: { crashed: boolean }): ImportRun {
    return {
      accepted: this.#accepted,
      acceptedTotal: this.#total,
      rejected: this.#rejected,
      created: this.#created,
      stoppedAt: this.stopped,
      crashed: how.crashed,
      rejectFile: this.#rejects.bytes(),
    }
  }

  take(record: ImportRecord): void {
    try {
      this.#takeRead(record, readEstimateRecord(record, this.#tables.settings))
    } catch (error) {
      if (!(error instanceof RecordRefused)) throw error
      this.#reject(record, error.complaint)
    }
  }

  #takeRead(record: ImportRecord, read: EstimateRecord): void {
    switch (read.type) {
      case 'job':
        this.#takeJob(record, read)
        break
      case 'extra':
        this.#takeExtra(record, read)
        break
      case 'category':
        this.#takeCategory(record, read)
        break
    }
  }

  #reject(record: ImportRecord, complaint: Complaint): void {
    this.#rejected.push(complaint)
    if (record.fields[0]?.text === '*') this.#job = { state: 'refused', reason: complaint.reason }
    this.#rejects.add(record, this.#job.state === 'open' ? this.#job.record : null)
  }

  #takeJob(record: ImportRecord, { job, described }: JobRecord): void {
    const known = this.#tables.jobs.get(keyOf(job))
    if (known?.closed === true) throw refusal(record, 2, `Job "${job}" is closed`)
    if (!known) this.#create(`Job ${job}`, () => addJob(this.#tables, job, described))
    else if (this.#tables.settings.jobLineOnExistingJob === 'overwrites') this.#overwrite(known, described)
    this.#job = { state: 'open', job, record }
  }

  #overwrite(job: Job, described: JobRecord['described']): void {
    this.#tables.jobs.set(keyOf(job.job), { ...job, ...described })
  }

  #takeExtra(record: ImportRecord, { extra, description }: ExtraRecord): void {
    const job = this.#currentJob(record)
    const known = this.#tables.extras.get(keyOf(job, extra))
    if (known?.closed === true) throw refusal(record, 2, `Extra "${extra}" is closed`)
    if (known) return
    this.#create(`Extra ${extra} of job ${job}`, () => addExtra(this.#tables, job, extra, description))
  }

  #takeCategory(record: ImportRecord, read: CategoryRecord): void {
    const stops = categoryRefusal(this.#tables, read.category)
    if (stops !== null) {
      this.stopped = { line: record.line, field: fieldOf.category, reason: stops }
      return
    }
    const key = { job: this.#currentJob(record), ...pick(read) }
    const answer = askKey(this.#tables, key, this.#kind, this.#options.allowNewCostCodes)
    if (answer.answer === 'refused') throw refusal(record, fieldOf[answer.field], answer.reason)
    this.#accept(record, key, read, answer.createsCostCode)
  }

  #accept(record: ImportRecord, key: Key, read: CategoryRecord, createsCostCode: boolean): void {
    const setUp = (): void => setUpKey(this.#tables, key, read.description)
    if (createsCostCode) this.#create(`Cost Code ${key.costCode} of job ${place(key)}`, setUp)
    else setUp()
    const entry = enterNew(this.#tables, {
      ...key,
      kind: this.#kind,
      date: read.date,
      amount: read.amount,
      units: read.units,
      changeOrder: '',
      operator: this.#options.operator,
    })
    this.#accepted.push({ line: record.line, entry, ...key, amount: read.amount })
    this.#total = plus(this.#total, read.amount)
  }

  #create(what: string, setUp: () => unknown): void {
    setUp()
    this.#created.push(what)
  }

  #currentJob(record: ImportRecord): string {
    if (this.#job.state === 'open') return this.#job.job
    if (this.#job.state === 'none') throw refusal(record, null, 'no * record stands above this line')
    throw refusal(record, null, `its job record was rejected: ${this.#job.reason}`)
  }
}

/** Positions in a `C` record; the job has its own record. */
const fieldOf = { job: null, extra: 13, costCode: 2, category: 4 } as const

const place = ({ job, extra }: Key): string => (extra === '' ? job : `${job}, extra ${extra}`)

const pick = ({ extra, costCode, category }: CategoryRecord): Omit<Key, 'job'> => ({
  extra,
  costCode,
  category,
})

const refusal = (record: ImportRecord, field: number | null, reason: string): RecordRefused =>
  new RecordRefused({ line: record.line, field, reason })

/**
 * The records that were not taken, byte for byte as they came, each below the job record it belongs to: so the file
 * is an import file itself (I8). The reasons are on the report only (I9).
 */
class RejectFile {
  readonly #parts: Uint8Array[] = []
  #jobWritten: ImportRecord | null = null

  add(record: ImportRecord, job: ImportRecord | null): void {
    if (job && job !== this.#jobWritten) {
      this.#parts.push(job.bytes)
      this.#jobWritten = job
    }
    this.#parts.push(record.bytes)
  }

  bytes(): Uint8Array | null {
    return this.#parts.length === 0 ? null : new Uint8Array(Buffer.concat(this.#parts))
  }
}

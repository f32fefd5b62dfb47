import type { ExportEntry, ExportMode, ExportPart } from '../domain/export.ts'
import type { Address } from '../domain/budget-head.ts'
import { oneEntryPerKey, totalOf } from '../domain/entries.ts'
import { type Cents, formatCents } from '../domain/cents.ts'
import type { Day } from '../domain/ids.ts'
import { codeFaults, type CodeKind, writtenCode } from '../domain/sage-codes.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import { descriptionForSage, plainCode, transliterate } from '../domain/sage-text.ts'

/** What one estimate import file of Sage 300 CRE is written from. Nothing else decides its name or a byte of it. */
export interface EstimateFile {
  readonly sage: Pick<
    SageCompany,
    'folder' | 'limits' | 'comment_character' | 'date_order' | 'code_separators' | 'shortest_job_line'
  >
  readonly job: string
  /** Present when the import shall create the job. */
  readonly createJob?: NewJob | undefined
  /** `<project>-e<number>`. */
  readonly exportId: string
  readonly part: number
  readonly kind: ExportPart['kind']
  readonly version: number
  readonly mode: ExportMode
  readonly entryDate: Day
  /** Written in key order, equal keys summed, zeros dropped. */
  readonly entries: readonly ExportEntry[]
  /** Cost codes' descriptions from master data; one that is missing is written blank. */
  readonly descriptions: ReadonlyMap<string, string>
  /** Extras that this file announces, with their descriptions; those without an entry are left out. */
  readonly newExtras: ReadonlyMap<string, string>
}

export interface NewJob {
  readonly description: string
  readonly address?: Address | undefined
}

/** Most characters of the parts of an address in a job record. */
export const addressLimits = { street: 30, city: 15, state: 4, zip: 10 } as const

/** What cannot be written without losing meaning; the pre-check finds it before, so this is a fault of ours. */
export class EstimateNotWritable extends Error {
  override readonly name = 'EstimateNotWritable'
}

/**
 * Writes an import file for Job Cost > Tools > Import Estimates, by the writer's contract of the research on Sage:
 * printable ASCII, CR LF after every record, a comment line, the job, then per extra its announcement (when new)
 * and its lines. The same input gives the same name and the same bytes.
 * @throws EstimateNotWritable for a code, amount or set-up that the file cannot carry.
 */
export function writeEstimateFile(file: EstimateFile): { fileName: string; bytes: Uint8Array } {
  if ((file.kind === 'original') !== (file.mode === 'original_estimate') && file.kind !== 'correction')
    throw new EstimateNotWritable(`a part of kind ${file.kind} cannot be of mode ${file.mode}`)
  const entries = oneEntryPerKey(file.entries)
  const records = [commentLine(file, entries), jobRecord(file), ...entryRecords(file, entries)]
  const text = records.map((record) => `${record}\r\n`).join('')
  return { fileName: estimateFileName(file), bytes: new TextEncoder().encode(text) }
}

const boxed = {
  original_estimate: { file: 'ORIGINAL', comment: 'ORIGINAL ESTIMATE - LEAVE THE BOX EMPTY', total: 'TOTAL' },
  approved_estimate_change: {
    file: 'CHANGE-tick-the-box',
    comment: 'APPROVED ESTIMATE CHANGE - TICK IMPORT AS AN APPROVED ESTIMATE CHANGE',
    total: 'NET',
  },
} as const satisfies Record<ExportMode, { file: string; comment: string; total: string }>

/** `24-1007_clinic-e1_part1_ORIGINAL.jce`: letters, digits, `.`, `-` and `_` only, the mode in words. */
function estimateFileName({
  job,
  exportId,
  part,
  kind,
  mode,
}: Pick<EstimateFile, 'job' | 'exportId' | 'part' | 'kind' | 'mode'>): string {
  const correction = kind === 'correction' ? '-correction' : ''
  return `${safe(job)}_${safe(exportId)}_part${String(part)}_${boxed[mode].file}${correction}.jce`
}

const safe = (text: string): string => text.replace(/[^A-Za-z0-9_.-]/g, '-')

/** For the person who opens the file, and for us should Sage hand it back; Sage passes over it. */
function commentLine(file: EstimateFile, entries: readonly ExportEntry[]): string {
  const { sage, job, exportId, part, kind, version, mode } = file
  // A mark that could begin a record or a field, or continue a line, would not be a comment.
  if (!/^[!#$%&;]$/.test(sage.comment_character))
    throw new EstimateNotWritable(`${sage.comment_character} cannot begin a comment line`)
  const correction = kind === 'correction' ? ' CORRECTION' : ''
  return [
    `${sage.comment_character} EXPORT ${plain('Export', exportId)} PART ${String(part)}${correction} V${String(version)}`,
    boxed[mode].comment,
    `COMPANY ${transliterate(sage.folder).text} JOB ${job}`,
    `LINES ${String(entries.length)} ${boxed[mode].total} ${formatCents(totalOf(entries))}`,
  ].join(' - ')
}

function jobRecord(file: EstimateFile): string {
  const fields = jobFields(file)
  const missing = Math.max(0, (file.sage.shortest_job_line ?? 2) - fields.length)
  return record(...fields, ...Array.from({ length: missing }, () => quoted('')))
}

function jobFields({ sage, job, createJob }: EstimateFile): string[] {
  const number = code('job', job, sage)
  // What a job record does to a job that exists is not known, so it then carries the number alone.
  if (createJob === undefined) return ['"*"', number]
  const description = descriptionForSage(createJob.description, sage.limits.description).text
  if (createJob.address === undefined) return ['"*"', number, quoted(description)]
  const { street, city, state, zip } = createJob.address
  return [
    '"*"',
    number,
    quoted(description),
    quoted(''), // field 4: nobody knows what it means
    address('Street', street, addressLimits.street),
    address('City', city, addressLimits.city),
    address('State', state, addressLimits.state),
    address('ZIP', zip, addressLimits.zip),
  ]
}

function* entryRecords(file: EstimateFile, entries: readonly ExportEntry[]): Generator<string> {
  const lineOf = lineWriter(file)
  let extra = ''
  for (const entry of entries) {
    if (entry.code.sub_job !== extra) {
      extra = entry.code.sub_job
      const announced = file.newExtras.get(extra)
      if (announced !== undefined) yield extraRecord(file, extra, announced)
    }
    yield lineOf(entry)
  }
}

/** Category records: twelve fields without an extra, thirteen with one. */
function lineWriter({ sage, entryDate, descriptions }: EstimateFile): (entry: ExportEntry) => string {
  const date = digitsOf(entryDate, sage.date_order)
  const costCode = once((text) => code('cost_code', text, sage))
  const description = once((text) =>
    quoted(descriptionForSage(descriptions.get(text) ?? '', sage.limits.description).text),
  )
  const category = once((text) => code('cost_type', text, sage))
  const extra = once((text) => code('sub_job', text, sage))
  // Quantity and unit stay blank: Sage counts production units as original estimate whatever the box says.
  return ({ code: { sub_job, cost_code, cost_type }, cents }) => {
    const front = record(
      '"C"',
      costCode(cost_code),
      description(cost_code),
      category(cost_type),
      date,
      '',
      '""',
    )
    const back = record(amount(cents, sage), '', '', '""', '""')
    return sub_job === '' ? record(front, back) : record(front, back, extra(sub_job))
  }
}

function amount(cents: Cents, { limits }: EstimateFile['sage']): string {
  if (Math.abs(cents) > limits.amount)
    throw new EstimateNotWritable(`${formatCents(cents)} is beyond ${formatCents(limits.amount)}`)
  return formatCents(cents)
}

const extraRecord = ({ sage }: EstimateFile, extra: string, description: string): string =>
  record(
    '"E"',
    code('sub_job', extra, sage),
    quoted(descriptionForSage(description, sage.limits.description).text),
  )

/** A cost code has several categories, and a category thousands of cost codes: each field is made once. */
function once(make: (text: string) => string): (text: string) => string {
  const made = new Map<string, string>()
  return (text) => {
    const before = made.get(text)
    if (before !== undefined) return before
    const field = make(text)
    made.set(text, field)
    return field
  }
}

/** No comma after the last field, and the last field always ends in a quote: a record never runs into the next. */
const record = (...fields: readonly string[]): string => fields.join(',')

const quoted = (text: string): string => `"${text}"`

/** A code as Sage shows it, or by its sections alone, which are the code; never cut: that would be another one. */
function code(kind: CodeKind, text: string, sage: EstimateFile['sage']): string {
  const [fault] = codeFaults(kind, text, sage.limits)
  if (fault !== undefined) throw new EstimateNotWritable(fault.sentence)
  return quoted(kind === 'job' || kind === 'cost_code' ? writtenCode(text, sage) : text)
}

function plain(name: string, text: string): string {
  if (text === '' || !plainCode(text)) throw new EstimateNotWritable(`${name} ${text} cannot be written`)
  return text
}

/** Only descriptions are cut; an address that is too long is refused. */
function address(name: string, text: string, limit: number): string {
  const written = transliterate(text).text
  if (written.length > limit)
    throw new EstimateNotWritable(`${name} has more than ${String(limit)} characters: ${written}`)
  return quoted(written)
}

function digitsOf(day: Day, order: SageCompany['date_order']): string {
  const [year = '', month = '', date = ''] = day.split('-')
  if (order === 'DDMMYYYY') return `${date}${month}${year}`
  return order === 'YYYYMMDD' ? `${year}${month}${date}` : `${month}${date}${year}`
}

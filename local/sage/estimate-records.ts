import { type Cents, noCents, readNumber } from './amounts.ts'
import { readDate } from './calendar-date.ts'
import { type CodeKind, codeLimits, readCode } from './code-formats.ts'
import type { CompanySettings } from './company-tables.ts'
import type { Complaint, Field, ImportRecord } from './record-tokenizer.ts'

export interface JobRecord {
  readonly type: 'job'
  readonly job: string
  /** Only the fields the line really had: a line may stop early (L13). */
  readonly described: Partial<Record<'description' | 'address' | 'city' | 'state' | 'zip', string>>
}
export interface ExtraRecord {
  readonly type: 'extra'
  readonly extra: string
  readonly description: string
}
export interface CategoryRecord {
  readonly type: 'category'
  readonly costCode: string
  readonly description: string
  readonly category: string
  readonly date: string
  /** Hundredths of a unit. */
  readonly units: Cents
  readonly amount: Cents
  /** Blank where the line has no extra. */
  readonly extra: string
}
export type EstimateRecord = JobRecord | ExtraRecord | CategoryRecord

/** A record whose fields do not fit their layout. Goes to the reject file whole, with this complaint on the report. */
export class RecordRefused extends Error {
  readonly complaint: Complaint
  constructor(complaint: Complaint) {
    super(complaint.reason)
    this.complaint = complaint
  }
}

const descriptionLength = 30
const unitLength = 4 // in the file; Job Cost stores six, sage-connector.md 2
const jobFields = 15 // standard fields; custom ones begin behind them, sage-connector.md 1.2
const extraFields = 8
const categoryFields = 15

/**
 * Gives a record's fields their meaning by position, sage-connector.md 1.3.
 *
 * Fields whose meaning nobody could find out must be blank: refusing them is this simulator's choice.
 * @throws {RecordRefused}
 */
export function readEstimateRecord(record: ImportRecord, settings: CompanySettings): EstimateRecord {
  const fields = new FieldReader(record)
  const type = fields.text(1, 'Record type', 1)
  if (type === '*') return readJob(fields, settings)
  if (type === 'E') return readExtra(fields, settings)
  if (type === 'C') return readCategory(fields, settings)
  return fields.refuse(1, `"${type}" is no record type this import knows`)
}

function readJob(fields: FieldReader, settings: CompanySettings): JobRecord {
  fields.noneBeyond(jobFields)
  const job = fields.code(2, 'job', settings.sections.job)
  const description = fields.optionalText(3, 'Description', descriptionLength)
  fields.mustBeBlank(4)
  const address = fields.optionalText(5, 'Address', 30)
  const city = fields.optionalText(6, 'City', 15)
  const state = fields.optionalText(7, 'State', 4)
  const zip = fields.optionalText(8, 'ZIP', 10)
  for (let position = 9; position <= jobFields; position += 1) fields.mustBeBlank(position)
  const described = {
    ...(description !== null && { description }),
    ...(address !== null && { address }),
    ...(city !== null && { city }),
    ...(state !== null && { state }),
    ...(zip !== null && { zip }),
  }
  return { type: 'job', job, described }
}

function readExtra(fields: FieldReader, settings: CompanySettings): ExtraRecord {
  if (!settings.extras) fields.refuse(1, 'this company does not use extras')
  fields.noneBeyond(extraFields)
  const extra = fields.code(2, 'extra', settings.sections.extra)
  const description = fields.optionalText(3, 'Description', descriptionLength) ?? ''
  for (let position = 4; position <= extraFields; position += 1) fields.mustBeBlank(position)
  return { type: 'extra', extra, description }
}

function readCategory(fields: FieldReader, settings: CompanySettings): CategoryRecord {
  fields.noneBeyond(categoryFields)
  const costCode = fields.code(2, 'costCode', settings.sections.costCode)
  const description = fields.text(3, 'Description', descriptionLength)
  const category = settings.categories ? fields.code(4, 'category', null) : fields.noCategory(4)
  const date = fields.date(5, settings)
  const units = fields.number(6, 'Quantity') ?? noCents
  fields.text(7, 'Unit of measure', unitLength)
  const amount = fields.number(8, 'Amount')
  if (amount === null) return fields.refuse(8, 'Amount is blank')
  for (const position of [9, 10]) fields.mustBeBlank(position, 'without quotes')
  for (const position of [11, 12]) fields.mustBeBlank(position, 'with quotes')
  const extra = fields.optionalCode(13, 'extra', settings.sections.extra)
  if (extra !== '' && !settings.extras) fields.refuse(13, 'this company does not use extras')
  for (const position of [14, 15]) fields.mustBeBlank(position)
  return { type: 'category', costCode, description, category, date, units, amount, extra }
}

/** Reads fields by their position from 1; every complaint names the record's line and the field. */
class FieldReader {
  readonly #record: ImportRecord
  constructor(record: ImportRecord) {
    this.#record = record
  }

  #at(position: number): Field | undefined {
    return this.#record.fields[position - 1]
  }

  refuse(field: number, reason: string): never {
    throw new RecordRefused({ line: this.#record.line, field, reason })
  }

  noneBeyond(last: number): void {
    if (this.#record.fields.length > last)
      this.refuse(last + 1, `custom fields begin here, and this company has none`)
  }

  /** A text field that the record must reach; may be blank. */
  text(position: number, name: string, length: number): string {
    return this.optionalText(position, name, length) ?? this.refuse(position, `${name} is missing`)
  }

  /** Null where the record stops before this field. */
  optionalText(position: number, name: string, length: number): string | null {
    const field = this.#at(position)
    if (!field) return null
    if (!field.quoted) this.refuse(position, `${name} is text and stands in quotes`)
    if (field.text.length > length) this.refuse(position, `${name} is longer than ${String(length)}`)
    return field.text
  }

  code(position: number, kind: CodeKind, mask: string | null): string {
    const { name, width } = codeLimits[kind]
    const code = readCode(kind, this.text(position, name, width), mask)
    return code.ok ? code.code : this.refuse(position, code.reason)
  }

  optionalCode(position: number, kind: CodeKind, mask: string | null): string {
    const text = this.optionalText(position, codeLimits[kind].name, codeLimits[kind].width) ?? ''
    return text.trim() === '' ? '' : this.code(position, kind, mask)
  }

  noCategory(position: number): string {
    if (this.text(position, 'Category', 3).trim() !== '')
      this.refuse(position, 'this company does not use categories')
    return ''
  }

  /** Null where the field is blank or the record stops before it. */
  number(position: number, name: string): Cents | null {
    const field = this.#at(position)
    if (!field || (!field.quoted && field.text === '')) return null
    if (field.quoted) this.refuse(position, `${name} is a number and stands without quotes`)
    const read = readNumber(field.text)
    return read.ok ? read.hundredths : this.refuse(position, `${name}: ${read.reason}`)
  }

  date(position: number, settings: CompanySettings): string {
    const field = this.#at(position)
    if (!field || field.text === '') return this.refuse(position, 'Date is blank')
    if (field.quoted) this.refuse(position, 'Date stands without quotes')
    const day = readDate(field.text, settings.dateOrder)
    return day ?? this.refuse(position, `"${field.text}" is no date in the order ${settings.dateOrder}`)
  }

  mustBeBlank(position: number, manner?: 'with quotes' | 'without quotes'): void {
    const field = this.#at(position)
    if (!field) return
    if (field.text.trim() !== '')
      this.refuse(position, 'the meaning of this field is not known; leave it blank')
    if (manner && field.quoted !== (manner === 'with quotes'))
      this.refuse(position, `a blank stands ${manner} here`)
  }
}

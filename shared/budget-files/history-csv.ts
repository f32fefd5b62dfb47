import type { BudgetCode } from '../domain/budget-code.ts'
import { byteOrderMark, csvRow } from './csv-row.ts'
import { shownNotRun } from './spreadsheet-text.ts'

// What is only digits is a number everywhere and is left one; anything else is shown, never run.
const number = /^-?\d{1,15}(\.\d{1,6})?$/
export const cell = (text: string): string => (number.test(text) ? text : shownNotRun(text))

/** One field-level change as a record; an event that altered no field is one record without a field. */
export interface HistoryRecord {
  readonly sequence: number
  readonly at: string
  readonly by: string
  readonly event: string
  readonly request: string
  readonly code?: BudgetCode | undefined
  readonly field: string
  readonly old_value: string
  readonly new_value: string
  readonly detail: string
}

const headings = [
  'Number',
  'When',
  'Who',
  'Event',
  'Request',
  'Sub Job',
  'Cost Code',
  'Cost Type',
  'Field',
  'Old Value',
  'New Value',
  'Detail',
]

export const historyCsvHead = byteOrderMark + csvRow(headings)

export const historyCsvRow = (record: HistoryRecord): string =>
  csvRow([
    String(record.sequence),
    record.at,
    ...[
      record.by,
      record.event,
      record.request,
      record.code?.sub_job ?? '',
      record.code?.cost_code ?? '',
      record.code?.cost_type ?? '',
      record.field,
    ].map(shownNotRun),
    cell(record.old_value),
    cell(record.new_value),
    shownNotRun(record.detail),
  ])

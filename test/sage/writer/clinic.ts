import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { cents } from '../../../shared/domain/cents.ts'
import type { ExportEntry } from '../../../shared/domain/export.ts'
import { Day } from '../../../shared/domain/ids.ts'
import { sageLimits } from '../../../shared/domain/sage-company.ts'
import type { EstimateFile } from '../../../shared/sage/estimate-file.ts'

// The job of the worked examples: Riverside Clinic, with one extra.

export const entry = (
  sub_job: string,
  cost_code: string,
  cost_type: string,
  amount: number,
): ExportEntry => ({
  code: budgetCode(sub_job, cost_code, cost_type),
  cents: cents(amount),
})

export const sage: EstimateFile['sage'] = {
  folder: 'Riverside Builders',
  limits: sageLimits,
  comment_character: ';',
  date_order: 'MMDDYYYY',
}

export const originals: EstimateFile = {
  sage,
  job: '24-1007',
  createJob: {
    description: 'Riverside Clinic',
    address: { street: '1200 River Rd', city: 'Tacoma', state: 'WA', zip: '98402' },
  },
  exportId: 'clinic-e1',
  part: 1,
  kind: 'original',
  version: 1,
  mode: 'original_estimate',
  entryDate: Day.parse('2025-03-15'),
  entries: [
    entry('', '03-3000', 'L', 185_000_00),
    entry('', '03-3000', 'M', 240_000_00),
    entry('', '03-3000', 'S', 325_000_00),
    entry('001', '31-2000', 'S', 500_000_00),
  ],
  descriptions: new Map([
    ['03-3000', 'Cast-in-place concrete'],
    ['09-9000', 'Painting'],
    ['31-2000', 'Earthwork'],
  ]),
  newExtras: new Map([['001', 'Site package']]),
}

export const changes: EstimateFile = {
  ...originals,
  createJob: undefined,
  exportId: 'clinic-e2',
  version: 2,
  kind: 'change',
  mode: 'approved_estimate_change',
  entryDate: Day.parse('2025-06-02'),
  entries: [
    entry('', '03-3000', 'S', 15_000_00),
    entry('', '09-9000', 'S', 42_000_00),
    entry('001', '31-2000', 'S', -15_000_00),
  ],
  newExtras: new Map(),
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder('windows-1252').decode(bytes)
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0))
export const linesOf = (bytes: Uint8Array): string[] => textOf(bytes).split('\r\n').slice(0, -1)

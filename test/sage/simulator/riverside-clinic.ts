import type { SageCompany } from '../../../local/sage/company-folder.ts'
import type { CompanySettingsInput } from '../../../local/sage/company-tables.ts'
import { type Sage, openSage } from '../../../local/sage/open-sage.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** Worked example 1.5, typed by hand: box off. */
export const originalEstimate = [
  '; BUDGET 7F3C2A91 V1 ORIGINAL JOB 24-1007 LINES 4 TOTAL 1250000.00',
  '"*","24-1007","Riverside Clinic","","1200 River Rd","Tacoma","WA","98402"',
  '"C","03-3000","Cast-in-place concrete","L",03152025,,"",185000.00,,,"",""',
  '"C","03-3000","Cast-in-place concrete","M",03152025,,"",240000.00,,,"",""',
  '"C","03-3000","Cast-in-place concrete","S",03152025,,"",325000.00,,,"",""',
  '"E","001","Site package"',
  '"C","31-2000","Earthwork","S",03152025,,"",500000.00,,,"","","001"',
]

/** Worked example 1.6, typed by hand: box on, differences. */
export const approvedChange = [
  '; BUDGET 7F3C2A91 V2 CHANGE - TICK IMPORT AS AN APPROVED ESTIMATE CHANGE - LINES 3 NET 42000.00',
  '"*","24-1007"',
  '"C","03-3000","Cast-in-place concrete","S",06022025,,"",15000.00,,,"",""',
  '"C","09-9000","Painting","S",06022025,,"",42000.00,,,"",""',
  '"C","31-2000","Earthwork","S",06022025,,"",-15000.00,,,"","","001"',
]

export const bytesOf = (lines: readonly string[]): Uint8Array =>
  new Uint8Array(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'))

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export const lists = {
  standardCostCodes: [
    { costCode: '03-0000', description: 'Concrete', group: true },
    { costCode: '03-3000', description: 'Cast-in-place concrete' },
    { costCode: '09-9000', description: 'Painting' },
    { costCode: '31-2000', description: 'Earthwork' },
    { costCode: '99-0000', description: 'No longer used', closed: true },
  ],
  standardCategories: [
    { category: 'L', description: 'Labor', accumulateAs: 'Labor' as const },
    { category: 'M', description: 'Material', accumulateAs: 'Material' as const },
    { category: 'S', description: 'Subcontract', accumulateAs: 'Subcontract' as const },
  ],
}

/** A clock that stands still until it is set forward. */
export class HandClock {
  #time = Date.parse('2025-06-02T08:00:00Z')
  readonly now = (): Date => new Date(this.#time)
  forward(seconds: number): void {
    this.#time += seconds * 1000
  }
}

export interface Office {
  readonly sage: Sage
  readonly company: SageCompany
  readonly clock: HandClock
  readonly folder: string
}

/** A Sage with one company that knows the standard codes of the worked examples, and no job. */
export function openOffice(settings: CompanySettingsInput = {}): Office {
  const clock = new HandClock()
  const folder = temporaryFolder('sage-simulator')
  const sage = openSage(folder, { clock: clock.now })
  const company = sage.createCompany('Tacoma Builders', settings)
  company.setUp(lists)
  return { sage, company, clock, folder }
}

export function importLines(
  company: SageCompany,
  lines: readonly string[],
  { box = false, ...more }: { box?: boolean; again?: boolean; newCodes?: boolean; fileName?: string } = {},
) {
  return company.importEstimates({
    bytes: bytesOf(lines),
    fileName: more.fileName ?? 'budget.jce',
    asApprovedEstimateChange: box,
    allowNewCostCodes: more.newCodes ?? false,
    importAgain: more.again ?? false,
  })
}

/** `extra/cost code/category` -> original, approved changes, total in cents; of one job. */
export function totalsOf(company: SageCompany, job = '24-1007'): Record<string, [number, number, number]> {
  const rows = [...company.tables().categories.values()].filter((row) => row.job === job)
  return Object.fromEntries(
    rows.map((row) => [
      `${row.extra}/${row.costCode}/${row.category}`,
      [row.original, row.approved, row.original + row.approved],
    ]),
  )
}

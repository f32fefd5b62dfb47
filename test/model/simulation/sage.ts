import { CompanySettings } from '../../../local/sage/company-tables.ts'
import { readEstimateRecord } from '../../../local/sage/estimate-records.ts'
import { tokenizeRecords } from '../../../local/sage/record-tokenizer.ts'

/** Cents of one key in Sage. */
export interface InSage {
  readonly original: number
  readonly changes: number
}

export interface Line {
  readonly extra: string
  readonly cost_code: string
  readonly category: string
  readonly cents: number
}

interface Imported {
  readonly name: string
  readonly changes: boolean
  readonly lines: readonly Line[]
  posted: boolean
}

const settings = CompanySettings.parse({})

export const keyOf = ({ extra, cost_code, category }: Omit<Line, 'cents'>): string =>
  [extra, cost_code, category].join('|')

/** Job Cost of one company, as far as amounts go: what was imported, what of it is posted, and the totals then. */
export class SageBooks {
  readonly imported: Imported[] = []

  /** Lines of a file, as the simulator's parser reads them. */
  static linesOf(bytes: Uint8Array): Line[] {
    return tokenizeRecords(bytes).flatMap((record) => {
      const read = readEstimateRecord(record, settings)
      if (read.type !== 'category') return []
      const { extra, costCode: cost_code, category, amount } = read
      return [{ extra, cost_code, category, cents: Number(amount) }]
    })
  }

  /** Takes a file in, but for the lines that it rejects, which it answers. */
  importFile(name: string, bytes: Uint8Array, changes: boolean, rejects: (line: Line) => boolean): Line[] {
    const lines = SageBooks.linesOf(bytes)
    const rejected = lines.filter((line) => rejects(line))
    const taken = lines.filter((line) => !rejected.includes(line))
    this.imported.push({ name, changes, lines: taken, posted: false })
    return rejected
  }

  post(): void {
    for (const file of this.imported) file.posted = true
  }

  totals(): ReadonlyMap<string, InSage> {
    const totals = new Map<string, InSage>()
    for (const { lines, changes } of this.imported.filter(({ posted }) => posted))
      for (const line of lines) {
        const { original, changes: changed } = totals.get(keyOf(line)) ?? { original: 0, changes: 0 }
        totals.set(
          keyOf(line),
          changes
            ? { original, changes: changed + line.cents }
            : { original: original + line.cents, changes: changed },
        )
      }
    return totals
  }
}

import { CompanySettings } from '../../../local/sage/company-tables.ts'
import { readEstimateRecord } from '../../../local/sage/estimate-records.ts'
import { tokenizeRecords } from '../../../local/sage/record-tokenizer.ts'

/** Cents of one key in Sage. */
interface InSage {
  readonly original: number
  readonly changes: number
}

export interface Line {
  readonly extra: string
  readonly cost_code: string
  readonly category: string
  readonly cents: number
}

/** One import of a file: whether the box for changes was ticked, what was taken, and how much of that is posted. */
export interface Imported {
  readonly name: string
  readonly sha256: string
  changes: boolean
  readonly lines: readonly Line[]
  readonly rejected: readonly Line[]
  posted: number
  /** Lines that were never posted were deleted, as of an export that was given up. */
  readonly isCut?: true
}

const settings = CompanySettings.parse({})

export const keyOf = ({ extra, cost_code, category }: Omit<Line, 'cents'>): string =>
  [extra, cost_code, category].join('|')

/** Job Cost of one job, as far as amounts go: what was imported, what of it is posted, and the totals then. */
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

  of(name: string): Imported[] {
    return this.imported.filter((each) => each.name === name)
  }

  importFile(file: Imported): void {
    this.imported.push(file)
  }

  /** Somebody takes the entries of an import out again. */
  reverse(file: Imported): void {
    this.imported.splice(this.imported.indexOf(file), 1)
  }

  totals(): ReadonlyMap<string, InSage> {
    const totals = new Map<string, InSage>()
    for (const { lines, changes, posted } of this.imported)
      for (const line of lines.slice(0, posted)) {
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

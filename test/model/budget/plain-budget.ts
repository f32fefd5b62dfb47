import {
  type Code,
  codeShown,
  decimal,
  figures,
  inOrder,
  joined,
  lineShown,
  type PlainLine,
} from './plain-line.ts'

export interface Adjustment {
  readonly code: Code
  readonly amount: bigint
  readonly comment: string
}

export interface PlainChange {
  readonly number: number
  readonly title: string
  readonly description: string
  readonly status: 'draft' | 'under_review' | 'approved' | 'void'
  readonly approvedIn: number | null
  /** Made by an import from Sage, of what stood there. */
  readonly fromSage: boolean
  readonly lines: readonly Adjustment[]
}

/** What Sage holds of a code, in cents. */
export interface SageTotal {
  readonly code: Code
  readonly original: bigint
  readonly changes: bigint
}

/** What a version holds: copies of the lines, and how each was shown. */
interface PlainVersion {
  readonly why: string
  readonly lines: readonly PlainLine[]
  readonly shown: readonly ReturnType<typeof lineShown>[]
}

/** Rows as a text, to compare them. */
export const inWords = (rows: readonly object[]): string =>
  rows.map((row) => Object.values(row).join()).join(';')

export const keyOf = (code: Code): string => JSON.stringify(code)
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)

/**
 * A budget in memory: a map of lines and a list of changes. The figure of the changes on a line is never kept, it is
 * the sum of what is approved at the time.
 */
export class PlainBudget {
  readonly lines = new Map<string, PlainLine>()
  readonly changes: PlainChange[] = []
  readonly versions: PlainVersion[] = []
  locked = false
  oneSided = false
  revision = 1
  /** Rows of history, the first of which says that the project was made. */
  history = 1
  lastCommand:
    | { readonly command: string; readonly outcome: string; readonly budget_changes?: string }
    | undefined
  /** Cents in Sage by key, once something was posted; and which keys each export moved, of which version. */
  readonly inSage = new Map<string, { readonly code: Code; readonly cents: bigint }>()
  readonly exports: { readonly version: number; readonly keys: ReadonlySet<string> }[] = []
  /** The lines as they were exported last. */
  exported: readonly PlainLine[] | undefined
  /** What was read of the job in Sage last, and how often it was. */
  sage: { readonly asOf: string; readonly totals: readonly SageTotal[] } | undefined
  readings = 0
  /** What an import from Sage brought into the ledger: the first of its entries. */
  opening: readonly SageTotal[] = []
  /** Codes that commands draw from: few, so that they meet again. */
  readonly codes: readonly Code[]
  /** The job in Sage, where the project is linked to one. */
  readonly job: { readonly sage_company: string; readonly number: string } | undefined

  constructor(codes: readonly Code[], lines: readonly PlainLine[] = [], job?: PlainBudget['job']) {
    this.codes = codes
    this.job = job
    for (const line of lines) this.lines.set(keyOf(line.code), line)
  }

  codeAt = (index: number): Code => this.codes[index % this.codes.length]!

  sorted = (): PlainLine[] => [...this.lines.values()].toSorted((a, b) => inOrder(a.code, b.code))

  changesOn = (key: string): bigint =>
    sum(
      this.changes
        .filter(({ status }) => status === 'approved')
        .flatMap(({ lines }) => lines.filter(({ code }) => keyOf(code) === key))
        .map(({ amount }) => amount),
    )

  /** A line of a change that is not void is not deleted. */
  isTouched = (key: string): boolean =>
    this.changes.some(
      ({ status, lines }) => status !== 'void' && lines.some(({ code }) => keyOf(code) === key),
    )

  /** The change From Sage, and an approved change that was exported, with a key that the export moved, stand for good. */
  isHeld = ({ approvedIn, fromSage, lines }: PlainChange): boolean =>
    fromSage ||
    this.exports.some(
      ({ version, keys }) =>
        approvedIn !== null && version >= approvedIn && lines.some(({ code }) => keys.has(keyOf(code))),
    )

  /** What the next export would hold: cents by code. */
  due(): { code: Code; cents: bigint }[] {
    const held = new Map([...this.inSage].map(([key, { code, cents }]) => [key, { code, cents: -cents }]))
    for (const [key, { code, original }] of this.lines) {
      const cents = (held.get(key)?.cents ?? 0n) + original + this.changesOn(key)
      held.set(key, { code, cents })
    }
    return [...held.values()].filter(({ cents }) => cents !== 0n)
  }

  /** A second for each reading, from a minute before which nothing was read. */
  asOfReading = (number: number): string => new Date(Date.UTC(2026, 10, 22, 19, 30, number)).toISOString()

  readSage(totals: readonly SageTotal[]): void {
    this.readings += 1
    this.sage = { asOf: this.asOfReading(this.readings), totals }
  }

  /** Codes with an amount in Sage, as last read. */
  heldInSage = (): SageTotal[] =>
    (this.sage?.totals ?? [])
      .filter(({ original, changes }) => original !== 0n || changes !== 0n)
      .toSorted((a, b) => inOrder(a.code, b.code))

  /** Whether Sage holds something else than was imported, or something at all where nothing was. */
  sageMoved(): boolean {
    return this.sage !== undefined && inWords(this.heldInSage()) !== inWords(this.opening)
  }

  erpState(): string {
    if (this.exports.length === 0) return 'not_sent'
    return this.due().length === 0 ? 'synced' : 'update_pending'
  }

  /** Writes something: one more row of history, and a revision more unless only the lock turned. */
  wrote(revisions = 1, rows = 1): void {
    this.revision += revisions
    this.history += rows
  }

  /** Stores lines, null removes; what stands already is not an edit. True where something was stored. */
  store(edits: ReadonlyMap<string, PlainLine | null>): boolean {
    for (const [key, line] of edits) {
      if (line) this.lines.set(key, line)
      else this.lines.delete(key)
    }
    if (edits.size > 0) this.wrote()
    return edits.size > 0
  }

  shownLines = () => this.sorted().map((line) => lineShown(line, this.changesOn(keyOf(line.code))))

  addVersion(why: string): void {
    this.versions.push({ why, lines: this.sorted(), shown: this.shownLines() })
  }

  originals = (): bigint => sum([...this.lines.values()].map((line) => line.original))

  totals() {
    const original = this.originals()
    const changes = sum([...this.lines.keys()].map((key) => this.changesOn(key)))
    return { line_items: this.lines.size, ...figures(original, changes) }
  }

  shownChanges = () =>
    this.changes.map(({ lines, approvedIn, fromSage, ...change }) => ({
      ...change,
      from_sage: fromSage,
      approved_in_version: approvedIn,
      net_amount: decimal(sum(lines.map(({ amount }) => amount))),
      adjustment_line_item_count: lines.length,
      adjustment_line_items: lines.map(({ code, amount, comment }) => ({
        ...codeShown(code),
        budget_code: joined(code),
        amount: decimal(amount),
        comment,
      })),
    }))
}

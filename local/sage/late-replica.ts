import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { writeAtomically } from './atomic-file.ts'
import { CompanyFile, type CompanyTables, fileOf, tablesOf } from './company-tables.ts'

/*
 * A copy of the tables that lags behind them. While the switch is on, every state is kept with the instant it came
 * to be, and shows itself only when that instant lies as far back as the lag. Until the first of them may show, the
 * state of the switching on is shown.
 */

const Copies = z.array(z.strictObject({ at: z.iso.datetime(), tables: CompanyFile })).min(1)
type Copies = z.infer<typeof Copies>

export interface Visible {
  readonly tables: CompanyTables
  /** The instant the figures are of. */
  readonly asOf: Date
}

const fileIn = (folder: string): string => join(folder, 'replica.json')

export class LateReplica {
  readonly #folder: string
  #copies: Copies | null = null

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Called with the tables after every command and at opening; does nothing for a state it has. */
  follow(tables: CompanyTables, now: Date): void {
    const lag = tables.faults.replicaLagSeconds * 1000
    if (lag === 0) {
      this.#forget()
      return
    }
    const copies = this.#copies ?? this.#read()
    if (copies.at(-1)?.tables.revision === tables.revision) {
      this.#copies = copies
      return
    }
    const kept = copies.slice(shownIndex(copies, now.getTime() - lag))
    this.#copies = [...kept, { at: now.toISOString(), tables: copyOf(tables) }]
    writeAtomically(fileIn(this.#folder), JSON.stringify(this.#copies))
  }

  visible(tables: CompanyTables, now: Date): Visible {
    const copies = this.#copies
    const moment = now.getTime() - tables.faults.replicaLagSeconds * 1000
    const copy = copies?.[shownIndex(copies, moment)]
    if (!copy) return { tables, asOf: now }
    const shown = { ...tablesOf(copy.tables), faults: tables.faults }
    return { tables: shown, asOf: new Date(Math.max(moment, Date.parse(copy.at))) }
  }

  #forget(): void {
    this.#copies = null
    rmSync(fileIn(this.#folder), { force: true })
  }

  #read(): Copies | [] {
    try {
      return Copies.parse(JSON.parse(readFileSync(fileIn(this.#folder), 'utf8')))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  }
}

/** The newest copy that is old enough, or the oldest there is. */
const shownIndex = (copies: Copies, moment: number): number =>
  Math.max(
    0,
    copies.findLastIndex(({ at }) => Date.parse(at) <= moment),
  )

/** Unposted entries never show, so a copy does without them. Commands work on copies: these rows stay as they are. */
const copyOf = (tables: CompanyTables): CompanyFile => ({ ...fileOf(tables), newTransactions: [] })

/**
 * What a run must have seen become of each command: one done, one refused, and one refused with each code named. A run
 * that no longer gets there holds nothing.
 */
export const everyCommand = {
  'edit lines': ['done', 'refused'],
  'import a CSV file': ['done', 'refused'],
  'import a workbook': ['done', 'refused'],
  'import an exported workbook': ['done', 'refused'],
  'import from Sage': ['done', 'refused', 'LEDGER_NOT_EMPTY'],
  'make a change': ['done', 'refused'],
  'edit a change': ['done', 'refused'],
  'approve a change': ['done', 'refused'],
  'reopen a change': ['done', 'refused'],
  'void a change': ['done', 'refused'],
  'set one-sided changes': ['done', 'refused'],
  lock: ['done', 'refused'],
  unlock: ['done', 'refused'],
  'unlock deleting changes': ['done', 'refused', 'LEDGER_NOT_EMPTY', 'INVALID_INPUT'],
  'post in Sage': ['done', 'refused'],
  'restore a version': ['done', 'refused'],
} as const

/** The same of budgets of several chunks, for what crosses their boundaries. */
export const manyLines = {
  'add many lines': ['done'],
  'delete many lines': ['done'],
} as const

export type CommandName = keyof typeof everyCommand | keyof typeof manyLines

export type Wanted = Partial<Readonly<Record<CommandName, readonly string[]>>>

export const namesIn = (wanted: Wanted): CommandName[] => Object.keys(wanted) as CommandName[]

export class Reached {
  readonly #seen = new Set<string>()

  /** @param outcome `done` where something was written, `unchanged` where not, otherwise the code of the refusal */
  note(command: CommandName, outcome: string): void {
    this.#seen.add(`${command}: ${outcome}`)
    if (outcome !== 'done' && outcome !== 'unchanged') this.#seen.add(`${command}: refused`)
  }

  /** What is wanted and was not seen yet. */
  missing(wanted: Wanted): Wanted {
    const unseen = namesIn(wanted).map(
      (name) =>
        [name, wanted[name]?.filter((outcome) => !this.#seen.has(`${name}: ${outcome}`)) ?? []] as const,
    )
    return Object.fromEntries(unseen.filter(([, outcomes]) => outcomes.length > 0))
  }
}

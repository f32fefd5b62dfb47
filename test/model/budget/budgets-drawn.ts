import * as fc from 'fast-check'
import { runs } from '../../runs.ts'
import { anyManner, type Command, type Manner } from './command.ts'
import {
  approveChange,
  editChange,
  makeChange,
  reopenChange,
  setOneSided,
  voidChange,
} from './change-commands.ts'
import { postInSage, turnLock } from './cycle-commands.ts'
import { importExported, importFile } from './file-commands.ts'
import { addManyLines, deleteManyLines, edit, editZeroLines } from './line-commands.ts'
import type { Code, PlainLine } from './plain-line.ts'
import { type CommandName, everyCommand, namesIn } from './reached.ts'
import { restore } from './restore.ts'
import { importFromSage } from './sage-commands.ts'
import { unlockDeletingChanges } from './unlock-deleting.ts'

/** What is drawn to see something become of each command; others are given on its way. */
const drawnFor: Readonly<Record<CommandName, fc.Arbitrary<Command>>> = {
  'edit lines': fc.oneof(edit, edit, editZeroLines),
  'import a CSV file': importFile,
  'import a workbook': importFile,
  'import an exported workbook': importExported,
  'import from Sage': importFromSage,
  'make a change': makeChange,
  'edit a change': editChange,
  'approve a change': approveChange,
  'reopen a change': reopenChange,
  'void a change': voidChange,
  'set one-sided changes': setOneSided,
  lock: turnLock,
  unlock: turnLock,
  'unlock deleting changes': unlockDeletingChanges,
  'post in Sage': postInSage,
  'restore a version': restore,
  'add many lines': addManyLines,
  'delete many lines': deleteManyLines,
}

const anyOf = (names: readonly CommandName[]) => fc.oneof(...names.map((name) => drawnFor[name]))

export type Given = readonly [command: Command, manner: Manner]

export interface Drawn {
  readonly sequence: readonly Given[]
  /** How many lines stand at the beginning. */
  readonly size: number
  /** Whether all that the API shows is read at the end. */
  readonly atRest: boolean
}

/** A sequence of as many commands, in any order. */
const sequenceOf = (
  commands: fc.Arbitrary<Command>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<Given[]> => fc.array(fc.tuple(commands, anyManner), { minLength, maxLength, size: 'max' })

/** Budgets of a few lines, and some that begin empty. */
export const anyBudget = (names: readonly CommandName[]): fc.Arbitrary<Drawn> =>
  fc.record({
    sequence: sequenceOf(anyOf(names), 1, runs(2, 24)),
    size: fc.constantFrom(0, 3, 3, 4, 4, 5, 5, 6, 6),
    atRest: fc.oneof(
      { weight: 1, arbitrary: fc.constant(true) },
      { weight: runs(4, 0), arbitrary: fc.constant(false) },
    ),
  })

/** Budgets of several chunks: half of the commands cross their boundaries. */
export const anyLargeBudget = (names: readonly CommandName[]): fc.Arbitrary<Drawn> =>
  fc.record({
    sequence: sequenceOf(fc.oneof(anyOf(names), anyOf(namesIn(everyCommand))), 4, runs(6, 16)),
    size: fc.integer({ min: 400, max: runs(500, 2_500) }),
    atRest: fc.constant(true),
  })

/** Few codes, so that they meet again: three types of four cost codes, one of them on a sub job too. */
export const fewCodes: readonly Code[] = [
  ['', '01-1000', 'L'],
  ['', '03-3000', 'L'],
  ['', '03-3000', 'S'],
  ['', '05-1200', 'M'],
  ['SITE', '03-3000', 'S'],
  ['001', '05-1200', 'S'],
]

const row = (code: Code, original: bigint): PlainLine => ({
  code,
  description: `Line ${code[1]}`,
  automatic: false,
  quantity: null,
  uom: 'hr',
  unitCost: null,
  original,
})

/** Lines at the beginning: a quarter is calculated from quantity and unit cost. */
export function linesAtFirst(count: number): PlainLine[] {
  return Array.from({ length: count }, (_, i) => {
    const code: Code = [
      '',
      `${String(10 + Math.floor(i / 100))}-${String(1000 + (i % 100) * 7)}`,
      'LMS'.charAt(i % 3),
    ]
    const line = row(fewCodes[i] ?? code, BigInt(i * 1_000))
    return i % 4 === 1
      ? { ...line, automatic: true, quantity: BigInt(i) * 10_000n, unitCost: 100_000n }
      : line
  })
}

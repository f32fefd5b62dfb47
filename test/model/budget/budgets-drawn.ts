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
import { postInSage, restore, turnLock } from './cycle-commands.ts'
import { addManyLines, deleteManyLines, edit, editZeroLines, importFile } from './line-commands.ts'
import type { Code, PlainLine } from './plain-line.ts'

/** Commands with their weight. */
const everyCommand: readonly fc.WeightedArbitrary<Command>[] = [
  { weight: 5, arbitrary: edit },
  { weight: 2, arbitrary: editZeroLines },
  { weight: 4, arbitrary: importFile },
  { weight: 3, arbitrary: makeChange },
  { weight: 2, arbitrary: editChange },
  { weight: 4, arbitrary: approveChange },
  { weight: 2, arbitrary: reopenChange },
  { weight: 2, arbitrary: voidChange },
  { weight: 1, arbitrary: setOneSided },
  { weight: 6, arbitrary: turnLock },
  { weight: 2, arbitrary: postInSage },
  { weight: 3, arbitrary: restore },
]

const many: readonly fc.WeightedArbitrary<Command>[] = [
  { weight: 3, arbitrary: addManyLines },
  { weight: 3, arbitrary: deleteManyLines },
]

export type Given = readonly [command: Command, manner: Manner]

const given = (commands: readonly fc.WeightedArbitrary<Command>[]): fc.Arbitrary<Given> =>
  fc.tuple(fc.oneof(...commands), anyManner)

interface Drawn {
  readonly sequence: readonly Given[]
  /** How many lines stand at the beginning. */
  readonly size: number
}

const sequenceOf = (commands: readonly fc.WeightedArbitrary<Command>[], least: number, most: number) =>
  fc.array(given(commands), { minLength: least, maxLength: most, size: 'max' })

/** Budgets of a few lines, some that begin empty, and some of several chunks. */
export const anyBudget: fc.Arbitrary<Drawn> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      sequence: sequenceOf(everyCommand, 4, runs(8, 40)),
      size: fc.constantFrom(0, 3, 3, 4, 4, 5, 5, 6, 6),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      sequence: sequenceOf([...everyCommand, ...many], 3, runs(5, 16)),
      size: fc.integer({ min: 400, max: runs(500, 2_500) }),
    }),
  },
)

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
  uom: '',
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

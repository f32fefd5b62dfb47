import * as fc from 'fast-check'
import type { AdjustmentLine } from '../shared/domain/budget-change.ts'
import { type BudgetCode, budgetCode, keyOf } from '../shared/domain/budget-code.ts'
import { type Cents, cents, noCents } from '../shared/domain/cents.ts'
import { automaticAmount, type LineItem } from '../shared/domain/line-item.ts'
import { Scaled4 } from '../shared/domain/quantity.ts'
import { runs } from './runs.ts'

/** How a property is tried: the same draws in every short run, other ones each time where LONG is set. */
export const tried = (small: number, long: number): fc.Parameters<unknown> => ({
  numRuns: runs(small, long),
  ...(process.env['LONG'] ? {} : { seed: 2_006_031_5 }),
})

/** Texts over an alphabet chosen to hurt. */
export const textOver = (alphabet: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength })

/** Cost codes in sections, with the three delimiters; now and then one that is only a division. */
export const anyCostCode: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 1, max: 48 }),
        fc.integer({ min: 0, max: 9999 }),
        fc.constantFrom('-', '-', '-', '.', '/'),
      )
      .map(
        ([division, code, delimiter]) =>
          `${String(division).padStart(2, '0')}${delimiter}${String(code).padStart(4, '0')}`,
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('01-10-20', '31 2000', '3-300.A', '-03-3000', '=1+1', '@SUM', '+49', '03'),
  },
)

export const anyCostType: fc.Arbitrary<string> = fc.constantFrom('L', 'M', 'S', 'E', 'O', 'OC', 'SVC', 'l')

/** Most lines belong to no sub job. */
export const anySubJob: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '',
  '',
  '001',
  'SITE',
  'B.2',
  '-A',
  'Tiefgeschoß',
)

export const anyBudgetCode: fc.Arbitrary<BudgetCode> = fc
  .tuple(anySubJob, anyCostCode, anyCostType)
  .map(([subJob, costCode, costType]) => budgetCode(subJob, costCode, costType))

/** Descriptions with quotes, commas, one character too many for Sage, other alphabets, and what spreadsheets run. */
export const anyDescription: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(
      '',
      'Cast-in-place concrete',
      'Thirty-one characters, exactly!',
      'Stair "A", level 2',
      '"',
      '""',
      ',',
      "'",
      "'=1+1",
      "''-x",
      '=HYPERLINK("http://example.com","x")',
      '+1 for overtime',
      '-5 % discount',
      '@home',
      '＝1+1',
      'Béton armé – façade',
      '钢筋混凝土',
      'Бетон; 2 очередь',
      'Pipe 3" dia. 👷‍♀️',
      'a\u00a0b',
    ),
    fc.string({ maxLength: 40, unit: 'grapheme' }),
  )
  .map((text) => text.trim())

/** Amounts of a line: mostly ordinary, deductive ones too, and the ends of the range. */
export const anyAmount: fc.Arbitrary<Cents> = fc
  .oneof(
    fc.integer({ min: 0, max: 50_000_000 }),
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.constantFrom(0, 1, -1, 99, 100, 9_999_999_999, -9_999_999_999, 99_999_999_999, -99_999_999_999),
  )
  .map(cents)

const anyFactor = fc.integer({ min: -500_000_000, max: 5_000_000_000 }).map((scaled) => Scaled4.parse(scaled))

const figures = fc.oneof(
  anyAmount.map((original) => ({
    calculation_strategy: 'manual' as const,
    quantity: null,
    unit_cost: null,
    original,
  })),
  fc.tuple(anyAmount, fc.option(anyFactor), fc.option(anyFactor)).map(([original, quantity, unit_cost]) => ({
    calculation_strategy: 'manual' as const,
    quantity,
    unit_cost,
    original,
  })),
  fc
    .tuple(fc.integer({ min: 0, max: 90_000_000 }), fc.integer({ min: 0, max: 9_000_000 }))
    .map(([a, b]) => ({ quantity: Scaled4.parse(a), unit_cost: Scaled4.parse(b) }))
    .map((factors) => ({
      calculation_strategy: 'automatic' as const,
      ...factors,
      original: automaticAmount(factors) ?? noCents,
    })),
)

// By its own rule: a draw that asked the rules under test would never end where those refuse every line.
const readable = (text: string): boolean =>
  text.length <= 255 && !/[\p{Cc}\p{Cs}\ufffd\u202a-\u202e\u2066-\u2069]/u.test(text)

/** A valid line, with approved changes on some. */
export const anyLine: fc.Arbitrary<LineItem> = fc
  .record({
    code: anyBudgetCode,
    description: anyDescription.filter(readable),
    uom: fc.constantFrom('', 'hr', 'CY', 'm²', 'ls', '-'),
    figures,
    changes: fc.oneof(fc.constant(noCents), fc.integer({ min: -5_000_000, max: 5_000_000 }).map(cents)),
  })
  .map(({ figures: drawn, ...line }) => ({ ...line, ...drawn }))

/** A budget: every budget code once. */
export const anyLines = (most = 30): fc.Arbitrary<LineItem[]> =>
  fc.uniqueArray(anyLine, { selector: (line) => keyOf(line.code), maxLength: most })

/** Adjustments over some of the lines that net to zero, with a line met twice now and then. */
export const transferOver = (lines: readonly LineItem[]): fc.Arbitrary<AdjustmentLine[]> =>
  fc
    .array(fc.tuple(fc.constantFrom(...lines), fc.integer({ min: -2_000_000, max: 2_000_000 })), {
      minLength: 1,
      maxLength: 8,
    })
    .map((moves) => {
      const net = moves.reduce((total, [, amount]) => total + amount, 0)
      const balancing: [LineItem, number] = [lines[0]!, -net]
      return [...moves, balancing].map(([{ code }, amount]) => ({ code, amount: cents(amount), comment: '' }))
    })

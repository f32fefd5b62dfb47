import { budgetCode, type CodeKey } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { type LineItem, lineKey } from '../../shared/domain/line-item.ts'
import { Scaled4, timesUnitCost } from '../../shared/domain/quantity.ts'

/** Numbers from 0 to below 1 that are the same in every run (mulberry32). */
export function repeatable(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const types = ['L', 'M', 'S', 'E', 'O'] as const
const units = ['hr', 'ea', 'sf', 'cy', 'ton', 'ls'] as const
const works = [
  'Formwork',
  'Rebar',
  'Ready-mix',
  'Masonry',
  'Steel',
  'Roofing',
  'Glazing',
  'Drywall',
  'Piping',
  'Wiring',
]
const places = ['foundation', 'level 1', 'level 2', 'roof', 'site', 'garage', 'stair "A"', 'lobby, east']

/**
 * A budget as estimators write them: sections, cost codes, cost types, and as many sub jobs as the lines need;
 * two lines in three have a quantity and a unit cost. Random figures compress worse than real ones do.
 */
export function tradeLines(count: number, seed = 1): LineItem[] {
  const random = repeatable(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const lines: LineItem[] = []
  for (let subJob = 0; lines.length < count; subJob += 1) {
    for (let code = 0; code < 400 && lines.length < count; code += 1) {
      const section = String(1 + Math.floor(code / 10)).padStart(2, '0')
      const costCode = `${section}-${String(((code % 10) + 1) * 100 + Math.floor(random() * 90)).padStart(4, '0')}`
      for (const type of types) {
        if (lines.length >= count) break
        lines.push(tradeLine([subJob === 0 ? '' : `B${String(subJob)}`, costCode, type], random, pick))
      }
    }
  }
  return lines
}

function tradeLine(
  code: [string, string, string],
  random: () => number,
  pick: <T>(from: readonly T[]) => T,
): LineItem {
  const description = `${pick(works)} ${pick(places)}`
  const changes = cents(random() < 0.1 ? Math.round((random() - 0.3) * 2_000_000) : 0)
  const quantity = Scaled4.parse(Math.round(random() * 5000) * 5000)
  const unit_cost = Scaled4.parse(Math.round(random() * 50_000) * 100)
  const automatic = random() < 0.66
  return {
    code: budgetCode(...code),
    description,
    calculation_strategy: automatic ? 'automatic' : 'manual',
    quantity: automatic ? quantity : null,
    uom: automatic ? pick(units) : '',
    unit_cost: automatic ? unit_cost : null,
    original: automatic ? timesUnitCost(quantity, unit_cost)! : cents(Math.round(random() * 20_000) * 500),
    changes,
  }
}

export const withOriginal = (line: LineItem, amount: number): LineItem => ({
  ...line,
  calculation_strategy: 'manual',
  original: cents(amount),
})

export const byKey = (lines: readonly LineItem[]): Map<CodeKey, LineItem> =>
  new Map(lines.map((line) => [lineKey(line), line]))

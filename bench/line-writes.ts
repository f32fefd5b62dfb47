import type { Measure } from './bar.ts'
import { percent } from './bar.ts'
import { type MeasuredBudget, withMeasuredBudget } from './measured-table.ts'
import { tradeLines, withOriginal } from '../test/store/trade-lines.ts'
import { lineKey } from '../shared/domain/line-item.ts'

const lines = 50_000
const given = tradeLines(lines)

/** Puts another original on some lines and commits; what that wrote. */
async function changing({ edit, since }: MeasuredBudget, indexes: readonly number[]) {
  const picked = given.filter((_, index) => indexes.includes(index))
  since()
  await edit(new Map(picked.map((line, i) => [lineKey(line), withOriginal(line, 123_456 + i)])))
  return since()
}

const places = [7, 12_345, 23_456, 34_567, 49_999]
const adjacent = Array.from({ length: 10 }, (_, i) => 20_000 + i)
const scattered = Array.from({ length: 10 }, (_, i) => 2_500 + i * 5_000)

/** What lines cost to store and to edit, counted by the database; new bytes are those of chunks and manifests. */
export const lineWrites: Measure = async () =>
  await withMeasuredBudget(given, async (budget) => {
    const { stored } = budget
    const edits = []
    for (const place of places) edits.push((await changing(budget, [place])).units)
    const near = (await changing(budget, adjacent)).bytes
    const far = (await changing(budget, scattered)).bytes
    const dearest = Math.max(...edits)
    const bytes = `of ${String(stored.bytes)} bytes`
    return [
      {
        bar: 'storing 50,000 lines, against one item per line',
        unit: '%',
        at_most: 3,
        figure: percent(stored.units, lines),
        of: `${String(stored.units)} write units`,
      },
      {
        bar: 'one-line edit at 50,000 lines, against storing the whole version',
        unit: '%',
        at_most: 3,
        figure: percent(dearest, stored.units),
        of: `${String(dearest)} of ${String(stored.units)} write units, the dearest of ${String(places.length)} places`,
      },
      {
        bar: 'new bytes of a version, 10 adjacent lines of 50,000 changed',
        unit: '%',
        at_most: 2,
        figure: percent(near, stored.bytes),
        of: `${String(near)} ${bytes}`,
      },
      {
        bar: 'new bytes of a version, 10 scattered lines of 50,000 changed',
        unit: '%',
        at_most: 10,
        figure: percent(far, stored.bytes),
        of: `${String(far)} ${bytes}`,
      },
    ]
  })

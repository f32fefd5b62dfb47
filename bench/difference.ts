import { fastest, type Measure, ms, percent } from './bar.ts'
import { withMeasuredBudget } from './measured-table.ts'
import { tradeLines, withOriginal } from '../test/store/trade-lines.ts'
import { type LineItem, lineKey } from '../shared/domain/line-item.ts'
import { sameLine } from '../shared/domain/lines.ts'

const given = tradeLines(50_000)
const changedLines = given.filter((_, i) => i % 5_000 === 2_500).map((line) => withOriginal(line, 123_456))

/** What anybody would write first: both versions whole, line by line. */
function differing(before: readonly LineItem[], after: readonly LineItem[]): number {
  const were = new Map(before.map((line) => [lineKey(line), line]))
  return after.filter((line) => {
    const was = were.get(lineKey(line))
    return was === undefined || !sameLine(was, line)
  }).length
}

/** Two versions that differ in ten scattered lines, from the table: by their chunks, and by reading all lines of both. */
export const difference: Measure = async () =>
  await withMeasuredBudget(given, async ({ store, key, head, edit }) => {
    const { manifest: from } = head()
    const { manifest: to } = await edit(new Map(changedLines.map((line) => [lineKey(line), line])))
    const found = new Set<number>()
    const time = await fastest(5, {
      chunks: async () => {
        found.add((await store.differences(key, from, to)).length)
      },
      lines: async () => {
        const [before, after] = await Promise.all([store.lines(key, from), store.lines(key, to)])
        found.add(differing(before, after))
      },
    })
    const [byChunks, byLines] = [time('chunks'), time('lines')]
    if ([...found].join() !== String(changedLines.length))
      throw new Error(`The two comparisons do not agree: ${[...found].join()}`)
    return [
      {
        bar: 'difference of two versions of 50,000 lines, against comparing all lines',
        unit: '%',
        at_most: 20,
        figure: percent(byChunks, byLines),
        of: `${ms(byChunks)} of ${ms(byLines)}, ten scattered lines`,
      },
    ]
  })

import * as z from 'zod'
import { askApi, type Request } from './api-request.ts'
import { fastest, type Figure, type Measure, ms, percent } from './bar.ts'
import { unwatched, withCycleOf } from './cycle-of-lines.ts'
import { withMeasuredBudget } from './measured-table.ts'
import { key, manager } from '../test/statemachines/cycle/clinic.ts'
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

const path = `/projects/${key.project}/budget`
const paula = { sub: `sub-${manager}`, groups: [`${key.company}:project_manager`] }

/** The same two versions compared by the API's own function: made, edited and asked for as a person does. */
async function throughTheApi(): Promise<readonly Figure[]> {
  return await withCycleOf(given, unwatched, async (machine) => {
    let asked = 0
    const ask = async (request: Pick<Request, 'method' | 'query'> & { at: string; body?: object }) => {
      const { at, body, ...rest } = request
      asked += 1
      const revision = (await machine.store.head(key))?.revision
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': `bench-${String(asked)}`,
        'if-match': `"${String(revision)}"`,
      }
      const json = body && { body: JSON.stringify(body) }
      const came = await askApi(machine, paula, { ...rest, ...json, path: `${path}${at}`, headers })
      if ((came.statusCode ?? 500) >= 300) throw new Error(came.body ?? 'no answer')
      return came.body ?? ''
    }
    const upserts = changedLines.map(({ code, description }) => ({
      ...code,
      description,
      original_budget_amount: '1234.56',
    }))
    await ask({ method: 'POST', at: '/versions', body: { name: 'Before' } })
    await ask({ method: 'PATCH', at: '/line_items', body: { upserts } })
    await ask({ method: 'POST', at: '/versions', body: { name: 'After' } })
    let answer = ''
    const time = await fastest(5, {
      api: async () => {
        answer = await ask({ method: 'GET', at: '/versions/2/diff', query: { from: '1' } })
      },
    })
    const { counts } = Difference.parse(JSON.parse(answer))
    if (counts.changed !== changedLines.length) throw new Error(`Not the ten lines: ${answer}`)
    return [
      {
        bar: 'difference of two versions of 50,000 lines with ten changes, answered by the API on the local database',
        unit: 'ms',
        at_most: 200,
        figure: time('api'),
        of: 'request to answer, the fastest of five',
      },
    ]
  })
}

const Difference = z.looseObject({ counts: z.looseObject({ changed: z.int() }) })

export const difference: Measure = async () => [...(await byChunks()), ...(await throughTheApi())]

/** Two versions that differ in ten scattered lines, from the table: by their chunks, and by reading all lines of both. */
const byChunks: Measure = async () =>
  await withMeasuredBudget(given, async ({ store, key: of, head, edit }) => {
    const { manifest: from } = head()
    const { manifest: to } = await edit(new Map(changedLines.map((line) => [lineKey(line), line])))
    const found = new Set<number>()
    const time = await fastest(5, {
      chunks: async () => {
        found.add((await store.differences(of, from, to)).length)
      },
      lines: async () => {
        const [before, after] = await Promise.all([store.lines(of, from), store.lines(of, to)])
        found.add(differing(before, after))
      },
    })
    const [chunks, byLines] = [time('chunks'), time('lines')]
    if ([...found].join() !== String(changedLines.length))
      throw new Error(`The two comparisons do not agree: ${[...found].join()}`)
    return [
      {
        bar: 'difference of two versions of 50,000 lines, against comparing all lines',
        unit: '%',
        at_most: 15,
        figure: percent(chunks, byLines),
        of: `${ms(chunks)} of ${ms(byLines)}, ten scattered lines`,
      },
    ]
  })

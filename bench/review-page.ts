import { requestEvent } from './api-request.ts'
import { fastest, type Measure } from './bar.ts'
import { withCycleOf, unwatched } from './cycle-of-lines.ts'
import { mailedLink } from './mailed-link.ts'
import { command } from '../test/statemachines/cycle/clinic.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { review } from '../functions/review/index.ts'

// Every mark of a page that would make a browser fetch or run something.
const fetchesOrRuns = /<script|<link|<img|<iframe|@import|url\(|\son\w+=/i

/** What an approver's browser loads for a budget of 50,000 lines, uncompressed. */
export const reviewPage: Measure = async () =>
  await withCycleOf(tradeLines(50_000), unwatched, async (machine) => {
    await command(machine, 'lock')
    await command(machine, 'send')
    const { path, reference } = await mailedLink(machine)
    let body = ''
    const time = await fastest(5, {
      page: async () => {
        const page = await review(machine, requestEvent({ method: 'GET', path, parameters: { reference } }))
        body = page.body ?? ''
        if (page.statusCode !== 200 || fetchesOrRuns.test(body))
          throw new Error(`The page answers ${String(page.statusCode)}, or fetches or runs something`)
      },
    })
    return [
      {
        bar: 'review page of a budget of 50,000 lines, one request, no script',
        unit: 'KB',
        at_most: 60,
        figure: Buffer.byteLength(body) / 1000,
        of: 'uncompressed',
      },
      {
        bar: 'review page of a budget of 50,000 lines, answered on the local database',
        unit: 'ms',
        at_most: 500,
        figure: time('page'),
        of: 'request to answer, the fastest of five',
      },
    ]
  })

import { parseArgs } from 'node:util'
import * as z from 'zod'
import { type HistoryOf, published } from '../functions/events-out/published-event.ts'
import { sendEvents } from '../functions/events-out/send-events.ts'
import { documentClient, eventsClient } from '../shared/aws.ts'
import { CompanyId, ProjectId } from '../shared/domain/ids.ts'
import { HistoryBody } from '../shared/store/history.ts'
import { companyPk, projectPk, projectSk } from '../shared/store/keys.ts'
import { readBody } from '../shared/store/row-body.ts'
import { createRows, type Rows } from '../shared/store/rows.ts'

// `npm run -s send-events -- --table TABLE --bus BUS --of acme/clinic --after 11`: sends events of a project again, or,
// of `acme`, those of the company's set-up. Region, credentials and, on one machine, AWS_ENDPOINT_URL_DYNAMODB and
// AWS_ENDPOINT_URL_EVENTBRIDGE come from where the SDK looks for them.

const options = {
  table: { type: 'string' },
  bus: { type: 'string' },
  of: { type: 'string' },
  after: { type: 'string', default: '0' },
} as const

const atOnce = 100

async function eventsAfter(rows: Rows, of: HistoryOf, after: number) {
  const pk = of.project === undefined ? companyPk(of.company) : projectPk({ ...of, project: of.project })
  const sort = { from: projectSk.history(after + 1), to: projectSk.history(999_999_999) }
  const page = await rows.list(pk, sort, atOnce)
  return page.map((row) => published(of, readBody(HistoryBody, row)))
}

try {
  const { table, bus, of, after } = parseArgs({ options }).values
  const [company, project, ...more] = of?.split('/') ?? []
  if (table === undefined || bus === undefined || !/^\d+$/.test(after) || more.length > 0)
    throw new Error('Say what: --table TABLE --bus BUS --of company/project [--after 11]')
  const ids = z.object({ company: CompanyId, project: ProjectId.optional() }).safeParse({ company, project })
  if (!ids.success) throw new Error('Name the company and the project as the API does: --of acme/clinic')
  const { company: ofCompany, project: ofProject } = ids.data
  const whose = { company: ofCompany, ...(ofProject && { project: ofProject }) }
  const rows = createRows({ document: documentClient(), table })
  const to = { client: eventsClient(), name: bus }
  let last = Number(after)
  let sent = 0
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- in their order
    const events = await eventsAfter(rows, whose, last)
    // oxlint-disable-next-line no-await-in-loop
    const { count, error } = await sendEvents(to, events)
    sent += count
    last = events[count - 1]?.sequence ?? last
    if (error)
      throw new Error(`${String(sent)} sent, the last of them number ${String(last)}. ${error.message}`)
    if (events.length < atOnce) break
  }
  if (sent === 0)
    throw new Error(`No event of ${String(of)} is stored after number ${after}. Nothing was sent.`)
  console.log(`${String(sent)} events sent, the last of them number ${String(last)}.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

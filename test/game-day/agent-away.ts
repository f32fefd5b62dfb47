import { apiAs } from '../../local/api-client.ts'
import { people } from '../../local/local-company.ts'
import { command, readBudget, until } from '../../local/sample.ts'
import { acceptedByMail, paulaOn, reviewLink, sentProject, standsAt } from '../local/stack/small-project.ts'
import { choose, openPage } from '../../local/story/approver.ts'
import type { Drill } from './drill.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { routeIn } from './runbook.ts'
import { day, newJob, type Site } from './site.ts'

const id = 'marina'

const asks = async (site: Site, person: 'otto' | 'anna', runbook: string, route: string): Promise<string> => {
  const path = routeIn(runbook, route).replace('POST ', '').replace('{export}', `${id}-e1`)
  await apiAs(site.stack.runtime, people[person]).send('POST', path, { reason: 'Its machine was away.' })
  return `${route}, as ${people[person].name}`
}

// The export is returned before the agent is had back, and the budget sent again: of two messages one is out of date.
export const agentAway: Drill = {
  broken: 'Agent off for three days, and woken after a return',
  alarms: ['sage-agent-silent-northwind-nw-main', 'receipt-overdue'],
  breaks: async ({ stack, alarms, passQuietly }) => {
    await stack.agent.stop()
    await sentProject(stack, { id, job: newJob(), lines: { '03-3000.S': '830000.00' } })
    await acceptedByMail(stack, id)
    await standsAt(stack, id, 'exporting')
    await until('the file to wait for the agent, and nothing else to wait', () =>
      alarms.notEmpty().join() === 'sage-agent-northwind-nw-main.fifo' ? true : undefined,
    )
    await passQuietly(3 * day)
  },
  repairs: async (site) => {
    const { stack } = site
    const lost = await asks(site, 'otto', 'sage-agent-silent', 'POST /exports/{export}/lost')
    await standsAt(stack, id, 'export_failed')
    const returned = await asks(site, 'anna', 'receipt-overdue', 'POST /exports/{export}/return')
    await until('the budget to be back', async () =>
      (await readBudget(paulaOn(stack), id)).edit_state === 'unlocked' ? true : undefined,
    )
    stack.agent.start()
    return [lost, returned, 'the agent is started']
  },
  compares: async ({ stack, alarms }) => {
    await until('the agent to be done with the old message', () =>
      alarms.notEmpty().length === 0 ? true : undefined,
    )
    const refused = await nothingLostOrDoubled(stack, id, 'rejected')
    await command(paulaOn(stack), 'lock', id)
    await command(paulaOn(stack), 'send', id)
    const page = await openPage(await reviewLink(stack, id, 2))
    await choose(page, { choice: 'accept' }, page.ticks)
    return [refused, await nothingLostOrDoubled(stack, id, 'exported')]
  },
}

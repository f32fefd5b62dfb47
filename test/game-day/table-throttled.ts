import { expect } from 'vitest'
import { ProblemAnswer } from '../../local/api-client.ts'
import { company } from '../../local/local-company.ts'
import { acceptedByMail, paulaOn, sentProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { executionOf, hasFailed } from './execution.ts'
import { holds } from './faults.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { minute, newJob, type Site } from './site.ts'

const lines = { '03-3000.S': '610000.00' }
let executionArn = ''

/** What Paula is answered while her project's partition is asked too much. */
const statusFor = async ({ stack }: Site): Promise<number | undefined> =>
  await paulaOn(stack)
    .get('/projects/mall/budget')
    .then(
      () => 200,
      (error: unknown) => (error instanceof ProblemAnswer ? error.status : undefined),
    )

// A step of it is at work when the table begins to refuse, and another budget goes its way meanwhile.
export const tableThrottled: Drill = {
  broken: 'Table throttled',
  alarms: ['table-throttled', 'workflow-failed', 'schedule-failed'],
  breaks: async (site) => {
    const { stack, faults, table, pass, passQuietly } = site
    await sentProject(stack, { id: 'mall', job: newJob(), lines })
    await sentProject(stack, { id: 'kiosk', job: newJob(), lines })
    executionArn = await executionOf(stack, 'mall')
    const { fault, held, release } = holds()
    const mend = faults.breaks('export-budget', fault)
    await acceptedByMail(stack, 'mall')
    await held
    table.throttle(`C#${company}#P#mall`)
    mend()
    release()
    expect(await statusFor(site)).toBe(503)
    await pass(5 * minute)
    // The sweep, which tries for seconds of real time each minute, has met the table that refuses. It goes on refusing.
    for (let periods = 1; periods < 5; periods += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await statusFor(site)).toBe(503)
      // oxlint-disable-next-line no-await-in-loop
      await passQuietly(5 * minute)
    }
    await hasFailed(stack, executionArn)
    await acceptedByMail(stack, 'kiosk')
    await nothingLostOrDoubled(stack, 'kiosk', 'exported')
  },
  repairs: async ({ table, run }) => {
    table.throttle(undefined)
    return [await run(commandIn('table-throttled', 'redrive-execution', { arn: executionArn }))]
  },
  compares: async ({ stack }) => [
    await nothingLostOrDoubled(stack, 'mall', 'exported'),
    await nothingLostOrDoubled(stack, 'kiosk', 'exported'),
  ],
}

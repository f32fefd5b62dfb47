import { until } from '../../local/sample.ts'
import { acceptedByMail, filesIn, mailsAbout, sentProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { executionOf, hasFailed } from './execution.ts'
import { throwsAfterwards } from './faults.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { newJob, type Site } from './site.ts'

let mend: () => void = () => undefined
let executionArn = ''

const redrive = async ({ run }: Site): Promise<string> =>
  await run(commandIn('workflow-failed', 'redrive-execution', { arn: executionArn }))

// File and mail are out when the step that told of them breaks, and after it the wait that comes next.
export const executionFailed: Drill = {
  broken: 'Execution failed at a broken step, twice, after its mail and file went out',
  alarms: ['workflow-failed'],
  breaks: async ({ stack, faults }) => {
    await sentProject(stack, { id: 'station', job: newJob(), lines: { '03-3000.S': '440000.00' } })
    executionArn = await executionOf(stack, 'station')
    mend = faults.breaks('record-receipt', throwsAfterwards)
    await acceptedByMail(stack, 'station')
    await hasFailed(stack, executionArn)
    await until('file and mail', () =>
      filesIn(stack, 'original', 'station').length + mailsAbout(stack, 'station', 'File ready').length === 2
        ? true
        : undefined,
    )
  },
  repairs: async (site) => {
    mend()
    mend = site.faults.breaks('open-wait', throwsAfterwards)
    const first = await redrive(site)
    await hasFailed(site.stack, executionArn)
    mend()
    return [first, await redrive(site)]
  },
  compares: async ({ stack }) => [await nothingLostOrDoubled(stack, 'station', 'exported')],
}

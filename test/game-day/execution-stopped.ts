import { acceptedByMail, sentProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { executionOf } from './execution.ts'
import { holds } from './faults.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { newJob } from './site.ts'

// The step that carries the decision out is at work when the execution is stopped, and ends its work afterwards.
export const executionStopped: Drill = {
  broken: 'Execution stopped by an operator after the decision',
  alarms: ['workflow-stopped'],
  breaks: async ({ stack, faults }) => {
    await sentProject(stack, { id: 'library', job: newJob(), lines: { '03-3000.S': '99000.00' } })
    const { fault, held, release } = holds()
    const mend = faults.breaks('export-budget', fault)
    await acceptedByMail(stack, 'library')
    await held
    const executionArn = await executionOf(stack, 'library')
    stack.runtime.engine.stopExecution({ executionArn })
    mend()
    release()
    await faults.atRest(500)
  },
  repairs: async ({ run }) => [
    await run(commandIn('workflow-stopped', 'ops -- restart', { project: 'library' })),
  ],
  compares: async ({ stack }) => [await nothingLostOrDoubled(stack, 'library', 'exported')],
}

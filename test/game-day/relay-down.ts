import type { Drill } from './drill.ts'
import { holds } from './faults.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { acceptedByMail, paulaOn, sentProject, smallProject } from '../local/stack/small-project.ts'
import { command } from '../../local/sample.ts'
import { hour, newJob } from './site.ts'

const lines = { '03-3000.S': '325000.00' }

// One budget is being sent when the relay goes, so that mails wait to be told; of another the decision does.
export const relayDown: Drill = {
  broken: 'Relay down for an hour',
  alarms: ['outbox-overdue'],
  breaks: async ({ stack, faults, triggerRelay, pass }) => {
    await sentProject(stack, { id: 'dam', job: newJob(), lines })
    await smallProject(stack, { id: 'bridge', job: newJob(), lines })
    await command(paulaOn(stack), 'lock', 'bridge')
    const { fault, held, release } = holds()
    const mend = faults.breaks('send-to-erp', fault)
    await paulaOn(stack).send('POST', '/projects/bridge/budget/send')
    await held
    await acceptedByMail(stack, 'dam')
    triggerRelay(false)
    mend()
    release()
    await pass(hour)
  },
  repairs: async ({ run, triggerRelay }) => [
    await run(commandIn('outbox-overdue', 'update-event-source-mapping', { uuid: 'relay' }), () => {
      triggerRelay(true)
    }),
  ],
  compares: async ({ stack }) => [
    await nothingLostOrDoubled(stack, 'bridge', 'sent'),
    await nothingLostOrDoubled(stack, 'dam', 'exported'),
  ],
}

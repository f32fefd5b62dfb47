import { sentProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { hour, newJob } from './site.ts'

export const mailerRefused: Drill = {
  broken: 'Mailer failing',
  // Before it is given up it is tried for half an hour.
  alarms: ['mail-not-sent', 'mails-waiting'],
  breaks: async ({ stack, refuseMails, passQuietly }) => {
    refuseMails('MailFromDomainNotVerifiedException')
    await sentProject(stack, { id: 'school', job: newJob(), lines: { '03-3000.S': '118000.00' } })
    await passQuietly(hour)
  },
  repairs: async ({ refuseMails, run }) => {
    refuseMails(undefined)
    return [await run(commandIn('mail-not-sent', 'redrive -- --queue mail'))]
  },
  compares: async ({ stack }) => [await nothingLostOrDoubled(stack, 'school', 'sent')],
}

import { expect } from 'vitest'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import type { LocalStack } from '../../local/stack.ts'
import { acceptedByMail, sentProject } from '../local/stack/small-project.ts'
import type { Drill } from './drill.ts'
import { nothingLostOrDoubled } from './nothing-lost.ts'
import { commandIn } from './runbook.ts'
import { hour, newJob } from './site.ts'

/** The queues that have a consumer, and the runbook of their dead letters. */
const poisoned = {
  'sage-exports.fifo': 'sage-exports-not-delivered',
  'sage-events.fifo': 'sage-events-not-recorded',
  mail: 'mail-not-sent',
  'sage-agent-northwind-nw-main.fifo': 'sage-agent-not-delivered',
} as const

async function poison({ runtime: { clients, queues } }: LocalStack, name: string): Promise<void> {
  const inOrder = name.endsWith('.fifo') && { MessageGroupId: 'poison', MessageDeduplicationId: 'poison' }
  const QueueUrl = queues.find((queue) => queue.name === name)?.url
  await clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no JSON', ...inOrder }))
}

export const queuesPoisoned: Drill = {
  broken: 'A message that nobody can read in every queue',
  alarms: [
    'sage-exports-not-delivered',
    'sage-events-not-recorded',
    'mail-not-sent',
    'sage-agent-not-delivered-northwind-nw-main',
    // On its way there it is tried for half an hour.
    'sage-exports-waiting',
    'sage-events-waiting',
    'mails-waiting',
  ],
  breaks: async ({ stack, passQuietly }) => {
    await Promise.all(Object.keys(poisoned).map(async (name) => await poison(stack, name)))
    await sentProject(stack, { id: 'depot', job: newJob(), lines: { '03-3000.S': '77000.00' } })
    await acceptedByMail(stack, 'depot')
    await passQuietly(hour)
  },
  // Sent back, as one would that may be read now; they come back, and are deleted by the numbers that they had been given.
  repairs: async ({ run, said, passQuietly }) => {
    const given: string[] = []
    const numbers = new Map<string, string>()
    for (const [name, runbook] of Object.entries(poisoned)) {
      // oxlint-disable-next-line no-await-in-loop -- one operator
      given.push(await run(commandIn(runbook, `redrive -- --queue ${name}`)))
      numbers.set(name, /as message (\S+): no JSON/.exec(said())?.[1] ?? '')
    }
    await passQuietly(hour)
    for (const [name, runbook] of Object.entries(poisoned)) {
      const message = numbers.get(name) ?? ''
      // oxlint-disable-next-line no-await-in-loop -- one operator
      given.push(await run(commandIn(runbook, `--queue ${name} --delete`, { message })))
    }
    return given
  },
  compares: async ({ stack, alarms }) => {
    const compared = await nothingLostOrDoubled(stack, 'depot', 'exported')
    expect(alarms.notEmpty()).toEqual([])
    return [compared, 'nothing lies in any queue']
  },
}

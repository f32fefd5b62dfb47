import type { DataFolder } from './data-folder.ts'
import { ensureTables } from './ensure-tables.ts'
import { startEventBuses } from './event-buses.ts'
import type { Endpoints } from './function-environment.ts'
import { localClients } from './local-clients.ts'
import type { WriteLine } from './log-file.ts'
import { type FaultOfMail, startMailbox } from './mailbox.ts'
import type { Ports } from './ports.ts'
import { ensureBuckets, ensureQueues, startQueuesAndBuckets } from './queues-and-buckets.ts'
import type { LocalStack } from './stack.ts'
import { startTableServer } from './table-process.ts'

/** What stops what was started; the last is called first. */
export type Closers = (() => Promise<void> | void)[]

interface ServiceParts {
  readonly stack: LocalStack
  readonly folder: DataFolder
  readonly ports: Ports
  readonly account: string
  readonly region: string
  readonly writeLine: WriteLine
  readonly refuseMail: FaultOfMail | undefined
}

/** Table, queues, buckets, event buses and mail, with everything in them that the templates ask for. */
export async function startServices(parts: ServiceParts, closers: Closers) {
  const { stack, folder, ports, region, writeLine, refuseMail } = parts
  const table = await startTableServer(folder, ports.table, () => {
    writeLine('The table server has ended by itself: stop the stack and start it again.')
  })
  closers.push(table.stop)
  const queues = await startQueuesAndBuckets(folder, ports.queuesAndBuckets, region)
  closers.push(async () => {
    await queues.stop()
  })
  const mailbox = await startMailbox(folder, ports.mail, refuseMail)
  closers.push(mailbox.stop)
  const buses = stack.parts('eventBus')
  const events = await startEventBuses({ ...parts, port: ports.events, buses })
  closers.push(events.stop)
  const endpoints: Endpoints = {
    table: table.endpoint,
    queuesAndBuckets: `http://127.0.0.1:${String(ports.queuesAndBuckets)}`,
    mail: mailbox.endpoint,
    events: events.endpoint,
    stateMachines: `http://127.0.0.1:${String(ports.stateMachines)}`,
  }
  const clients = localClients({ table: endpoints.table, queues: endpoints.queuesAndBuckets }, region)
  closers.push(clients.destroy)
  await ensureTables(clients.table, stack.parts('table'))
  await ensureQueues(clients.queues, stack.parts('queue'))
  ensureBuckets(queues, stack.parts('bucket'))
  return { endpoints, clients, mailbox, events }
}

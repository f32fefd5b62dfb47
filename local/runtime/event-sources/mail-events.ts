import { randomUUID } from 'node:crypto'
import type { Undeliverable } from '../mailbox.ts'
import { accountBus } from '../resources/event-buses.ts'
import type { EventRulePart } from '../resources/rules.ts'
import type { AsynchronousCalls } from './asynchronous-call.ts'
import { tellRules } from './tell-rules.ts'

export interface MailEventOptions extends AsynchronousCalls {
  readonly rules: readonly EventRulePart[]
  readonly account: string
  readonly region: string
}

const detailTypes = { Bounce: 'Email Bounced', Complaint: 'Email Complaint Received' } as const

/** Tells rules of a mail that did not arrive, as SES does through EventBridge: once, and not again after a restart. */
export async function tellUndeliverable(
  { eventType, messageId, to, tags }: Undeliverable,
  options: MailEventOptions,
): Promise<void> {
  const { account, region, clock } = options
  const time = new Date(clock.now()).toISOString()
  await tellRules(
    accountBus,
    options.rules,
    {
      version: '0',
      id: randomUUID(),
      'detail-type': detailTypes[eventType],
      source: 'aws.ses',
      account,
      time: time.replace(/\.\d{3}/, ''),
      region,
      resources: [],
      detail: { eventType, mail: { timestamp: time, messageId, destination: to, tags } },
    },
    options,
  )
}

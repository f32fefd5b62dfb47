import { expect, test } from 'vitest'
import { mailTags } from '../../functions/mailer/mail-tags.ts'
import { mailNotDelivered } from '../../functions/mailer/not-delivered.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { createMailLog } from '../../shared/store/mail-log.ts'
import type { MailRequest } from '../../shared/store/outbox.ts'
import { approver, key, manager, sent as sendBudget } from '../statemachines/cycle/clinic.ts'
import { cycleMachine, type CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()

const admin = PersonId.parse('ada')
const review: MailRequest = { id: 'ready_for_review/v1-s1-1/anna', mail: 'ready_for_review', to: approver }

/** The event as EventBridge hands it over; SES says much more than is read here. */
const told = (id: string, eventType: string, tags: Record<string, string> = mailTags(key, { id })) => ({
  source: 'aws.ses',
  'detail-type': 'Email Bounced',
  detail: {
    eventType,
    bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'anna@example.com' }] },
    mail: {
      messageId: '0100',
      tags: Object.fromEntries(
        Object.entries({ 'ses:configuration-set': 'budget-mails', ...tags }).map(([name, value]) => [
          name,
          [value],
        ]),
      ),
    },
  },
})

/** A sent budget, of which mails to these people are out, and a watch over its mails. */
async function watched(...mails: readonly MailRequest[]) {
  const machine = await cycleMachine(database())
  await sendBudget(machine)
  const person = { id: admin, name: 'Ada', email: 'ada@example.com', subjects: ['a'], active: true }
  await machine.companies.putPerson(key.company, { ...person, roles: ['company_admin'] }, 'system')
  const log = createMailLog({ ...database(), table: machine.table, clock: machine.clock })
  for (const mail of mails) {
    await log.begin(key, mail)
    await log.sent(key, mail)
  }
  const lines: unknown[] = []
  const logger = { warn: (...line: unknown[]) => void lines.push(line[0]) }
  const event = async (said: unknown): Promise<void> => {
    await mailNotDelivered({ ...machine, log, logger }, said)
    await machine.settle()
  }
  return { machine, log, lines, event }
}

const mailed = ({ mails }: CycleMachine) => mails.filter(({ mail }) => mail === 'mail_not_delivered')
const recorded = async ({ store }: CycleMachine) =>
  (await store.history(key, { limit: 100 })).filter(({ event }) => event === 'mail_not_delivered')

test.each([
  ['Bounce', 'bounced'],
  ['Complaint', 'complained'],
  ['Reject', 'refused'],
])('%s of a mail is told to sender and company admin, and stands in history', async (eventType, why) => {
  const { machine, log, lines, event } = await watched(review)
  await event(told(review.id, eventType))
  const undelivered = { mail: 'ready_for_review', to: approver, why }
  expect(mailed(machine).map(({ to, undelivered: about }) => ({ to, about }))).toEqual([
    { to: manager, about: undelivered },
    { to: admin, about: undelivered },
  ])
  expect((await recorded(machine)).map(({ detail }) => detail)).toEqual([undelivered])
  expect(await log.mail(key, review.id)).toMatchObject({ undelivered: { why } })
  expect(lines).toEqual(['mail not delivered'])
})

test('told twice it is recorded and mailed once', async () => {
  const { machine, event } = await watched(review)
  await event(told(review.id, 'Bounce'))
  await event(told(review.id, 'Complaint'))
  expect([mailed(machine).length, (await recorded(machine)).length]).toEqual([2, 1])
})

test('whom it could not reach is not mailed that it could not', async () => {
  const mail: MailRequest = { id: 'accepted/v1-s1-1/paula', mail: 'accepted', to: manager }
  const { machine, event } = await watched(mail)
  await event(told(mail.id, 'Bounce'))
  expect(mailed(machine).map(({ to }) => to)).toEqual([admin])
})

test('that the news of it comes back too is recorded, and mailed to nobody', async () => {
  const mail: MailRequest = { id: 'mail_not_delivered/x/ada', mail: 'mail_not_delivered', to: admin }
  const { machine, event } = await watched(mail)
  await event(told(mail.id, 'Bounce'))
  expect([mailed(machine).length, (await recorded(machine)).length]).toEqual([0, 1])
})

test('a mail that was never sent here changes nothing', async () => {
  const { machine, event, lines } = await watched()
  await event(told('ready_for_review/v9-s9-1/anna', 'Bounce'))
  await event(told(review.id, 'Bounce', mailTags({ ...key, project: key.project }, { id: 'other' })))
  expect([mailed(machine).length, (await recorded(machine)).length, lines]).toEqual([0, 0, []])
})

test('an event without our tags is refused, so that it is retried and then seen', async () => {
  const { event } = await watched()
  await expect(event(told(review.id, 'Bounce', {}))).rejects.toThrow('tags')
})

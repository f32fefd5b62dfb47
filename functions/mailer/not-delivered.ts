import { Logger } from '@aws-lambda-powertools/logger'
import * as z from 'zod'
import { documentClient } from '../../shared/aws.ts'
import { type Dependencies, dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { mails, peopleWith, projectSide } from '../../shared/cycle/mails.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { createMailLog, type MailLog } from '../../shared/store/mail-log.ts'
import { MailKind, type Undelivered } from '../../shared/store/outbox.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { mailIdOf, MailTags } from './mail-tags.ts'

const reasons = { Bounce: 'bounced', Complaint: 'complained', Reject: 'refused' } as const satisfies Record<
  string,
  Undelivered['why']
>

const onlyOne = <Value extends z.ZodType>(value: Value) => z.tuple([value]).transform(([only]) => only)

/** What SES tells by EventBridge of a mail that did not arrive. */
const Told = z.object({
  detail: z.object({
    eventType: z.enum(['Bounce', 'Complaint', 'Reject']),
    mail: z.object({
      tags: z.object({
        company: onlyOne(MailTags.shape.company),
        project: onlyOne(MailTags.shape.project),
        mail: onlyOne(MailTags.shape.mail),
      }),
    }),
  }),
})

interface Watch extends Pick<Dependencies, 'store' | 'companies'> {
  readonly log: MailLog
  readonly logger: Pick<Logger, 'warn'>
}

/**
 * A mail did not arrive: history says so, and sender and company admin are mailed, for whom they could reach it would
 * wait in silence. That such a mail does not arrive either is recorded, and nobody is mailed again.
 */
export async function mailNotDelivered(
  { store, companies, log, logger }: Watch,
  event: unknown,
): Promise<void> {
  const { eventType, mail } = Told.parse(event).detail
  const key = keyOfTask(mail.tags)
  const id = mailIdOf(mail.tags)
  const sent = await log.mail(key, id)
  if (!sent || sent.undelivered) return
  const undelivered: Undelivered = {
    mail: MailKind.parse(sent.mail),
    to: PersonId.parse(sent.to),
    why: reasons[eventType],
  }
  logger.warn('mail not delivered', { ...key, ...undelivered })
  const people = await companies.people(key.company)
  await store.decide(key, (head) => {
    if (!head) return { answer: undefined }
    const told = [...projectSide(head), ...peopleWith(people, 'company_admin')].filter(
      (person) => person !== undelivered.to,
    )
    return {
      answer: undefined,
      commit: {
        head,
        history: [{ event: 'mail_not_delivered', by: 'system', detail: undelivered }],
        outbox:
          undelivered.mail === 'mail_not_delivered'
            ? []
            : mails('mail_not_delivered', told, id, { undelivered }),
      },
    }
  })
  await log.undelivered(key, id, undelivered.why)
}

let parts: Watch | undefined

export const handler = async (event: unknown): Promise<void> => {
  parts ??= watchFromEnvironment()
  await mailNotDelivered(parts, event)
}

function watchFromEnvironment(): Watch {
  const { TABLE: table } = readEnvironment(Environment.pick({ TABLE: true }))
  const document = documentClient()
  const dependencies = dependenciesFromEnvironment(document)
  return {
    ...dependencies,
    log: createMailLog({ document, table, clock: dependencies.clock }),
    logger: new Logger({ serviceName: 'mail-not-delivered' }),
  }
}

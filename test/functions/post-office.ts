import type { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import type { Mailer } from '../../functions/mailer/send-mail.ts'
import { createMailLog } from '../../shared/store/mail-log.ts'
import type { MailRequest } from '../../shared/store/outbox.ts'
import { key } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import type { Tables } from '../store/memory-database.ts'

export type Sent = SendEmailCommand['input']

export interface PostOffice extends Mailer {
  readonly sent: readonly Sent[]
}

/** A mailer over the tables of a machine; `ses` answers, or fails once it has taken the mail. */
export function postOffice(
  { document }: Tables,
  machine: CycleMachine,
  answer: () => Promise<unknown> = async () => await Promise.resolve(),
): PostOffice {
  const sent: Sent[] = []
  const send = async ({ input }: SendEmailCommand) => {
    sent.push(input)
    await answer()
  }
  return {
    ...machine,
    ses: { send } as unknown as SESv2Client,
    log: createMailLog({ document, table: machine.table, clock: machine.clock }),
    from: 'Sage budget export <budgets@example.com>',
    publicUrl: 'https://budgets.example.com',
    settings: 'budget-mails',
    sent,
  }
}

export const messageOf = (mail: MailRequest | undefined) => ({ v: 1, ...key, mail })

export const htmlOf = (mail: Sent | undefined): string => mail?.Content?.Simple?.Body?.Html?.Data ?? ''
export const textOf = (mail: Sent | undefined): string => mail?.Content?.Simple?.Body?.Text?.Data ?? ''
export const subjectOf = (mail: Sent | undefined): string => mail?.Content?.Simple?.Subject?.Data ?? ''

import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { vi } from 'vitest'
import type { Mailbox, Undeliverable } from '../../../local/runtime/mailbox.ts'
import { credentials } from '../../../local/runtime/local-clients.ts'
import { type MailSent, takeMail } from '../simulation/mail.ts'
import type { Case } from './contract.ts'

interface TestedMail {
  send(command: SendEmailCommand): Promise<void>
  /** The last mail, as its receiver has it. */
  last(): Omit<MailSent, 'id'> | undefined
  /** Ids by the tags of mails that were given back. */
  idOfLast(): Promise<string | undefined>
}

export function simulatedMail(): TestedMail {
  const mailbox: MailSent[] = []
  return {
    send: async (command) => {
      takeMail(mailbox, command)
      await Promise.resolve()
    },
    last: () => {
      const { id: _, ...mail } = mailbox.at(-1)!
      return mail
    },
    idOfLast: async () => await Promise.resolve(mailbox.at(-1)?.id),
  }
}

export function localMail(mailbox: Mailbox): TestedMail {
  const ses = new SESv2Client({ endpoint: mailbox.endpoint, region: 'us-east-1', credentials })
  const givenBack: Undeliverable[] = []
  mailbox.onUndeliverable((mail) => void givenBack.push(mail))
  return {
    send: async (command) => void (await ses.send(command)),
    last: () => {
      const [mail] = mailbox.read()
      return mail && { to: mail.to[0] ?? '', subject: mail.subject, text: mail.text ?? '' }
    },
    idOfLast: async () => await vi.waitUntil(() => givenBack.at(-1)?.tags['mail']?.[0]),
  }
}

/** As the mailer writes them. */
const mail = (to: readonly string[], subject: string, text: string, id: string): SendEmailCommand =>
  new SendEmailCommand({
    ConfigurationSetName: 'budget-mails',
    EmailTags: [
      { Name: 'company', Value: 'acme' },
      { Name: 'mail', Value: id },
    ],
    FromEmailAddress: 'budgets@example.com',
    Destination: { ToAddresses: [...to] },
    Content: {
      Simple: {
        Subject: { Data: subject, Charset: 'UTF-8' },
        Body: { Text: { Data: text, Charset: 'UTF-8' }, Html: { Data: `<p>${text}</p>`, Charset: 'UTF-8' } },
      },
    },
  })

export const mailCases: readonly Case<TestedMail>[] = [
  {
    name: 'a mail has its receiver, its subject and its text, line by line',
    ask: async (service) => {
      await service.send(mail(['anna@example.com'], 'Größe: 1.000,00 €', 'One\n\n  Two: ü\n', 'a'))
      return service.last()
    },
    answer: { to: 'anna@example.com', subject: 'Größe: 1.000,00 €', text: 'One\n\n  Two: ü\n' },
  },
  {
    name: 'the last of several mails is the last that was sent',
    ask: async (service) => {
      await service.send(mail(['anna@example.com'], 'First', 'x', 'a'))
      await service.send(mail(['peter@example.com'], 'Second', 'y', 'b'))
      return service.last()
    },
    answer: { to: 'peter@example.com', subject: 'Second', text: 'y' },
  },
  {
    name: 'the tags of a mail that is given back name what asked for it',
    ask: async (service) => {
      await service.send(mail(['bounce@simulator.amazonses.com'], 'Lost', 'x', 'YXNrZWQ'))
      return await service.idOfLast()
    },
    answer: 'YXNrZWQ',
  },
]

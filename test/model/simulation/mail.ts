import type { SendEmailCommand } from '@aws-sdk/client-sesv2'

export interface MailSent {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Of the request for it: what the tags of the mail name. */
  readonly id: string
}

/** Takes a mail as SES does, into a list. */
export function takeMail(mailbox: MailSent[], { input }: SendEmailCommand): void {
  const simple = input.Content?.Simple
  mailbox.push({
    to: input.Destination?.ToAddresses?.[0] ?? '',
    subject: simple?.Subject?.Data ?? '',
    text: simple?.Body?.Text?.Data ?? '',
    id: input.EmailTags?.find(({ Name }) => Name === 'mail')?.Value ?? '',
  })
}

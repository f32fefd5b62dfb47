import { SESv2Client } from '@aws-sdk/client-sesv2'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { documentClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { serveMessages } from '../../shared/messages.ts'
import { createMailLog } from '../../shared/store/mail-log.ts'
import { type Mailer, sendMail } from './send-mail.ts'

let mailer: Mailer | undefined

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const parts = (mailer ??= mailerFromEnvironment())
  return await serveMessages(parts.logger, event, context, async (body) => ({
    outcome: await sendMail(parts, body),
  }))
}

function mailerFromEnvironment(): Mailer {
  const wanted = Environment.pick({ TABLE: true, PUBLIC_URL: true }).extend({
    MAIL_FROM: z.string().min(3),
    MAIL_SETTINGS: z.string().min(1),
  })
  const {
    TABLE: table,
    PUBLIC_URL: publicUrl,
    MAIL_FROM: from,
    MAIL_SETTINGS: settings,
  } = readEnvironment(wanted)
  const document = documentClient()
  const dependencies = dependenciesFromEnvironment(document)
  return {
    ...dependencies,
    ses: new SESv2Client({}),
    log: createMailLog({ document, table, clock: dependencies.clock }),
    from,
    publicUrl,
    settings,
  }
}

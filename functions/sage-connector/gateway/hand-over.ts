import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { CompanyId, ProjectId } from '../../../shared/domain/ids.ts'
import { keyOfTask } from '../../../shared/cycle/task.ts'
import { openExport } from '../../../shared/cycle/open-export.ts'
import { ExportMessage } from '../../../shared/domain/export.ts'
import type { Dependencies } from '../../../shared/cycle/dependencies.ts'
import type { SageEvent } from '../../../shared/sage/sage-event.ts'
import { Altered } from '../../../shared/store/errors.ts'
import { reportSageEvent } from '../../../shared/sage/report-sage-event.ts'

export interface Gateway extends Dependencies {
  readonly queue: SQSClient
  readonly sageEventsQueue: string
  /** Queue of each company that has an agent, by `<company>/<sage company>`. */
  readonly agentQueues: Readonly<Record<string, string>>
}

export type HandedOver = 'superseded' | 'to_agent' | 'file_drop' | 'failed'

/**
 * Hands one export message to its Sage company: to the agent's own queue, or as a file drop, whose file
 * posters take from the posting page. Idempotent by export, attempt and part: a repeat tells the same again.
 */
export async function handOver(gateway: Gateway, body: unknown): Promise<HandedOver> {
  const message = ExportMessage.parse(body)
  const outcome = await handedOver(gateway, message)
  const { company, project, exportId, attempt, request, parts } = message
  const [{ part, sha256 }] = parts
  // The runbook of the dead letters asks for the first line by its words.
  const line = outcome === 'superseded' ? 'export message superseded' : 'export message handed over'
  gateway.logger.info(line, { outcome, company, project, request, export: exportId, attempt, part, sha256 })
  return outcome
}

async function handedOver(gateway: Gateway, message: ExportMessage): Promise<HandedOver> {
  const key = keyOfTask({
    company: CompanyId.parse(message.company),
    project: ProjectId.parse(message.project),
  })
  const head = await gateway.store.head(key)
  if (head?.open_export === undefined) return 'superseded'
  const { open, part } = await openExport(gateway, key, head)
  const [asked] = message.parts
  const isOfThisAttempt = open.id === message.exportId && open.attempt === message.attempt
  const isThisFile = asked.part === part.part && asked.sha256 === part.file_sha256
  // An older message delivers nothing any more; one of a time that a restore forgot has the same numbers, and another file.
  if (!isOfThisAttempt || !isThisFile) return 'superseded'
  const about = {
    v: 1 as const,
    company: key.company,
    project: key.project,
    export: open.number,
    part: part.part,
    attempt: open.attempt,
  }
  const report = async (event: SageEvent): Promise<void> => {
    await reportSageEvent(gateway.queue, gateway.sageEventsQueue, event)
  }
  const fail = async (why: string): Promise<HandedOver> => {
    await report({ ...about, kind: 'failure', messages: [why], nothing_written: true, claim: 0 })
    return 'failed'
  }
  const sage = await gateway.companies.sageCompany(key.company, open.sage_company)
  const agentQueue = gateway.agentQueues[`${key.company}/${open.sage_company}`]
  if (!sage || (sage.connector === 'agent' && agentQueue === undefined))
    return await fail(`No connector is set up for ${open.sage_company}. Set one up and retry.`)
  try {
    await gateway.objects.getFile(part.file_key, part.file_sha256)
  } catch (error) {
    // What cannot be read now is tried again; what is gone or altered never comes back.
    if (!(error instanceof Altered)) throw error
    gateway.logger.error('stored data altered', { ...key, export: open.id, part: part.part, error })
    return await fail(
      `File ${String(part.part)} is not stored any more as it was accepted. Nothing was delivered; return the export, and send the budget again.`,
    )
  }
  if (sage.connector === 'agent' && agentQueue !== undefined) {
    await gateway.queue.send(
      new SendMessageCommand({
        QueueUrl: agentQueue,
        MessageBody: JSON.stringify(message),
        MessageGroupId: open.sage_company,
        MessageDeduplicationId: `${key.company}-${open.id}-${String(open.attempt)}`,
      }),
    )
    return 'to_agent'
  }
  await report({
    ...about,
    kind: 'receipt',
    sha256: part.file_sha256,
    where: 'the posting page',
    by: 'file drop',
  })
  return 'file_drop'
}

import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import { afterAll, vi } from 'vitest'
import { apiAs } from '../../../local/api-client.ts'
import { job as sampleJob, people, sageCompany, sageFolder } from '../../../local/local-company.ts'
import { anyPorts } from '../../../local/runtime/ports.ts'
import { registerPeople, setUpSage, until } from '../../../local/sample.ts'
import { type LocalStack, startStack } from '../../../local/stack.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let started: Promise<LocalStack> | undefined
let folder = ''

/** An answer that a test got, and what it had shown to get it. */
export interface AnswerSeen {
  readonly url: string
  readonly authorization: string | null
  readonly text: string
}
const answers: Promise<AnswerSeen>[] = []

/** Every answer to this process so far, whoever asked. */
export const answersSeen = async (): Promise<AnswerSeen[]> => await Promise.all(answers)

/** Where the stack keeps everything. */
export const sharedFolder = (): string => folder

/** The one stack of a test file, with the sample people and with Sage's lists read, these jobs among them. */
export async function sharedStack(jobs: readonly string[] = []): Promise<LocalStack> {
  const stack = await (started ??= start())
  const books = stack.sage.company(sageFolder)
  books.setUp({ jobs: jobs.map((job) => ({ job, description: `Job ${job}` })) })
  books.writeReports(stack.folders.reports)
  // Totals of a job are sent after the lists in which it stands.
  const admin = apiAs(stack.runtime, people.ada)
  const totals = `/erp/master_data/${sageCompany}/totals/${jobs.at(-1) ?? sampleJob}`
  await until('the agent to read Sage', async () => await admin.get(totals).catch(() => undefined))
  return stack
}

/** Every row of the table. */
export async function tableRows({
  runtime: { clients, tables },
}: LocalStack): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  const client = DynamoDBDocumentClient.from(clients.table)
  for (const { name } of tables)
    for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) rows.push(...Items)
  return rows
}

async function start(): Promise<LocalStack> {
  folder = temporaryFolder('side-by-side')
  keepAnswers()
  const stack = await startStack(folder, { ports: anyPorts })
  await registerPeople(stack)
  await setUpSage(stack)
  return stack
}

function keepAnswers(): void {
  const ask = globalThis.fetch
  vi.stubGlobal('fetch', async (...asked: Parameters<typeof fetch>) => {
    const request = new Request(...asked)
    const answer = await ask(...asked)
    const copy = answer.clone()
    const authorization = request.headers.get('authorization')
    answers.push(copy.text().then((text) => ({ url: request.url, authorization, text })))
    return answer
  })
}

/** Ends it after the last test of the file. */
export const endSharedStack = (): void =>
  afterAll(async () => {
    await (await started)?.stop()
    started = undefined
    vi.unstubAllGlobals()
  })

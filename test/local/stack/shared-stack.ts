import { afterAll } from 'vitest'
import { apiAs } from '../../../local/api-client.ts'
import { job as sampleJob, people, sageCompany, sageFolder } from '../../../local/local-company.ts'
import { anyPorts } from '../../../local/runtime/ports.ts'
import { registerPeople, setUpSage, until } from '../../../local/sample.ts'
import { type LocalStack, startStack } from '../../../local/stack.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let started: Promise<LocalStack> | undefined

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

async function start(): Promise<LocalStack> {
  const stack = await startStack(temporaryFolder('side-by-side'), { ports: anyPorts })
  await registerPeople(stack)
  await setUpSage(stack)
  return stack
}

/** Ends it after the last test of the file. */
export const endSharedStack = (): void =>
  afterAll(async () => {
    await (await started)?.stop()
    started = undefined
  })

import { afterAll } from 'vitest'
import { apiAs } from '../../../local/api-client.ts'
import { job as sampleJob, people, sageCompany, sageFolder } from '../../../local/local-company.ts'
import { anyPorts } from '../../../local/runtime/ports.ts'
import { registerPeople, setUpSage, until } from '../../../local/sample.ts'
import { type LocalStack, startStack } from '../../../local/stack.ts'
import { temporaryFolder } from '../runtime/temporary-folder.ts'

const running: LocalStack[] = []

/**
 * A stack in a folder of its own, with the sample people and with Sage's lists read, these jobs among them.
 * It stops when the test file has ended.
 */
export async function stackForFile(name: string, jobs: readonly string[] = []): Promise<LocalStack> {
  const stack = await startStack(temporaryFolder(name), { ports: anyPorts })
  running.push(stack)
  await registerPeople(stack)
  await setUpSage(stack)
  const books = stack.sage.company(sageFolder)
  books.setUp({ jobs: jobs.map((job) => ({ job, description: `Job ${job}` })) })
  books.writeReports(stack.folders.reports)
  // Totals of a job are sent after the lists in which it stands.
  const admin = apiAs(stack.runtime, people.ada)
  const totals = `/erp/master_data/${sageCompany}/totals/${jobs.at(-1) ?? sampleJob}`
  await until('the agent to read Sage', async () => await admin.get(totals).catch(() => undefined))
  return stack
}

afterAll(async () => {
  await Promise.all(running.map(async (stack) => await stack.stop()))
})

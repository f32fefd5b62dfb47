import { type ApiClient, apiAs } from '../../local/api-client.ts'
import { people } from '../../local/local-company.ts'
import { anyPorts } from '../../local/runtime/ports.ts'
import { createProject, masterDataRead, registerPeople, setUpSage } from '../../local/sample.ts'
import { type LocalStack, startStack } from '../../local/stack.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface SampleStack extends LocalStack {
  readonly url: string
  readonly paula: ApiClient
}

/** The stack with the sample company in a folder of its own; the project's budget is not imported yet. */
export async function startSampleStack(): Promise<SampleStack> {
  const folder = temporaryFolder('pages')
  const stack = await startStack(folder, { ports: anyPorts })
  await registerPeople(stack)
  await setUpSage(stack)
  await masterDataRead(stack)
  await createProject(stack)
  return {
    ...stack,
    url: stack.runtime.url,
    paula: apiAs(stack.runtime, people.paula),
  }
}

export { sendSampleBudget } from '../../local/sample.ts'

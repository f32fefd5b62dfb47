import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiClient, apiAs } from '../../local/api-client.ts'
import { people, project } from '../../local/local-company.ts'
import { anyPorts } from '../../local/runtime/ports.ts'
import {
  command,
  createProject,
  importBudget,
  masterDataRead,
  registerPeople,
  setUpSage,
} from '../../local/sample.ts'
import { type LocalStack, startStack } from '../../local/stack.ts'

export interface SampleStack extends LocalStack {
  readonly url: string
  readonly paula: ApiClient
}

/** The stack with the sample company in a folder of its own; the project's budget is not imported yet. */
export async function startSampleStack(): Promise<SampleStack> {
  const folder = mkdtempSync(join(tmpdir(), 'sage-budget-export-pages-'))
  const stack = await startStack(folder, { ports: anyPorts })
  await registerPeople(stack)
  await setUpSage(stack)
  await masterDataRead(stack)
  await createProject(stack)
  return {
    ...stack,
    url: stack.runtime.url,
    paula: apiAs(stack.runtime, people.paula),
    stop: async () => {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Imports, locks, changes and sends the sample budget: two files will come, and Anna Ames has to decide. */
export async function sendSampleBudget(stack: SampleStack): Promise<void> {
  await importBudget(stack)
  await command(stack.paula, 'lock')
  await approveTransfer(stack.paula)
  await command(stack.paula, 'send')
}

const zoneValves = {
  title: 'Zone valve boxes, out of controls',
  description: '',
  adjustment_line_items: [
    { sub_job: '', cost_code: '23-0900', cost_type: 'S', amount: '-18250.40', comment: '' },
    { sub_job: '', cost_code: '22-6000', cost_type: 'M', amount: '18250.40', comment: '' },
  ],
}

async function approveTransfer(paula: ApiClient): Promise<void> {
  const matching = `/projects/${project}/budget`
  await paula.send('POST', `/projects/${project}/budget_changes`, zoneValves, { matching })
  await paula.send('POST', `/projects/${project}/budget_changes/1/approve`, {}, { matching })
}

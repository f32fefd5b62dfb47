import * as z from 'zod'
import { apiAs } from '../../local/api-client.ts'
import { people } from '../../local/local-company.ts'
import { until } from '../../local/sample.ts'
import type { LocalStack } from '../../local/stack.ts'

const Shown = z.looseObject({ execution: z.string() })

/** ARN of the execution that a budget counts on. */
export async function executionOf({ runtime }: LocalStack, project: string): Promise<string> {
  const { execution } = Shown.parse(await apiAs(runtime, people.otto).get(`/ops/budgets/${project}`))
  const [machine] = runtime.engine.listStateMachines({}).stateMachines
  return `${machine!.stateMachineArn.replace(':stateMachine:', ':execution:')}:${execution}`
}

export async function hasFailed(stack: LocalStack, executionArn: string): Promise<void> {
  await until('the execution to fail', () =>
    stack.runtime.engine.describeExecution({ executionArn }).status === 'FAILED' ? true : undefined,
  )
}

import { type StepOutput } from './carry-out.ts'
import { Broken } from '../store/errors.ts'
import type { Dependencies } from './dependencies.ts'
import { queueMessage } from './export-parts.ts'
import { openExport } from './open-export.ts'
import { keyOfTask, StepTask } from './task.ts'

/** Adds the queue message of the part now due to a step's output; read back from the export, so that a repeat gives the same. */
export async function queueDue({ store }: Pick<Dependencies, 'store'>, input: unknown, output: StepOutput) {
  const key = keyOfTask(StepTask.parse(input))
  const head = await store.head(key)
  if (!head) throw new Broken('BudgetMissing', `No budget ${key.project} of ${key.company}.`)
  const { open, part } = await openExport({ store }, key, head)
  return { ...output, ...queueMessage(key, open, part) }
}

import type { Resource } from './definition-schema.ts'
import type { ExecutionStore } from './execution-store.ts'
import { taskFailed, taskSucceeded } from './history.ts'
import { checkFailureText, parseJson } from './request-checks.ts'
import type { RunningExecution, Runtime } from './runtime.ts'
import { StepFunctionsError } from './step-functions-error.ts'
import { taskOf } from './steps.ts'
import { executionOfToken } from './task-token.ts'

/**
 * The actions of those who were handed a task's token. Each throws `InvalidToken` for what no engine made, and
 * `TaskTimedOut` for a token that was used, that ran out, or whose execution has ended; `TaskDoesNotExist` is of
 * activities and never comes.
 */
export type TaskAnswers = {
  /** `output` is JSON text. @throws StepFunctionsError InvalidOutput */
  readonly sendTaskSuccess: (request: { readonly taskToken: string; readonly output: string }) => void
  readonly sendTaskFailure: (request: {
    readonly taskToken: string
    readonly error?: string
    readonly cause?: string
  }) => void
  /** Tells whether the task is open; there is no HeartbeatSeconds to reset. */
  readonly sendTaskHeartbeat: (request: { readonly taskToken: string }) => void
}

type OpenTask = { readonly execution: RunningExecution; readonly resource: Resource }

export function taskAnswers(runtime: Runtime, store: ExecutionStore): TaskAnswers {
  const openTask = (taskToken: string): OpenTask => {
    const arn = executionOfToken(taskToken)
    if (arn === undefined || !store.has(arn)) {
      throw new StepFunctionsError('InvalidToken', "Invalid Token: 'Invalid token'")
    }
    const execution = runtime.running.get(arn)
    const position = execution?.position
    const open = position?.at === 'calling' || position?.at === 'waiting' ? position : undefined
    if (execution === undefined || open?.attempt.token !== taskToken) {
      throw new StepFunctionsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'")
    }
    return { execution, resource: taskOf(execution.definition, open.visit.state).resource }
  }

  return {
    sendTaskSuccess: ({ taskToken, output }) => {
      const { execution, resource } = openTask(taskToken)
      const result = parseJson(output, 'InvalidOutput', 'Invalid Output')
      runtime.endTask(execution, taskSucceeded(resource, result), { result })
    },
    sendTaskFailure: ({ taskToken, error, cause }) => {
      const { execution, resource } = openTask(taskToken)
      checkFailureText(error, cause)
      const failure = { error: error ?? 'States.TaskFailed', ...(cause !== undefined && { cause }) }
      runtime.endTask(execution, taskFailed(resource, failure), { failure })
    },
    sendTaskHeartbeat: ({ taskToken }) => {
      openTask(taskToken)
    },
  }
}

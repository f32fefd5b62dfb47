import type { Resource, Retrier } from './definition-schema.ts'
import type { Template } from './template.ts'

/** The states of a definition with their expressions parsed, as the engine runs them. */

/** A variable's name and the template of its value. */
export type Assignment = readonly (readonly [string, Template])[]

/** What a state gives on leaving it; without `output` that is the result, the error or the input. */
export type Leaving = { readonly output: Template | undefined; readonly assign: Assignment }

export type Catcher = Leaving & { readonly errorEquals: readonly string[]; readonly next: string }
export type ChoiceRule = Leaving & { readonly condition: Template; readonly next: string }

export type TaskState = Leaving & {
  readonly type: 'Task'
  readonly resource: Resource
  readonly arguments: Template
  readonly timeoutSeconds: Template | undefined
  readonly retriers: readonly Retrier[]
  readonly catchers: readonly Catcher[]
  /** Undefined where the execution ends. */
  readonly next: string | undefined
}
export type ChoiceState = Leaving & {
  readonly type: 'Choice'
  readonly rules: readonly ChoiceRule[]
  readonly default: string | undefined
}
export type PassState = Leaving & { readonly type: 'Pass'; readonly next: string | undefined }
export type SucceedState = Leaving & { readonly type: 'Succeed' }
export type FailState = {
  readonly type: 'Fail'
  readonly error: Template | undefined
  readonly cause: Template | undefined
}
export type State = TaskState | ChoiceState | PassState | SucceedState | FailState

import {
  argumentFields,
  type CatcherSource,
  type ChoiceSource,
  type FailSource,
  type PassSource,
  type StateSource,
  type SucceedSource,
  type TaskSource,
} from './definition-schema.ts'
import type { ExpressionPlace } from './expression-subset.ts'
import type {
  Catcher,
  ChoiceState,
  FailState,
  Leaving,
  PassState,
  State,
  SucceedState,
  TaskState,
} from './states.ts'
import { compileTemplate, type Refuse, type Template } from './template.ts'

const contextEverywhere = [
  'Execution.Id',
  'Execution.Input',
  'Execution.Name',
  'Execution.RedriveCount',
  'Execution.StartTime',
  'State.EnteredTime',
  'State.Name',
  'StateMachine.Id',
  'StateMachine.Name',
]
const contextOfTask = [...contextEverywhere, 'State.RetryCount'] // AWS gives no count in other states

/** Compiles the fields of one state. */
type StateCompiler = {
  readonly template: (value: unknown, field: string, place: ExpressionPlace) => Template
  readonly optional: (value: unknown, field: string, place: ExpressionPlace) => Template | undefined
  readonly leaving: (
    source: { Output?: unknown; Assign?: Record<string, unknown> | undefined },
    field: string,
    place: ExpressionPlace,
  ) => Leaving
  readonly place: (members: readonly string[], context: readonly string[]) => ExpressionPlace
  readonly refuse: Refuse
}

function stateCompiler(path: string, variables: ReadonlySet<string>, refuse: Refuse): StateCompiler {
  const template: StateCompiler['template'] = (value, field, place) =>
    compileTemplate(value, `${path}.${field.replaceAll('/', '.')}`, field, place, refuse)
  const optional: StateCompiler['optional'] = (value, field, place) =>
    value === undefined ? undefined : template(value, field, place)
  return {
    template,
    optional,
    leaving: (source, field, place) => ({
      output: optional(source.Output, `${field}Output`, place),
      assign: Object.entries(source.Assign ?? {}).map(([name, value]) => {
        if (!isVariableName(name)) refuse(`${path}.${field}Assign.${name}`, 'not a name for a variable')
        return [name, template(value, `${field}Assign/${name}`, place)]
      }),
    }),
    place: (members, context) => ({ states: new Set(members), context: new Set(context), variables }),
    refuse: (field, reason) => {
      refuse(`${path}.${field}`, reason)
    },
  }
}

const isVariableName = (name: string): boolean =>
  name !== 'states' && name.length <= 80 && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)

/** Parses the fields of one state and refuses what they may not hold; `variables` are all that states assign. */
export function compileState(
  name: string,
  state: StateSource,
  variables: ReadonlySet<string>,
  refuse: Refuse,
): State {
  const compile = stateCompiler(`States.${name}`, variables, refuse)
  if (state.Type === 'Task') return compileTask(state, compile)
  if (state.Type === 'Choice') return compileChoice(state, compile)
  if (state.Type === 'Pass') return compilePass(state, compile)
  return state.Type === 'Succeed' ? compileSucceed(state, compile) : compileFail(state, compile)
}

function compileTask(state: TaskSource, compile: StateCompiler): TaskState {
  const waits = state.Resource.endsWith('.waitForTaskToken')
  checkArguments(state, compile.refuse)
  checkErrorNames(state.Retry, 'Retry', compile.refuse)
  checkErrorNames(state.Catch, 'Catch', compile.refuse)
  const plain = compile.place(['input'], contextOfTask)
  const withToken = waits ? compile.place(['input'], [...contextOfTask, 'Task.Token']) : plain
  const withResult = compile.place(['input', 'result'], contextOfTask)
  return {
    type: 'Task',
    resource: state.Resource,
    arguments: compile.template(state.Arguments, 'Arguments', withToken),
    timeoutSeconds: compileTimeout(state.TimeoutSeconds, plain, compile),
    retriers: state.Retry,
    catchers: state.Catch.map((catcher, at) => compileCatcher(catcher, at, compile)),
    next: state.Next,
    ...compile.leaving(state, '', withResult),
  }
}

function compileTimeout(
  value: number | string | undefined,
  place: ExpressionPlace,
  compile: StateCompiler,
): Template | undefined {
  const template = compile.optional(value, 'TimeoutSeconds', place)
  if (typeof value === 'string' && template?.kind === 'constant') {
    compile.refuse('TimeoutSeconds', 'must be a number of seconds or an expression')
  }
  return template
}

function checkArguments(state: TaskSource, refuse: Refuse): void {
  const { must, may } = argumentFields[state.Resource]
  for (const field of must) if (!(field in state.Arguments)) refuse(`Arguments.${field}`, 'missing')
  for (const field of Object.keys(state.Arguments)) {
    if (!must.includes(field) && !may.includes(field)) refuse(`Arguments.${field}`, 'not supported')
  }
  const waits = state.Resource.endsWith('.waitForTaskToken')
  if (waits && !JSON.stringify(state.Arguments).includes('$states.context.Task.Token')) {
    refuse('Arguments', 'hands no $states.context.Task.Token on, so nothing could end the wait')
  }
}

const knownErrors = new Set([
  'States.ALL',
  'States.DataLimitExceeded',
  'States.Permissions',
  'States.QueryEvaluationError',
  'States.TaskFailed',
  'States.Timeout',
])

/** `States.ALL` stands alone and last; a reserved name that no task of this engine reports is a slip. */
function checkErrorNames(
  rules: readonly { ErrorEquals: readonly string[] }[],
  field: string,
  refuse: Refuse,
): void {
  rules.forEach(({ ErrorEquals: names }, at) => {
    const path = `${field}[${String(at)}].ErrorEquals`
    if (names.includes('States.ALL') && names.length > 1) refuse(path, 'States.ALL must stand alone')
    if (names.includes('States.ALL') && at < rules.length - 1) refuse(path, 'States.ALL must be the last')
    for (const name of names) {
      if (name.startsWith('States.') && !knownErrors.has(name)) refuse(path, `${name} is not supported`)
    }
  })
}

function compileCatcher(catcher: CatcherSource, at: number, compile: StateCompiler): Catcher {
  const place = compile.place(['input', 'errorOutput'], contextOfTask)
  const leaving = compile.leaving(catcher, `Catch[${String(at)}]/`, place)
  return { errorEquals: catcher.ErrorEquals, next: catcher.Next, ...leaving }
}

function compileChoice(state: ChoiceSource, compile: StateCompiler): ChoiceState {
  const place = compile.place(['input'], contextEverywhere)
  return {
    type: 'Choice',
    rules: state.Choices.map((rule, at) => {
      const field = `Choices[${String(at)}]/`
      const condition = compile.template(rule.Condition, `${field}Condition`, place)
      if (condition.kind === 'constant') {
        compile.refuse(`Choices[${String(at)}].Condition`, 'must be an expression')
      }
      return { condition, next: rule.Next, ...compile.leaving(rule, field, place) }
    }),
    default: state.Default,
    ...compile.leaving(state, '', place),
  }
}

function compilePass(state: PassSource, compile: StateCompiler): PassState {
  const place = compile.place(['input'], contextEverywhere)
  return { type: 'Pass', next: state.Next, ...compile.leaving(state, '', place) }
}

function compileSucceed(state: SucceedSource, compile: StateCompiler): SucceedState {
  const place = compile.place(['input'], contextEverywhere)
  return { type: 'Succeed', ...compile.leaving({ Output: state.Output }, '', place) }
}

function compileFail(state: FailSource, compile: StateCompiler): FailState {
  const place = compile.place(['input'], contextEverywhere)
  return {
    type: 'Fail',
    error: compile.optional(state.Error, 'Error', place),
    cause: compile.optional(state.Cause, 'Cause', place),
  }
}

import jsonata from 'jsonata'

import { type ExpressionPlace, objections } from './expression-subset.ts'

/** A field of a definition with its expressions parsed once, so that an execution only evaluates them. */
export type Template =
  | { readonly kind: 'constant'; readonly value: unknown }
  | {
      readonly kind: 'expression'
      readonly text: string
      readonly location: string
      readonly parsed: jsonata.Expression
    }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Template])[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] }

/** Names an expression can use: `states`, the variables and the functions of Step Functions. */
export type Bindings = Record<string, unknown>

/** An error of a state that Retry and Catch may match; `location` is the field whose expression failed. */
export class StateFailure extends Error {
  readonly error: string
  readonly location: string | undefined

  constructor(error: string, message: string, location?: string) {
    super(message)
    this.error = error
    this.location = location
  }
}

const guardrails = { timeout: 5_000, stack: 100 } // AWS stops at a depth of 100; the time is ours

/** Called with each thing that keeps a definition from being loaded, and where it stands. */
export type Refuse = (path: string, reason: string) => void

/**
 * Parses a field's value. `path` leads to it from the top of the definition, `location` from its state, which is
 * how AWS names the field when an expression fails (`Output/a/b[0]`).
 */
export function compileTemplate(
  value: unknown,
  path: string,
  location: string,
  place: ExpressionPlace,
  refuse: Refuse,
): Template {
  if (typeof value === 'string') return compileText(value, path, location, place, refuse)
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, at) => {
      const index = `[${String(at)}]`
      return compileTemplate(item, path + index, location + index, place, refuse)
    })
    return items.every((item) => item.kind === 'constant')
      ? { kind: 'constant', value }
      : { kind: 'array', items }
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (key.endsWith('.$')) refuse(`${path}.${key}`, 'a JSONPath field is not supported')
      const template = compileTemplate(member, `${path}.${key}`, `${location}/${key}`, place, refuse)
      return [key, template] as const
    })
    const constant = entries.every(([, member]) => member.kind === 'constant')
    return constant ? { kind: 'constant', value } : { kind: 'object', entries }
  }
  return { kind: 'constant', value }
}

function compileText(
  value: string,
  path: string,
  location: string,
  place: ExpressionPlace,
  refuse: Refuse,
): Template {
  const constant: Template = { kind: 'constant', value }
  if (!value.startsWith('{%') || !value.endsWith('%}')) {
    // AWS would pass such a string on as it is; it is more likely a slip than meant
    if (value.includes('{%')) refuse(path, 'an expression must be the whole string')
    return constant
  }
  const text = value.slice(2, -2).trim()
  try {
    const parsed = jsonata(text, guardrails)
    for (const reason of objections(parsed.ast(), text, place)) refuse(path, reason)
    return { kind: 'expression', text, location, parsed }
  } catch (error) {
    refuse(path, `not a JSONata expression: ${reasonOf(error)}`)
    return constant
  }
}

/**
 * Evaluates a field. Throws a `StateFailure` with `States.QueryEvaluationError` when an expression fails or gives
 * nothing (undefined), which JSON cannot hold.
 */
export async function evaluateTemplate(template: Template, bindings: Bindings): Promise<unknown> {
  if (template.kind === 'constant') return template.value
  if (template.kind === 'expression') return await evaluateExpression(template, bindings)
  if (template.kind === 'array') {
    const values: unknown[] = []
    for (const item of template.items) values.push(await evaluateTemplate(item, bindings))
    return values
  }
  const members: [string, unknown][] = []
  for (const [key, member] of template.entries) members.push([key, await evaluateTemplate(member, bindings)])
  return Object.fromEntries(members)
}

async function evaluateExpression(
  { text, location, parsed }: Extract<Template, { kind: 'expression' }>,
  bindings: Bindings,
): Promise<unknown> {
  const about = `The JSONata expression '${text}' specified for the field '${location}'`
  try {
    const value: unknown = await parsed.evaluate(undefined, bindings)
    if (value === undefined) throw queryFailure(`${about} returned nothing (undefined).`, location)
    if (isFunction(value)) throw queryFailure(`${about} returned an unsupported result type.`, location)
    return toJson(value)
  } catch (error) {
    if (error instanceof StateFailure) throw error
    throw queryFailure(`${about} threw an error during evaluation. ${reasonOf(error)}`, location)
  }
}

const queryFailure = (cause: string, location: string): StateFailure =>
  new StateFailure('States.QueryEvaluationError', cause, location)

const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' &&
    value !== null &&
    ('_jsonata_lambda' in value || '_jsonata_function' in value))

/** The plain JSON in a result, without the marks that JSONata leaves on its arrays. */
function toJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const plain: unknown = JSON.parse(JSON.stringify(value))
  return plain
}

/** JSONata throws plain objects with a code and a message; JavaScript throws errors. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const message = 'message' in error ? String(error.message) : 'unknown error'
  return 'code' in error ? `${String(error.code)}: ${message}` : message
}

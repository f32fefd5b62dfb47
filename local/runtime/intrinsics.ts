import { Refused } from './refused.ts'
import type { Json, JsonObject } from './templates.ts'

/** What names mean where a value stands; each function throws a sentence for a name it does not know. */
export interface Scope {
  readonly ref: (name: string, path: string) => Json | undefined
  readonly attribute: (logicalId: string, attribute: string, path: string) => Json
  readonly imported: (name: string, path: string) => Json
  /** Last change to every resolved string: addresses of the cloud become those of this machine. */
  readonly local: (text: string) => string
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Resolves the intrinsic functions in a template value.
 *
 * @param path where the value stands, `Stack/LogicalId: Properties.X`, for the sentence of a refusal.
 * @returns undefined for `AWS::NoValue`, which also removes a property or an item that holds it.
 * @throws {Refused} for any function but Ref, GetAtt, Join, Sub, Select, Split and ImportValue, and for dynamic references.
 */
export function resolve(value: Json, scope: Scope, path: string): Json | undefined {
  if (typeof value === 'string') return plainString(value, scope, path)
  if (Array.isArray(value)) return resolveList(value, scope, path)
  if (!isObject(value)) return value
  const [only, ...others] = Object.keys(value)
  if (only !== undefined && others.length === 0 && (only === 'Ref' || only.startsWith('Fn::')))
    return call(only, value[only] ?? null, scope, path)
  const result: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const entry = resolve(item, scope, `${path}.${key}`)
    if (entry !== undefined) result[key] = entry
  }
  return result
}

function plainString(written: string, scope: Scope, path: string): string {
  if (written.includes('{{resolve:'))
    throw new Refused(`${path}: a dynamic reference is not resolved on one machine`)
  return scope.local(written)
}

function resolveList(items: readonly Json[], scope: Scope, path: string): Json[] {
  return items.flatMap((item, at) => {
    const entry = resolve(item, scope, `${path}[${String(at)}]`)
    return entry === undefined ? [] : [entry]
  })
}

function call(name: string, argument: Json, scope: Scope, path: string): Json | undefined {
  const at = `${path}.${name}`
  switch (name) {
    case 'Ref':
      return scope.ref(text(argument, at), path)
    case 'Fn::GetAtt':
      return getAttribute(argument, scope, at)
    case 'Fn::Join':
      return join(argument, scope, at)
    case 'Fn::Sub':
      return substitute(argument, scope, at)
    case 'Fn::Select':
      return select(argument, scope, at)
    case 'Fn::Split': {
      const [delimiter, whole] = pair(argument, at)
      return text(resolved(whole, scope, at), at).split(text(delimiter, at))
    }
    case 'Fn::ImportValue':
      return scope.imported(text(resolved(argument, scope, at), at), at)
    default:
      throw new Refused(`${path}: ${name} is not resolved on one machine`)
  }
}

function getAttribute(argument: Json, scope: Scope, at: string): Json {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.')
    return scope.attribute(argument.slice(0, dot), argument.slice(dot + 1), at)
  }
  const [logicalId, attribute] = pair(argument, at)
  return scope.attribute(text(logicalId, at), text(attribute, at), at)
}

function join(argument: Json, scope: Scope, at: string): string {
  const [delimiter, parts] = pair(argument, at)
  return scope.local(
    list(resolved(parts, scope, at), at)
      .map((part) => scalar(part, at))
      .join(text(delimiter, at)),
  )
}

function select(argument: Json, scope: Scope, at: string): Json {
  const [index, items] = pair(argument, at)
  const found = list(resolved(items, scope, at), at)[Number(scalar(index, at))]
  if (found === undefined) throw new Refused(`${at}: there is no item ${scalar(index, at)}`)
  return found
}

function substitute(argument: Json, scope: Scope, at: string): string {
  const [template, given] = typeof argument === 'string' ? [argument, {}] : pair(argument, at)
  const variables = resolved(given, scope, at)
  if (!isObject(variables)) throw new Refused(`${at}: its variables are not an object`)
  const whole = text(template, at).replaceAll(
    /\$\{(!?)([^}]*)\}/g,
    (_match, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`
      const own = variables[name]
      if (own !== undefined) return scalar(own, at)
      const dot = name.indexOf('.')
      const value =
        dot < 0 ? scope.ref(name, at) : scope.attribute(name.slice(0, dot), name.slice(dot + 1), at)
      return value === undefined ? '' : scalar(value, at)
    },
  )
  return scope.local(whole)
}

function resolved(value: Json, scope: Scope, at: string): Json {
  const result = resolve(value, scope, at)
  if (result === undefined) throw new Refused(`${at}: AWS::NoValue cannot stand here`)
  return result
}

function pair(argument: Json, at: string): [Json, Json] {
  const [first, second, ...rest] = list(argument, at)
  if (first === undefined || second === undefined || rest.length > 0)
    throw new Refused(`${at}: two arguments are expected`)
  return [first, second]
}

function list(value: Json, at: string): Json[] {
  if (!Array.isArray(value)) throw new Refused(`${at}: a list is expected`)
  return value
}

function text(value: Json, at: string): string {
  if (typeof value !== 'string') throw new Refused(`${at}: a string is expected`)
  return value
}

function scalar(value: Json, at: string): string {
  if (typeof value === 'object') throw new Refused(`${at}: a string is expected`)
  return String(value)
}

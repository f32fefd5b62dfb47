import { Refused } from './refused.ts'

type Match = (value: unknown) => boolean
export type EventMatch = Match
type Scalar = string | number | boolean | null

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads an event pattern of EventBridge, which event source mappings filter by as well.
 *
 * @param where names the resource in the sentence of a refusal.
 * @throws {Refused} for an operator other than values, prefix, suffix, exists and anything-but.
 */
export function eventPattern(pattern: Readonly<Record<string, unknown>>, where: string): EventMatch {
  return fields(pattern, where)
}

function fields(pattern: Readonly<Record<string, unknown>>, where: string): Match {
  const matches = Object.entries(pattern).map(([name, wanted]): [string, Match] => [
    name,
    field(wanted, `${where}: ${name}`),
  ])
  return (event) => matches.every(([name, match]) => match(isObject(event) ? event[name] : undefined))
}

function field(wanted: unknown, where: string): Match {
  if (isObject(wanted)) return fields(wanted, where)
  if (!Array.isArray(wanted)) throw new Refused(`${where}: a list of values or operators is expected`)
  const any = wanted.map((one: unknown) => condition(one, where))
  // A list in the event matches when one of its items does.
  return (value) =>
    any.some((match) => (Array.isArray(value) ? value.some((item) => match(item)) : match(value)))
}

function condition(wanted: unknown, where: string): Match {
  if (isScalar(wanted)) return (value) => value === wanted
  const [operator, operand] = isObject(wanted) ? (Object.entries(wanted)[0] ?? []) : []
  if (operator === 'prefix' && typeof operand === 'string')
    return (value) => typeof value === 'string' && value.startsWith(operand)
  if (operator === 'suffix' && typeof operand === 'string')
    return (value) => typeof value === 'string' && value.endsWith(operand)
  if (operator === 'exists' && typeof operand === 'boolean')
    return (value) => (value !== undefined) === operand
  if (operator === 'anything-but') {
    const refused: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
    if (refused.every((one) => isScalar(one)))
      return (value) => value !== undefined && !refused.some((one) => one === value)
  }
  throw new Refused(`${where}: the operator ${String(operator)} is not read on one machine`)
}

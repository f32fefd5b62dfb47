import { StateFailure } from './template.ts'

/** Most bytes of UTF-8 in an input, a result, an output or an assignment (AWS service quotas). */
export const payloadLimit = 262_144

const allVariables = 10 * 1_048_576 // AWS: all variables of an execution together

/** Bytes of a value as JSON. */
export const jsonBytes = (value: unknown): number => {
  const text = JSON.stringify(value)
  // most are far below the limit, and no character takes more than three bytes
  return text.length * 3 <= payloadLimit ? text.length : Buffer.byteLength(text, 'utf8')
}

/** Passes a value on, or throws `States.DataLimitExceeded` naming what was too large. */
export function withinLimit<Value>(value: Value, what: string): Value {
  if (jsonBytes(value) > payloadLimit) throw limitExceeded(what)
  return value
}

/** The same for variables: one Assign against the payload limit, all together against theirs. */
export function checkVariables(assigned: unknown, all: Readonly<Record<string, unknown>>): void {
  withinLimit(assigned, 'the Assign field')
  if (Buffer.byteLength(JSON.stringify(all), 'utf8') > allVariables)
    throw limitExceeded('all variables together')
}

const limitExceeded = (what: string): StateFailure =>
  new StateFailure(
    'States.DataLimitExceeded',
    `The size of ${what} exceeds the maximum number of bytes service limit.`,
  )

import { payloadLimit } from './payload-limit.ts'
import { StepFunctionsError, type StepFunctionsErrorName } from './step-functions-error.ts'

/** Reads an input or an output handed in as JSON text, of at most 262,144 bytes. */
export function parseJson(text: string, error: StepFunctionsErrorName, about: string): unknown {
  if (Buffer.byteLength(text, 'utf8') > payloadLimit) {
    throw new StepFunctionsError(error, `${about}: 'larger than ${String(payloadLimit)} bytes'`)
  }
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new StepFunctionsError(error, `${about}: '${reason}'`)
  }
}

/** Limits of an error and a cause that a caller gives: 256 and 32,768 characters. */
export function checkFailureText(error: string | undefined, cause: string | undefined): void {
  const fields = [
    { name: 'error', length: error?.length ?? 0, most: 256 },
    { name: 'cause', length: cause?.length ?? 0, most: 32_768 },
  ]
  for (const { name, length, most } of fields) {
    if (length > most) {
      throw new StepFunctionsError('ValidationException', `Value at '${name}' is longer than ${String(most)}`)
    }
  }
}

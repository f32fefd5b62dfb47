import type { StoredAnswer } from './budget-store.ts'

/**
 * Nothing is wrong, there is only too much at once: the same call will do later.
 * Step Functions retries it by its name; the API answers it as BUSY.
 */
export class Later extends Error {
  override readonly name = 'Later.Busy'
}

/**
 * A bug, or a row that somebody altered: repeating will not help, a person has to look. Nobody catches it: an execution
 * fails where it broke, under `Broken.<kind>`. The cause names the row or the thing, and what to do.
 */
export class Broken extends Error {
  constructor(kind: string, cause: string, options?: ErrorOptions) {
    super(cause, options)
    this.name = `Broken.${kind}`
  }
}

/** Lines or an object that are not those whose hash names them: gone, damaged, or altered by hand. */
export class Altered extends Broken {
  constructor(cause: string) {
    super('Altered', cause)
  }
}

/** This idempotency key was answered before; the edge gives the same answer again. */
export class AnsweredBefore extends Error {
  override readonly name = 'AnsweredBefore'
  readonly answer: StoredAnswer
  constructor(answer: StoredAnswer) {
    super('This request was carried out before; its answer is repeated.')
    this.answer = answer
  }
}

const busyNames = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'ThrottlingException',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
])

const isBusy = (error: Error): boolean =>
  busyNames.has(error.name) ||
  ('code' in error && typeof error.code === 'string' && busyNames.has(error.code)) ||
  ('$fault' in error && error.$fault === 'server')

/** Waits for a call to AWS; throttling, a fault of the service or a broken line is thrown as `Later`. */
export async function orLater<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof Error && isBusy(error))
      throw new Later(`${error.name}: ${error.message}`, { cause: error })
    throw error
  }
}

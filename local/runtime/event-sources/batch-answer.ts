import * as z from 'zod'
import type { Invocation } from '../functions.ts'

const Answer = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish()

/**
 * The records of a batch that a function could not do.
 *
 * A failed call fails all of them, and so does an answer that names a record which was not in the batch
 * (AWS Lambda, "Reporting batch item failures"). Without `reportsFailures` an answer says nothing.
 *
 * @returns indices into `identifiers`, ascending.
 */
export function failedItems(
  invocation: Invocation,
  identifiers: readonly string[],
  reportsFailures: boolean,
): readonly number[] {
  const all = identifiers.map((_identifier, at) => at)
  if (invocation.outcome === 'failed') return all
  if (!reportsFailures) return []
  const answer = Answer.safeParse(invocation.payload)
  if (!answer.success) return all
  const failed = (answer.data?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    identifiers.indexOf(itemIdentifier),
  )
  return failed.includes(-1) ? all : [...new Set(failed)].toSorted((a, b) => a - b)
}

import { addMilliseconds } from '../domain/clock.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { duePk, projectPk } from './keys.ts'
import type { OutboxMessage } from './outbox.ts'
import type { Row } from './row-body.ts'
import { byDue } from './table.ts'

// The stream delivers within seconds; what still stands after this is for the sweep.
const overdueAfter = 2 * 60_000

/** A message for the relay: the stream shows it, the sweep finds it in the index until it is deleted. */
export function outboxRow(
  key: ProjectKey,
  sk: string,
  message: OutboxMessage,
  at: Instant,
  request?: string,
): Row {
  const pk = projectPk(key)
  return {
    pk,
    sk,
    company: key.company,
    project: key.project,
    message,
    at,
    ...(request !== undefined && { request }),
    [byDue.pk]: duePk(pk),
    [byDue.sk]: addMilliseconds(at, overdueAfter),
  }
}

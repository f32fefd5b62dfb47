import type { EventRulePart } from '../resources/rules.ts'
import { type AsynchronousCalls, callUntilDone } from './asynchronous-call.ts'

/** An event of EventBridge, as far as every service fills it in alike. */
export interface BusEvent {
  readonly id: string
  readonly source: string
  readonly 'detail-type': string
  readonly detail: object
  readonly [field: string]: unknown
}

/**
 * Calls the targets of every enabled rule of a bus that an event matches.
 *
 * @returns false when the machine stopped before all were done.
 */
export async function tellRules(
  bus: string,
  rules: readonly EventRulePart[],
  event: BusEvent,
  calls: AsynchronousCalls,
): Promise<boolean> {
  const targets = rules
    .filter((rule) => rule.enabled && rule.bus === bus && rule.matches(event))
    .flatMap((rule) => rule.targets)
  const done = await Promise.all(
    targets.map(async ({ functionArn, input }) => {
      const payload: unknown = input === undefined ? event : JSON.parse(input)
      return await callUntilDone(functionArn, payload, calls)
    }),
  )
  return !done.includes(false)
}

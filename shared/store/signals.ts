import * as z from 'zod'
import { Instant } from '../domain/ids.ts'
import { SecretText } from '../domain/secret.ts'

/** What a waiting execution can be told. */
export const SignalKind = z.enum([
  'send',
  'unlock',
  // an accept that completes the last step, one that completes another step, a reject
  'accepted',
  'step_accepted',
  'rejected',
  'retrieve',
  'receipt',
  'failure',
  'retry',
  'return',
  'part_posted',
  'posted',
  'lines_rejected',
  'observation',
  'close',
])
export type SignalKind = z.infer<typeof SignalKind>

/** A recorded answer to a wait; `n` is dense within the cycle, and the oldest open one goes first. */
export const Signal = z.strictObject({
  cycle: z.int(),
  n: z.int(),
  kind: SignalKind,
  reference: z.record(z.string(), z.json()),
  carried_out: z.boolean(),
  /** Id of the request that recorded it. */
  request: z.string().optional(),
  at: Instant,
})
export type Signal = z.infer<typeof Signal>

/** What a wait is told first: of the signals that it awaits and no step has carried out, the oldest. */
export const oldestOpen = (signals: readonly Signal[], kinds: readonly SignalKind[]): Signal | undefined =>
  signals
    .filter((signal) => !signal.carried_out && kinds.includes(signal.kind))
    .toSorted((a, b) => a.n - b.n)[0]

/** Where the open cycle waits: one per cycle; of one run a greater `order` replaces a smaller one, never the other way. */
export const Wait = z.strictObject({
  cycle: z.int(),
  state: z.string(),
  kinds: z.array(SignalKind),
  execution: z.string(),
  token: SecretText,
  /** `<EnteredTime>#<RedriveCount>#<RetryCount>`, the counts padded: sorts as text. */
  order: z.string(),
})
export type Wait = z.infer<typeof Wait>

/** How often the execution had been redriven when it came to wait. */
export const redrivesOf = ({ order }: Pick<Wait, 'order'>): number => Number(order.split('#')[1])

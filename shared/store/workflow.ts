import { createHash } from 'node:crypto'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import type { Commit, Json, NextHead } from './budget-store.ts'
import { Broken } from './errors.ts'
import type { OutboxMessage } from './outbox.ts'
import type { SignalKind } from './signals.ts'

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * `<24 base32 of sha256(company, project)>-c<cycle>-r<run>-<second, base 36>`: at most 80 of the characters that every AWS
 * console and metric takes; readable ids travel in the input. The time keeps a cycle apart from one of its number that
 * a restore forgot, whose execution may still be redriven.
 */
export function executionName(key: ProjectKey, cycle: number, run: number, begun: Instant): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key.company, key.project]))
    .digest()
  const second = Math.floor(Date.parse(begun) / 1000).toString(36)
  let bits = 0n
  for (const byte of digest.subarray(0, 15)) bits = (bits << 8n) | BigInt(byte)
  let name = ''
  for (let i = 0; i < 24; i += 1) name += base32[Number((bits >> BigInt(115 - 5 * i)) & 31n)] ?? ''
  return `${name}-c${String(cycle)}-r${String(run)}-${second}`
}

/** The state in which a cycle goes on that is opened by something other than a command, from what is stored. */
export function stateThatWaits(head: Pick<BudgetHead, 'erp'>): string {
  switch (head.erp) {
    case 'sent':
      return 'Wait for decision'
    case 'accepted':
      return 'Export budget'
    case 'exporting':
      return 'Wait for receipt'
    case 'export_failed':
      return 'Wait for retry'
    case 'exported':
    case 'partly_posted':
    case 'mismatch':
      return 'Wait for posting'
    case 'not_sent':
    case 'retrieved':
    case 'rejected':
    case 'expired':
    // A settled budget has no export that could wait: its open cycle is locked for the next send.
    case 'synced':
    case 'update_pending':
      return 'Wait to be sent'
  }
}

/** What a commit carries so that the workflow learns of it. */
export interface Told {
  readonly head: NextHead
  readonly outbox: readonly OutboxMessage[]
  readonly signal?: NonNullable<Commit['signal']>
}

function openCycle(key: ProjectKey, head: NextHead, asked: string, at: Instant): Told {
  const cycle = head.cycle + 1
  const execution = executionName(key, cycle, 1, at)
  const input = { v: 1 as const, company: key.company, project: key.project, cycle, run: 1, asked }
  return {
    head: { ...head, cycle, run: 1, execution, signal: 0 },
    outbox: [{ kind: 'start', execution, input }],
  }
}

/** A command of the project side: a signal of the open cycle, or, with none open, the opening of the next. */
export function tellCommand(
  key: ProjectKey,
  head: NextHead,
  command: 'lock' | 'unlock' | 'send',
  at: Instant,
  reference: { readonly [key: string]: Json } = {},
): Told {
  if (head.execution === undefined) return openCycle(key, head, command, at)
  if (command === 'lock')
    throw new Broken(
      'CycleOpen',
      `${key.project}: an unlocked budget has the open cycle ${head.execution}, which no lock can join; see the runbook workflow-failed.`,
    )
  return tellSignal(key, head, command, at, reference)
}

/** A decision or a report: the next signal of the cycle; a cycle that was parked is opened again where it stood. */
export function tellSignal(
  key: ProjectKey,
  head: NextHead,
  kind: SignalKind,
  at: Instant,
  reference: { readonly [key: string]: Json } = {},
): Told {
  const opened: Told =
    head.execution === undefined ? openCycle(key, head, stateThatWaits(head), at) : { head, outbox: [] }
  const n = opened.head.signal + 1
  return {
    head: { ...opened.head, signal: n },
    signal: { kind, reference },
    outbox: [...opened.outbox, { kind: 'signal', cycle: opened.head.cycle, n }],
  }
}

/** The next run of the open cycle, from the stored state; the run before it is superseded. */
export function nextRun(
  key: ProjectKey,
  head: NextHead,
  at: Instant,
  asked = stateThatWaits(head),
): Told & { readonly execution: string } {
  const run = head.run + 1
  const execution = executionName(key, head.cycle, run, at)
  const input = { v: 1 as const, company: key.company, project: key.project, cycle: head.cycle, run, asked }
  return {
    execution,
    head: { ...head, run, execution },
    outbox: [{ kind: 'start', execution, input }],
  }
}

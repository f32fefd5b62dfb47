import { describe, expect, test } from 'vitest'
import { ErpState } from '../../shared/domain/budget-head.ts'
import { Instant } from '../../shared/domain/ids.ts'
import {
  executionName,
  nextRun,
  stateThatWaits,
  tellCommand,
  tellSignal,
} from '../../shared/store/workflow.ts'
import { givenHead } from '../given.ts'
import { projectKey } from './budgets.ts'

const key = projectKey('clinic', 'tacoma')
const at = Instant.parse('2026-11-22T19:38:31.250Z')
const ids = { company: 'tacoma', project: 'clinic' }

describe('the name of an execution', () => {
  // Worked out by hand: base32 of the SHA-256 of ["tacoma","clinic"], and 1795376311 seconds.
  test('is of its budget, cycle, run and second', () => {
    expect(executionName(key, 3, 2, at)).toBe('x6rey7litne7bnkitolnaqb6-c3-r2-tox587')
  })

  test('is another for every company, project, cycle, run and second', () => {
    const names = [
      executionName(key, 1, 1, at),
      executionName(key, 1, 2, at),
      executionName(key, 1, 1, Instant.parse('2026-11-22T19:38:32.000Z')),
      executionName(key, 2, 1, at),
      executionName(projectKey('clinic', 'acme'), 1, 1, at),
      executionName(projectKey('tower', 'tacoma'), 1, 1, at),
      executionName(projectKey('c', 'tacomaclini'), 1, 1, at),
    ]
    expect(new Set(names).size).toBe(names.length)
  })
})

// Parked before its first step, and under way.
const parked = givenHead({ cycle: 2, run: 4, signal: 3 })
const open = { ...parked, execution: executionName(key, 2, 4, at) }
const opened = (asked: string) => ({
  kind: 'start',
  execution: executionName(key, 3, 1, at),
  input: { v: 1, ...ids, cycle: 3, run: 1, asked },
})

describe('a command', () => {
  test.each(['lock', 'unlock', 'send'] as const)('%s opens the next cycle where none is open', (command) => {
    expect(tellCommand(key, parked, command, at)).toEqual({
      head: { ...parked, cycle: 3, run: 1, signal: 0, execution: executionName(key, 3, 1, at) },
      outbox: [opened(command)],
    })
  })

  test.each(['unlock', 'send'] as const)('%s is the next signal of an open cycle', (command) => {
    expect(tellCommand(key, open, command, at, { by: 'pam' })).toEqual({
      head: { ...open, signal: 4 },
      signal: { kind: command, reference: { by: 'pam' } },
      outbox: [{ kind: 'signal', cycle: 2, n: 4 }],
    })
  })

  test('lock never joins an open cycle', () => {
    expect(() => tellCommand(key, open, 'lock', at)).toThrow(
      expect.objectContaining({ name: 'Broken.CycleOpen' }),
    )
  })
})

const waits: Readonly<Record<ErpState, string>> = {
  not_sent: 'Wait to be sent',
  sent: 'Wait for decision',
  retrieved: 'Wait to be sent',
  rejected: 'Wait to be sent',
  expired: 'Wait to be sent',
  accepted: 'Export budget',
  exporting: 'Wait for receipt',
  export_failed: 'Wait for retry',
  exported: 'Wait for posting',
  partly_posted: 'Wait for posting',
  mismatch: 'Wait for posting',
  synced: 'Wait to be sent',
  update_pending: 'Wait to be sent',
}
const states = ErpState.options.map((erp) => [erp, waits[erp]] as const)

describe('a cycle goes on from what is stored', () => {
  test.each(states)('%s: %s', (erp, state) => {
    expect(stateThatWaits({ erp })).toBe(state)
  })

  test.each(states)('a signal to a parked budget that is %s opens one in "%s"', (erp, state) => {
    const head = { ...parked, erp }
    expect(tellSignal(key, head, 'close', at)).toEqual({
      head: { ...head, cycle: 3, run: 1, signal: 1, execution: executionName(key, 3, 1, at) },
      signal: { kind: 'close', reference: {} },
      outbox: [opened(state), { kind: 'signal', cycle: 3, n: 1 }],
    })
  })

  test('in its next run, with the signals that it has', () => {
    const execution = executionName(key, 2, 5, at)
    const input = { v: 1, ...ids, cycle: 2, run: 5 }
    const head = { ...open, erp: 'exported' as const }
    expect(nextRun(key, head, at)).toEqual({
      execution,
      head: { ...head, run: 5, execution },
      outbox: [{ kind: 'start', execution, input: { ...input, asked: 'Wait for posting' } }],
    })
    expect(nextRun(key, head, at, 'send').outbox).toEqual([
      { kind: 'start', execution, input: { ...input, asked: 'send' } },
    ])
  })
})

import { describe, expect, test } from 'vitest'
import { ErpState } from '../../shared/domain/budget-head.ts'
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
const ids = { company: 'tacoma', project: 'clinic' }

describe('the name of an execution', () => {
  // Worked out by hand: base32 of the SHA-256 of ["tacoma","clinic"]. In another form a release would start cycles anew.
  test('is the same in every release', () => {
    expect(executionName(key, 3, 2)).toBe('x6rey7litne7bnkitolnaqb65w-c3-r2')
  })

  test('is another for every company, project, cycle and run', () => {
    const names = [
      executionName(key, 1, 1),
      executionName(key, 1, 2),
      executionName(key, 2, 1),
      executionName(projectKey('clinic', 'acme'), 1, 1),
      executionName(projectKey('tower', 'tacoma'), 1, 1),
      executionName(projectKey('c', 'tacomaclini'), 1, 1),
    ]
    expect(new Set(names).size).toBe(names.length)
  })
})

// Parked before its first step, and under way.
const parked = givenHead({ cycle: 2, run: 4, signal: 3 })
const open = { ...parked, execution: executionName(key, 2, 4) }
const opened = (asked: string) => ({
  kind: 'start',
  execution: executionName(key, 3, 1),
  input: { v: 1, ...ids, cycle: 3, run: 1, asked },
})

describe('a command', () => {
  test.each(['lock', 'unlock', 'send'] as const)('%s opens the next cycle where none is open', (command) => {
    expect(tellCommand(key, parked, command)).toEqual({
      head: { ...parked, cycle: 3, run: 1, signal: 0, execution: executionName(key, 3, 1) },
      outbox: [opened(command)],
    })
  })

  test.each(['unlock', 'send'] as const)('%s is the next signal of an open cycle', (command) => {
    expect(tellCommand(key, open, command, { by: 'pam' })).toEqual({
      head: { ...open, signal: 4 },
      signal: { kind: command, reference: { by: 'pam' } },
      outbox: [{ kind: 'signal', cycle: 2, n: 4 }],
    })
  })

  test('lock never joins an open cycle', () => {
    expect(() => tellCommand(key, open, 'lock')).toThrow(
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
    expect(tellSignal(key, head, 'close')).toEqual({
      head: { ...head, cycle: 3, run: 1, signal: 1, execution: executionName(key, 3, 1) },
      signal: { kind: 'close', reference: {} },
      outbox: [opened(state), { kind: 'signal', cycle: 3, n: 1 }],
    })
  })

  test('in its next run, with the signals that it has', () => {
    const execution = executionName(key, 2, 5)
    const input = { v: 1, ...ids, cycle: 2, run: 5 }
    const head = { ...open, erp: 'exported' as const }
    expect(nextRun(key, head)).toEqual({
      execution,
      head: { ...head, run: 5, execution },
      outbox: [{ kind: 'start', execution, input: { ...input, asked: 'Wait for posting' } }],
    })
    expect(nextRun(key, head, 'send').outbox).toEqual([
      { kind: 'start', execution, input: { ...input, asked: 'send' } },
    ])
  })
})

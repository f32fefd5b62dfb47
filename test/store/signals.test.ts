import { expect, test } from 'vitest'
import { Instant } from '../../shared/domain/ids.ts'
import { oldestOpen, redrivesOf, Signal, type SignalKind } from '../../shared/store/signals.ts'

const signal = (n: number, kind: SignalKind, carried_out = false): Signal => ({
  cycle: 1,
  n,
  kind,
  reference: {},
  carried_out,
  at: Instant.parse('2026-11-22T19:38:31.000Z'),
})
const open = (...signals: readonly Signal[]) => oldestOpen(signals, ['accepted', 'rejected'])?.n

test('a wait is told the oldest signal that it awaits and nobody has carried out', () => {
  const [first, second] = [signal(2, 'rejected'), signal(3, 'accepted')]
  expect(open(second, first)).toBe(2)
  expect(open(first, second)).toBe(2)
  expect(open({ ...first, carried_out: true }, second)).toBe(3)
  expect(open(signal(1, 'retrieve'), second)).toBe(3)
  expect(open(signal(1, 'retrieve'), signal(2, 'accepted', true))).toBeUndefined()
})

// Rows of every release before hold them.
test.each([
  'send',
  'unlock',
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
] as const)('%s is read as it was stored', (kind) => {
  expect(Signal.parse(signal(1, kind))).toEqual(signal(1, kind))
})

test('the order of a wait says how often its execution was redriven', () => {
  expect(redrivesOf({ order: '2026-11-22T19:38:31.000Z#0012#0003' })).toBe(12)
})

import { expect, test } from 'vitest'
import { fakeClock } from '../../../local/engine/clock.ts'
import { runSchedules } from '../../../local/runtime/event-sources/schedules.ts'
import { scheduleExpression } from '../../../local/runtime/schedule-expression.ts'

const next = (expression: string, after: string, timezone = 'UTC'): string =>
  new Date(scheduleExpression(expression, timezone, 'Main/Rule')(Date.parse(after))).toISOString()

test.each([
  ['rate(5 minutes)', '2026-11-22T06:01:30Z', '2026-11-22T06:06:30.000Z'],
  ['rate(1 hour)', '2026-11-22T06:00:00Z', '2026-11-22T07:00:00.000Z'],
  ['cron(0 6 * * ? *)', '2026-11-22T06:00:00Z', '2026-11-23T06:00:00.000Z'],
  ['cron(0/15 * * * ? *)', '2026-11-22T06:16:00Z', '2026-11-22T06:30:00.000Z'],
  ['cron(30 12 ? * MON-FRI *)', '2026-11-20T12:30:00Z', '2026-11-23T12:30:00.000Z'],
  ['cron(0 0 1,15 * ? *)', '2026-11-22T00:00:00Z', '2026-12-01T00:00:00.000Z'],
  ['cron(0 0 29 2 ? *)', '2026-11-22T00:00:00Z', '2028-02-29T00:00:00.000Z'],
])('%s comes after %s at %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected)
})

test('a cron expression is read in its time zone, summer time included', () => {
  expect(next('cron(0 6 * * ? *)', '2026-07-01T00:00:00Z', 'America/Chicago')).toBe(
    '2026-07-01T11:00:00.000Z',
  )
  expect(next('cron(0 6 * * ? *)', '2026-12-01T00:00:00Z', 'America/Chicago')).toBe(
    '2026-12-01T12:00:00.000Z',
  )
})

test.each(['rate(5 fortnights)', 'cron(0 6 L * ? *)', 'cron(0 25 * * ? *)', 'at(2026-11-22T06:00:00)'])(
  '%s is refused',
  (expression) => {
    expect(() => scheduleExpression(expression, 'UTC', 'Main/Rule')).toThrow('Main/Rule')
  },
)

test('a schedule calls its function each time with its input, by the clock', async () => {
  const clock = fakeClock({ start: Date.parse('2026-11-22T05:00:00Z') })
  const calls: unknown[] = []
  const schedule = {
    kind: 'schedule',
    id: 'Main/Daily',
    arn: 'arn:aws:events:us-east-1:000000000000:rule/Daily',
    next: scheduleExpression('cron(0 6 * * ? *)', 'UTC', 'Main/Daily'),
    enabled: true,
    targets: [{ functionArn: 'summary', input: '{"job":"daily"}' }],
  } as const
  const stop = runSchedules({
    schedules: [schedule],
    account: '000000000000',
    region: 'us-east-1',
    clock,
    writeLine: () => {},
    signal: new AbortController().signal,
    functions: {
      invoke: async (functionArn, payload) => {
        calls.push([functionArn, payload])
        return { outcome: 'returned', requestId: '1', payload: null }
      },
    },
  })
  await clock.advanceTo(Date.parse('2026-11-24T07:00:00Z'))
  stop()
  expect(calls).toEqual(Array.from({ length: 3 }, () => ['summary', { job: 'daily' }]))
})

import { describe, expect, test } from 'vitest'

import { takesError } from '../../../local/engine/retry.ts'
import { bench, failing, ok, task, wait } from './engine-under-test.ts'

const start0 = Date.UTC(2026, 0, 5, 9)

/** Runs a task that always fails with this error and answers at which seconds it was tried. */
async function triedAt(Retry: unknown[], error = 'Later.Busy', random?: () => number): Promise<number[]> {
  const { start, clock, calls } = await bench(
    { A: task({ Retry }) },
    { step: () => failing(error) },
    random && { random },
  )
  await start()
  await clock.advance(100_000_000)
  return calls.map(({ at }) => (at - start0) / 1_000)
}

describe('a retrier', () => {
  test('tries three times more after 1, 2 and 4 seconds when nothing else is said', async () => {
    expect(await triedAt([{ ErrorEquals: ['Later.Busy'] }])).toEqual([0, 1, 3, 7])
  })

  test('grows its interval by the rate', async () => {
    const rule = { ErrorEquals: ['Later.Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3 }
    expect(await triedAt([rule])).toEqual([0, 2, 8, 26])
  })

  test('never waits longer than MaxDelaySeconds', async () => {
    const rule = { ErrorEquals: ['Later.Busy'], IntervalSeconds: 2, MaxAttempts: 4, MaxDelaySeconds: 5 }
    expect(await triedAt([rule])).toEqual([0, 2, 6, 11, 16])
  })

  test('draws with full jitter between zero and the interval', async () => {
    const rule = { ErrorEquals: ['Later.Busy'], IntervalSeconds: 10, MaxAttempts: 2, JitterStrategy: 'FULL' }
    expect(await triedAt([rule], 'Later.Busy', () => 0.25)).toEqual([0, 2.5, 7.5])
  })

  test('with no attempts does not retry', async () => {
    expect(await triedAt([{ ErrorEquals: ['Later.Busy'], MaxAttempts: 0 }])).toEqual([0])
  })

  test('leaves other errors alone', async () => {
    expect(await triedAt([{ ErrorEquals: ['Later.Busy'] }], 'Broken.Sum')).toEqual([0])
  })

  test('that comes first and takes the error is the only one that counts', async () => {
    const rules = [
      { ErrorEquals: ['Later.Busy'], MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 5 },
    ]
    expect((await triedAt(rules)).length).toBe(2)
  })

  test('counts its own attempts, not those of others', async () => {
    const errors = ['Later.A', 'Later.B', 'Later.A', 'Later.B', 'Later.A']
    const { start, clock, calls } = await bench(
      {
        A: task({
          Retry: [
            { ErrorEquals: ['Later.A'], MaxAttempts: 2 },
            { ErrorEquals: ['Later.B'], MaxAttempts: 2 },
          ],
        }),
      },
      { step: (_payload, call) => failing(errors[call - 1] ?? 'Later.A') },
    )
    await start()
    await clock.advance(1_000_000)
    expect(calls.length).toBe(5)
  })

  test('may retry an expression that fails', async () => {
    const { start, clock, events } = await bench(
      {
        A: task({
          Output: '{% $states.result.Payload.absent %}',
          Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
        }),
      },
      { step: () => ok({}) },
    )
    const executionArn = await start()
    await clock.advance(10_000)
    expect(events(executionArn).filter((type) => type === 'TaskScheduled').length).toBe(2)
  })

  test('leaves no event of its own: the next attempt is scheduled after the failure', async () => {
    const { start, clock, events } = await bench(
      { A: task({ Retry: [{ ErrorEquals: ['Later.Busy'] }] }) },
      { step: (_payload, call) => (call === 1 ? failing('Later.Busy') : ok(1)) },
    )
    const executionArn = await start()
    await clock.advance(1_000)
    expect(events(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
  })
})

describe('over the retries of one visit', () => {
  const retried = {
    A: wait({ Retry: [{ ErrorEquals: ['Later.Busy'] }], Next: 'B' }),
    B: wait({ Retry: [{ ErrorEquals: ['Later.Busy'] }] }),
  }
  const busyTwice = {
    open: (_payload: unknown, call: number) => (call <= 2 ? failing('Later.Busy') : ok({})),
  }

  test('the entered time stays and the count grows', async () => {
    const { start, clock, calls } = await bench(retried, busyTwice)
    await start()
    await clock.advance(10_000)
    expect(calls.map(({ payload }) => [payload.entered, payload.retry])).toEqual([
      ['2026-01-05T09:00:00.000Z', 0],
      ['2026-01-05T09:00:00.000Z', 1],
      ['2026-01-05T09:00:00.000Z', 2],
    ])
  })

  test('the next visit begins anew', async () => {
    const { start, clock, engine, calls, token } = await bench(retried, busyTwice)
    await start()
    await clock.advance(10_000)
    engine.sendTaskSuccess({ taskToken: token(), output: '{}' })
    await clock.settle()
    expect(calls.at(-1)!.payload).toMatchObject({ entered: '2026-01-05T09:00:10.000Z', retry: 0 })
  })
})

describe('a catcher', () => {
  const caught = { Type: 'Pass', End: true }

  test('gives the error and its cause to the next state', async () => {
    const { start, output } = await bench(
      { A: task({ Catch: [{ ErrorEquals: ['Refused.Lock'], Next: 'B' }] }), B: caught },
      { step: () => failing('Refused.Lock') },
    )
    expect(output(await start())).toEqual({
      Error: 'Refused.Lock',
      Cause: '{"errorType":"Refused.Lock","errorMessage":"no luck"}',
    })
  })

  test('evaluates its own Output and Assign with $states.errorOutput', async () => {
    const Catch = [
      {
        ErrorEquals: ['States.ALL'],
        Next: 'B',
        Assign: { why: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
        Output: { error: '{% $states.errorOutput.Error %}', input: '{% $states.input.a %}' },
      },
    ]
    const { start, output } = await bench(
      { A: task({ Catch }), B: { ...caught, Output: '{% [$states.input, $why] %}' } },
      { step: () => failing('Refused.Lock', 'no lines') },
    )
    expect(output(await start({ a: 1 }))).toEqual([{ error: 'Refused.Lock', input: 1 }, 'no lines'])
  })

  test('comes after the retries', async () => {
    const { start, clock, calls, status } = await bench(
      {
        A: task({
          Retry: [{ ErrorEquals: ['Later.Busy'], MaxAttempts: 2 }],
          Catch: [{ ErrorEquals: ['Later.Busy'], Next: 'B' }],
        }),
        B: caught,
      },
      { step: () => failing('Later.Busy') },
    )
    const executionArn = await start()
    await clock.advance(10_000)
    expect({ calls: calls.length, status: status(executionArn) }).toEqual({ calls: 3, status: 'SUCCEEDED' })
  })

  test('that comes first and takes the error is the one', async () => {
    const { start, output } = await bench(
      {
        A: task({
          Catch: [
            { ErrorEquals: ['Other'], Next: 'B', Output: 1 },
            { ErrorEquals: ['Refused.Lock'], Next: 'B', Output: 2 },
            { ErrorEquals: ['States.ALL'], Next: 'B', Output: 3 },
          ],
        }),
        B: caught,
      },
      { step: () => failing('Refused.Lock') },
    )
    expect(output(await start())).toBe(2)
  })

  test('sees an empty Cause after a time-out', async () => {
    const { start, clock, output } = await bench(
      { A: wait({ TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }] }), B: caught },
      { open: () => ok({}) },
    )
    const executionArn = await start()
    await clock.advance(1_000)
    expect(output(executionArn)).toEqual({ Error: 'States.Timeout', Cause: '' })
  })

  test('whose own expression fails ends the execution', async () => {
    const { start, engine } = await bench(
      {
        A: task({
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B', Output: '{% $states.input.absent %}' }],
        }),
        B: caught,
      },
      { step: () => failing('Refused.Lock') },
    )
    const { error, cause } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.QueryEvaluationError')
    expect(cause).toContain("'Catch[0]/Output'")
  })

  test('may catch an Argument that gives nothing', async () => {
    const { start, output } = await bench({
      A: task({
        Arguments: { FunctionName: 'step', Payload: '{% $states.input.absent %}' },
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
      }),
      B: caught,
    })
    expect(output(await start())).toMatchObject({ Error: 'States.QueryEvaluationError' })
  })

  test('leaves the state with what it gives', async () => {
    const { start, events } = await bench(
      { A: task({ Catch: [{ ErrorEquals: ['Refused.Lock'], Next: 'B' }] }), B: caught },
      { step: () => failing('Refused.Lock') },
    )
    expect(events(await start()).slice(4, 7)).toEqual(['TaskFailed', 'TaskStateExited', 'PassStateEntered'])
  })
})

describe('an error is taken by', () => {
  test.each([
    ['States.ALL', 'Broken.Sum', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.TaskFailed', 'Broken.Sum', true],
    ['States.TaskFailed', 'States.QueryEvaluationError', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.Runtime', 'States.Runtime', false],
    ['Broken.Sum', 'Broken.Sum', true],
    ['Broken', 'Broken.Sum', false],
    ['broken.sum', 'Broken.Sum', false],
  ])('%s when it is %s: %s', (name, error, taken) => {
    expect(takesError([name], error)).toBe(taken)
  })
})

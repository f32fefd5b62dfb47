import { describe, expect, test } from 'vitest'

import { bench, failing, heldBack, ok, refusal, task, wait } from './engine-under-test.ts'

const day = 86_400_000
const answer = (n: number) => JSON.stringify({ signal: 'send', n })

describe('a task that invokes a function', () => {
  test('sees the answer with its status and version', async () => {
    const { start, output } = await bench(
      { A: task({ Output: '{% $states.result %}' }) },
      { step: () => ok({ a: 1 }) },
    )
    expect(output(await start())).toEqual({ ExecutedVersion: '$LATEST', Payload: { a: 1 }, StatusCode: 200 })
  })

  test('without Output passes the whole result on', async () => {
    const { start, output } = await bench({ A: { ...task(), Output: undefined } }, { step: () => ok('x') })
    expect(output(await start())).toMatchObject({ Payload: 'x' })
  })

  test('hands the evaluated arguments over', async () => {
    const { start, calls } = await bench(
      {
        A: task({
          Arguments: { FunctionName: "{% 'st' & 'ep' %}", Payload: { v: '{% $states.input.v + 1 %}' } },
        }),
      },
      { step: () => ok(null) },
    )
    await start({ v: 1 })
    expect(calls).toMatchObject([{ name: 'step', payload: { v: 2 } }])
  })

  test('without a Payload hands over the empty object', async () => {
    const { start, calls } = await bench(
      { A: task({ Arguments: { FunctionName: 'step' } }) },
      { step: () => ok(1) },
    )
    await start({ v: 1 })
    expect(calls).toMatchObject([{ payload: {} }])
  })

  test('takes an answer of nothing as null', async () => {
    const { start, output } = await bench({ A: task() }, { step: () => ok(undefined) })
    expect(output(await start())).toBe(null)
  })

  test('assigns from the result', async () => {
    const { start, output } = await bench(
      {
        A: task({ Assign: { n: '{% $states.result.Payload.n %}' }, Output: {}, Next: 'B' }),
        B: { Type: 'Pass', Output: '{% $n %}', End: true },
      },
      { step: () => ok({ n: 4 }) },
    )
    expect(output(await start())).toBe(4)
  })

  test('leaves the events that the console shows', async () => {
    const { start, engine } = await bench({ A: task({ TimeoutSeconds: 60 }) }, { step: () => ok({ a: 1 }) })
    const { events } = engine.getExecutionHistory({ executionArn: await start({ in: 1 }) })
    const at = new Date('2026-01-05T09:00:00Z').getTime()
    const resource = { resourceType: 'lambda', resource: 'invoke' }
    const result = '{"ExecutedVersion":"$LATEST","Payload":{"a":1},"StatusCode":200}'
    const whole = { truncated: false }
    expect(events).toEqual([
      {
        id: 1,
        previousEventId: 0,
        timestamp: at,
        type: 'ExecutionStarted',
        executionStartedEventDetails: {
          input: '{"in":1}',
          inputDetails: whole,
          roleArn: 'arn:aws:iam::000000000000:role/local',
        },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp: at,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'A', input: '{"in":1}', inputDetails: whole },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp: at,
        type: 'TaskScheduled',
        taskScheduledEventDetails: {
          ...resource,
          region: 'eu-central-1',
          parameters: '{"FunctionName":"step","Payload":{"in":1}}',
          timeoutInSeconds: 60,
        },
      },
      { id: 4, previousEventId: 3, timestamp: at, type: 'TaskStarted', taskStartedEventDetails: resource },
      {
        id: 5,
        previousEventId: 4,
        timestamp: at,
        type: 'TaskSucceeded',
        taskSucceededEventDetails: { ...resource, output: result, outputDetails: whole },
      },
      {
        id: 6,
        previousEventId: 5,
        timestamp: at,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: 'A', output: '{"a":1}', outputDetails: whole },
      },
      {
        id: 7,
        previousEventId: 6,
        timestamp: at,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '{"a":1}', outputDetails: whole },
      },
    ])
  })

  test('whose function fails fails the execution with the name and the JSON of the error', async () => {
    const { start, engine, events } = await bench(
      { A: task() },
      { step: () => failing('Broken.Sum', 'sums differ') },
    )
    const executionArn = await start()
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      status: 'FAILED',
      error: 'Broken.Sum',
      cause: '{"errorType":"Broken.Sum","errorMessage":"sums differ"}',
    })
    expect(events(executionArn).slice(-2)).toEqual(['TaskFailed', 'ExecutionFailed'])
  })

  test('whose call throws is one of which nothing is known', async () => {
    const { start, engine } = await bench(
      { A: task() },
      {
        step: () => {
          throw new Error('socket hang up')
        },
      },
    )
    const description = engine.describeExecution({ executionArn: await start() })
    expect(description).toMatchObject({ error: 'Lambda.Unknown', cause: 'socket hang up' })
  })

  test('whose function name is no text fails by name', async () => {
    const { start, engine } = await bench({ A: task({ Arguments: { FunctionName: '{% 1 %}' } }) })
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('Lambda.ValidationException')
  })

  test('whose answer is above 256 KiB exceeds the data limit', async () => {
    const { start, engine } = await bench({ A: task() }, { step: () => ok('é'.repeat(131_100)) })
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.DataLimitExceeded')
  })

  test('whose Output is above 256 KiB exceeds the data limit', async () => {
    const { start, engine } = await bench(
      { A: task({ Output: "{% $pad('x', 262143) %}" }) },
      { step: () => ok(1) },
    )
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.DataLimitExceeded')
  })

  test('whose Output is just 256 KiB passes', async () => {
    const { start, status } = await bench(
      { A: task({ Output: "{% $pad('x', 262142) %}" }) },
      { step: () => ok(1) },
    )
    expect(status(await start())).toBe('SUCCEEDED')
  })

  test('whose Arguments are above 256 KiB is not called', async () => {
    const { start, engine, calls } = await bench(
      { A: task({ Arguments: { FunctionName: 'step', Payload: "{% $pad('x', 262143) %}" } }) },
      { step: () => ok(1) },
    )
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect({ error, calls }).toEqual({ error: 'States.DataLimitExceeded', calls: [] })
  })

  test('whose Assign is above 256 KiB exceeds the data limit', async () => {
    const Assign = { a: "{% $pad('x', 140000) %}", b: "{% $pad('x', 140000) %}" }
    const { start, engine } = await bench({ A: task({ Assign }) }, { step: () => ok(1) })
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.DataLimitExceeded')
  })
})

/** A Task that sends a message. */
const queue = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage',
  Arguments: {
    QueueUrl: 'http://127.0.0.1:4/q.fifo',
    MessageBody: { v: 1, id: '{% $states.input.id %}' },
    MessageGroupId: 'group',
    MessageDeduplicationId: '{% $states.input.id %}',
  },
  End: true,
}

describe('a task that sends a message', () => {
  test('sends its body as JSON text and sees the response', async () => {
    const { start, messages, output } = await bench({ A: queue })
    expect(output(await start({ id: 'e-1' }))).toEqual({ MessageId: 'm1', MD5OfMessageBody: 'x' })
    expect(messages).toEqual([
      {
        QueueUrl: 'http://127.0.0.1:4/q.fifo',
        MessageBody: '{"v":1,"id":"e-1"}',
        MessageGroupId: 'group',
        MessageDeduplicationId: 'e-1',
      },
    ])
  })

  test('fails by the name of the error', async () => {
    const { start, engine } = await bench(
      { A: queue },
      {},
      { sqs: () => ({ error: 'SQS.SqsException', cause: 'no queue' }) },
    )
    const description = engine.describeExecution({ executionArn: await start({ id: 'e-1' }) })
    expect(description).toMatchObject({ error: 'SQS.SqsException', cause: 'no queue' })
  })
})

describe('a task that waits for its token', () => {
  const open = { open: () => ok({ stored: true }) }

  test('waits thirty days and goes on with what the token brings', async () => {
    const { start, clock, engine, token, status, output } = await bench({ A: wait() }, open)
    const executionArn = await start()
    await clock.advance(30 * day)
    expect(status(executionArn)).toBe('RUNNING')
    engine.sendTaskSuccess({ taskToken: token(), output: answer(3) })
    await clock.settle()
    expect(output(executionArn)).toEqual({ signal: 'send', n: 3 })
  })

  test('hands out tokens of more than 500 characters that hold + and / and =', async () => {
    const { start, token } = await bench({ A: wait() }, open)
    await start()
    expect(token().length).toBeGreaterThan(500)
    expect(token().length).toBeLessThanOrEqual(2_048)
    expect(token()).toMatch(/\+.*\/.*=/)
  })

  test('takes a token once: a second use is TaskTimedOut', async () => {
    const { start, clock, engine, token } = await bench({ A: wait({ Next: 'B' }), B: wait() }, open)
    await start()
    const taskToken = token()
    engine.sendTaskSuccess({ taskToken, output: '{}' })
    expect(refusal(() => engine.sendTaskSuccess({ taskToken, output: '{}' }))).toBe('TaskTimedOut')
    await clock.settle()
    expect(refusal(() => engine.sendTaskFailure({ taskToken }))).toBe('TaskTimedOut')
    expect(refusal(() => engine.sendTaskHeartbeat({ taskToken }))).toBe('TaskTimedOut')
  })

  test('refuses a token after its execution has ended with TaskTimedOut', async () => {
    const { start, engine, token } = await bench({ A: wait() }, open)
    const executionArn = await start()
    engine.stopExecution({ executionArn })
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: token(), output: '{}' }))).toBe('TaskTimedOut')
  })

  test.each([
    ['cut', (token: string) => token.slice(0, -4)],
    ['altered', (token: string) => token.replace(/[A-Z]/, '0')],
    ['made up', () => 'made-up'],
    ['read from a URL that spoiled it', (token: string) => token.replaceAll('+', ' ')],
  ])('refuses a token that was %s with InvalidToken', async (_how, spoil) => {
    const { start, engine, token } = await bench({ A: wait() }, open)
    await start()
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: spoil(token()), output: '{}' }))).toBe(
      'InvalidToken',
    )
  })

  test('refuses a token of another engine with InvalidToken', async () => {
    const other = await bench({ A: wait() }, open)
    await other.start({}, 'elsewhere')
    const { engine } = await bench({ A: wait() }, open)
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: other.token(), output: '{}' }))).toBe(
      'InvalidToken',
    )
  })

  test.each([
    ['is not JSON', '{'],
    ['is above 262,144 bytes of UTF-8', JSON.stringify('é'.repeat(131_072))],
  ])('refuses an output that %s and stays open', async (_how, output) => {
    const { start, engine, token, status } = await bench({ A: wait() }, open)
    const executionArn = await start()
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: token(), output }))).toBe('InvalidOutput')
    engine.sendTaskHeartbeat({ taskToken: token() })
    expect(status(executionArn)).toBe('RUNNING')
  })

  test('takes an output of just 262,144 bytes', async () => {
    const { start, clock, engine, token, status } = await bench({ A: wait() }, open)
    const executionArn = await start()
    engine.sendTaskSuccess({ taskToken: token(), output: JSON.stringify('x'.repeat(262_142)) })
    await clock.settle()
    expect(status(executionArn)).toBe('SUCCEEDED')
  })

  test('fails with the error and cause that the token brings', async () => {
    const { start, clock, engine, token } = await bench({ A: wait() }, open)
    const executionArn = await start()
    engine.sendTaskFailure({ taskToken: token(), error: 'Broken.Relay', cause: 'why' })
    await clock.settle()
    expect(engine.describeExecution({ executionArn })).toMatchObject({ error: 'Broken.Relay', cause: 'why' })
  })

  test.each([{ error: 'x'.repeat(257) }, { cause: 'x'.repeat(32_769) }])(
    'refuses a failure that is too long',
    async (failure) => {
      const { start, engine, token } = await bench({ A: wait() }, open)
      await start()
      expect(refusal(() => engine.sendTaskFailure({ taskToken: token(), ...failure }))).toBe(
        'ValidationException',
      )
    },
  )

  test('whose function fails has failed, though its token was handed out', async () => {
    const { start, engine, token } = await bench({ A: wait() }, { open: () => failing('Broken.Store') })
    const executionArn = await start()
    expect(engine.describeExecution({ executionArn }).error).toBe('Broken.Store')
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: token(), output: '{}' }))).toBe('TaskTimedOut')
  })

  test('counts a token that comes before the function has answered, whatever the function then says', async () => {
    const { start, clock, engine, events, output } = await bench(
      { A: wait() },
      {
        open: async ({ token }) => {
          engine.sendTaskSuccess({ taskToken: token, output: '"early"' })
          return await Promise.resolve(failing('Broken.Late'))
        },
      },
    )
    const executionArn = await start()
    await clock.settle()
    expect(output(executionArn)).toBe('early')
    expect(events(executionArn)).not.toContain('TaskSubmitted')
  })

  test('makes a new token for each attempt and closes the one before', async () => {
    const { start, clock, engine, calls, status } = await bench(
      { A: wait({ Retry: [{ ErrorEquals: ['Later.Busy'] }] }) },
      { open: (_payload, call) => (call === 1 ? failing('Later.Busy') : ok({})) },
    )
    const executionArn = await start()
    await clock.advance(1_000)
    const [first, second] = calls.map(({ payload }) => payload.token) as [string, string]
    expect(first).not.toBe(second)
    expect(refusal(() => engine.sendTaskSuccess({ taskToken: first, output: '{}' }))).toBe('TaskTimedOut')
    engine.sendTaskSuccess({ taskToken: second, output: '{}' })
    await clock.settle()
    expect(status(executionArn)).toBe('SUCCEEDED')
  })
})

describe('a time limit', () => {
  const open = { open: () => ok({}), step: () => ok({}) }

  test('ends a wait with States.Timeout at its second', async () => {
    const { start, clock, engine, status } = await bench({ A: wait({ TimeoutSeconds: 60 }) }, open)
    const executionArn = await start()
    await clock.advance(59_999)
    expect(status(executionArn)).toBe('RUNNING')
    await clock.advance(1)
    const { error, cause } = engine.describeExecution({ executionArn })
    expect({ error, cause }).toEqual({ error: 'States.Timeout', cause: undefined })
  })

  test('may be computed to an absolute deadline', async () => {
    const until = '$toMillis($states.input.until) - $toMillis($states.context.State.EnteredTime)'
    const { start, clock, calls, status } = await bench(
      {
        A: wait({
          TimeoutSeconds: `{% $max([1, $floor((${until}) / 1000)]) %}`,
          Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }],
        }),
        B: task(),
      },
      open,
    )
    const executionArn = await start({ until: '2026-02-04T09:00:00Z' })
    await clock.advance(40 * day)
    expect(status(executionArn)).toBe('SUCCEEDED')
    expect(calls.at(-1)!.at).toBe(Date.parse('2026-02-04T09:00:00Z'))
  })

  test.each(['0', '1.5', '-1', "'60'", 'null', '100000000'])(
    'that computes to %s is an evaluation error',
    async (text) => {
      const { start, engine, calls } = await bench({ A: wait({ TimeoutSeconds: `{% ${text} %}` }) }, open)
      const { error } = engine.describeExecution({ executionArn: await start() })
      expect({ error, calls }).toEqual({ error: 'States.QueryEvaluationError', calls: [] })
    },
  )

  test('ends a function that does not answer, and drops its late answer', async () => {
    const { run, answer: answerLate } = heldBack(ok({}))
    const { start, clock, events, status } = await bench(
      { A: task({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }] }), B: wait() },
      { ...open, step: run },
    )
    const executionArn = await start()
    await clock.advance(5_000)
    const before = events(executionArn)
    answerLate()
    await clock.settle()
    expect(events(executionArn)).toEqual(before)
    expect(status(executionArn)).toBe('RUNNING')
  })

  test('of the machine ends the execution as TIMED_OUT', async () => {
    const { start, clock, engine, events } = await bench({ A: wait() }, open, {
      top: { TimeoutSeconds: 100 },
    })
    const executionArn = await start()
    await clock.advance(100_000)
    const { status, error, stopDate, startDate } = engine.describeExecution({ executionArn })
    expect({ status, error, after: stopDate! - startDate }).toEqual({
      status: 'TIMED_OUT',
      error: undefined,
      after: 100_000,
    })
    expect(events(executionArn).at(-1)).toBe('ExecutionTimedOut')
  })

  test('of one year ends every execution', async () => {
    const { start, clock, status } = await bench({ A: wait() }, open)
    const executionArn = await start()
    await clock.advance(365 * day - 1)
    expect(status(executionArn)).toBe('RUNNING')
    await clock.advance(1)
    expect(status(executionArn)).toBe('TIMED_OUT')
  })
})

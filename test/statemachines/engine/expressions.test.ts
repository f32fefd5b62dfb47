import { describe, expect, test } from 'vitest'

import { bench, done } from './engine-under-test.ts'

/** What a Pass state gives for this Output. */
async function evaluated(output: unknown, input: unknown = {}): Promise<unknown> {
  const { start, output: of } = await bench({ A: { Type: 'Pass', Output: output, End: true } })
  return of(await start(input, 'one'))
}

/** The failure of a Pass state with this Output. */
async function failed(output: unknown, input: unknown = {}) {
  const { start, engine } = await bench({ A: { Type: 'Pass', Output: output, End: true } })
  const { error, cause } = engine.describeExecution({ executionArn: await start(input) })
  return { error, cause }
}

describe('an expression', () => {
  test('sees the input', async () => {
    expect(await evaluated('{% $states.input.a.b %}', { a: { b: 7 } })).toBe(7)
  })

  test('sees the execution, the state and the machine', async () => {
    const context = {
      id: '{% $states.context.Execution.Id %}',
      name: '{% $states.context.Execution.Name %}',
      input: '{% $states.context.Execution.Input.a %}',
      redrives: '{% $states.context.Execution.RedriveCount %}',
      started: '{% $states.context.Execution.StartTime %}',
      state: '{% $states.context.State.Name %}',
      entered: '{% $states.context.State.EnteredTime %}',
      machine: '{% $states.context.StateMachine.Id %}',
      machineName: '{% $states.context.StateMachine.Name %}',
    }
    expect(await evaluated(context, { a: 1 })).toEqual({
      id: 'arn:aws:states:eu-central-1:111122223333:execution:Cycle:one',
      name: 'one',
      input: 1,
      redrives: 0,
      started: '2026-01-05T09:00:00.000Z',
      state: 'A',
      entered: '2026-01-05T09:00:00.000Z',
      machine: 'arn:aws:states:eu-central-1:111122223333:stateMachine:Cycle',
      machineName: 'Cycle',
    })
  })

  test('may stand anywhere in a value, beside plain text that looks like a path', async () => {
    const output = { a: [1, { b: '{% 1 + 1 %}' }], c: '$.not.a.path', d: null, e: '$states.input' }
    expect(await evaluated(output)).toEqual({
      a: [1, { b: 2 }],
      c: '$.not.a.path',
      d: null,
      e: '$states.input',
    })
  })

  test('gives plain arrays', async () => {
    expect(await evaluated('{% $states.input.a.b %}', { a: [{ b: 1 }, { b: 2 }] })).toEqual([1, 2])
  })

  test('that gives null gives a value', async () => {
    expect(await evaluated({ a: '{% $states.input.a %}' }, { a: null })).toEqual({ a: null })
  })

  test.each([
    ['$parse(\'{"a":[1]}\')', { a: [1] }],
    ['$partition([1, 2, 3, 4, 5], 2.9)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$range(1, 1, 1)', 1],
    ["$hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['$now()', '2026-01-05T09:00:00.000Z'],
    ['$millis()', Date.UTC(2026, 0, 5, 9)],
    ["$toMillis('2026-01-05T09:00:00.000Z')", Date.UTC(2026, 0, 5, 9)],
    ['$type($uuid())', 'string'],
    ['$random() < 1', true],
  ])('may call %s', async (text, value) => {
    expect(await evaluated(`{% ${text} %}`)).toEqual(value)
  })

  test('gives UUIDs of version 4', async () => {
    expect(await evaluated('{% $uuid() %}')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })
})

describe('an expression fails the state with States.QueryEvaluationError when', () => {
  test('it gives nothing, naming the field', async () => {
    expect(await failed({ a: { b: [1, '{% $states.input.absent %}'] } })).toEqual({
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression " +
        "'$states.input.absent' specified for the field 'Output/a/b[1]' returned nothing (undefined).",
    })
  })

  test.each([
    ["'a' + 1"],
    ["$parse('{')"],
    ["$error('no')"],
    ['function($x) { $x }'],
    ['$sum'],
    ['{ "f": ($g := function() { $g() }; $g) }'],
    ['$range(1, 2, 0)'],
    ["$hash('a', 'CRC')"],
    ['($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(200))'],
  ])('it is %s', async (text) => {
    expect((await failed(`{% ${text} %}`)).error).toBe('States.QueryEvaluationError')
  })

  test('with an event that says where', async () => {
    const { start, engine } = await bench({
      A: { Type: 'Pass', Output: '{% $states.input.absent %}', End: true },
    })
    const { events } = engine.getExecutionHistory({ executionArn: await start() })
    expect(events.map((event) => event.type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'EvaluationFailed',
      'ExecutionFailed',
    ])
    expect(events[2]!['evaluationFailedEventDetails']).toMatchObject({ state: 'A', location: 'Output' })
  })
})

describe('variables', () => {
  const show = { Type: 'Pass', Output: '{% {"x": $x, "y": $y} %}', End: true }

  test('are seen by every later state', async () => {
    const { start, output } = await bench({
      A: { Type: 'Pass', Assign: { x: '{% $states.input.a %}', y: { z: 1 } }, Output: {}, Next: 'B' },
      B: { Type: 'Pass', Next: 'C' },
      C: show,
    })
    expect(output(await start({ a: 5 }))).toEqual({ x: 5, y: { z: 1 } })
  })

  test('are assigned all at once, from the values before', async () => {
    const { start, output } = await bench({
      A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Next: 'C' },
      C: show,
    })
    expect(output(await start())).toEqual({ x: 2, y: 1 })
  })

  test('have their old values in the Output of the state that assigns them', async () => {
    const { start, output } = await bench({
      A: { Type: 'Pass', Assign: { x: 1, y: 1 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: 2 }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: '{% [$states.input, $x, $y] %}', End: true },
    })
    expect(output(await start())).toEqual([1, 2, 1])
  })

  test('that are not yet assigned give nothing, which is an error', async () => {
    const { start, status } = await bench({
      A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.skip %}', Next: 'C' }], Default: 'B' },
      B: { Type: 'Pass', Assign: { x: 1 }, Next: 'C' },
      C: { Type: 'Pass', Output: '{% $x %}', End: true },
    })
    expect(status(await start({ skip: true }))).toBe('FAILED')
    expect(status(await start({ skip: false }))).toBe('SUCCEEDED')
  })
})

describe('a Choice', () => {
  const choice = {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'ruled', Assign: { by: 'rule' } },
      { Condition: '{% $states.input.n > 5 %}', Next: 'Big' },
    ],
    Default: 'Big',
    Output: 'default',
    Assign: { by: 'default' },
  }
  const big = { Type: 'Pass', Output: '{% [$states.input, $exists($by) ? $by : null] %}', End: true }

  test('takes the first rule that holds, with its own Output and Assign', async () => {
    const { start, output } = await bench({ A: choice, Big: big })
    expect(output(await start({ n: 11 }))).toEqual(['ruled', 'rule'])
  })

  test('takes nothing of the Default when a rule holds', async () => {
    const { start, output } = await bench({ A: choice, Big: big })
    expect(output(await start({ n: 6 }))).toEqual([{ n: 6 }, null])
  })

  test('takes the Default with the Output and Assign of the state', async () => {
    const { start, output } = await bench({ A: choice, Big: big })
    expect(output(await start({ n: 1 }))).toEqual(['default', 'default'])
  })

  test('without a rule that holds and without a Default fails the execution', async () => {
    const { Default: _, ...rest } = choice
    const { start, engine } = await bench({ A: rest, Big: big })
    const { error } = engine.describeExecution({ executionArn: await start({ n: 1 }) })
    expect(error).toBe('States.NoChoiceMatched')
  })

  test('refuses a condition that is no boolean', async () => {
    const { start, engine } = await bench({
      A: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'B' }], Default: 'B' },
      B: done,
    })
    const { error, cause } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.QueryEvaluationError')
    expect(cause).toContain('Choices[0]/Condition')
  })
})

describe('an end', () => {
  test('by Succeed gives its Output', async () => {
    const { start, output } = await bench({
      A: { Type: 'Succeed', Output: { outcome: '{% $states.input.o %}' } },
    })
    expect(output(await start({ o: 'synced' }))).toEqual({ outcome: 'synced' })
  })

  test('by Fail has Error and Cause from expressions', async () => {
    const { start, engine } = await bench({
      A: { Type: 'Fail', Error: '{% $states.input.Error %}', Cause: '{% $string($states.input) %}' },
    })
    const description = engine.describeExecution({ executionArn: await start({ Error: 'Broken.Sum' }) })
    expect(description).toMatchObject({
      status: 'FAILED',
      error: 'Broken.Sum',
      cause: '{"Error":"Broken.Sum"}',
    })
  })

  test('by Fail with an Error that is no text is an evaluation error', async () => {
    const { start, engine } = await bench({ A: { Type: 'Fail', Error: '{% 1 %}' } })
    const { error } = engine.describeExecution({ executionArn: await start() })
    expect(error).toBe('States.QueryEvaluationError')
  })
})

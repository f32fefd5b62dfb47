import { describe, expect, test } from 'vitest'

import { DefinitionRefused, loadDefinition } from '../../../local/engine/definition.ts'
import { done, task, wait } from './engine-under-test.ts'

const machine = (states: Record<string, unknown>, top: Record<string, unknown> = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...top,
})

function refusals(definition: unknown): string[] {
  try {
    loadDefinition(definition)
  } catch (error) {
    if (error instanceof DefinitionRefused) return error.message.split('\n')
    throw error
  }
  return []
}

/** One Pass state with this Output. */
const output = (text: unknown) => machine({ A: { Type: 'Pass', Output: text, End: true } })
const expression = (text: string) => output(`{% ${text} %}`)

describe('a definition within the supported part', () => {
  test('is loaded from JSON text', () => {
    expect(loadDefinition(JSON.stringify(machine({ A: done }))).startAt).toBe('A')
  })

  test('may use every field of the five state types', () => {
    const definition = machine(
      {
        'Lock budget': task({
          Comment: 'why',
          QueryLanguage: 'JSONata',
          TimeoutSeconds: 60,
          Assign: { company: '{% $states.context.Execution.Input.company %}', three: 3 },
          Retry: [
            {
              ErrorEquals: ['Later.Busy', 'Lambda.Unknown'],
              IntervalSeconds: 2,
              MaxAttempts: 6,
              BackoffRate: 2,
              MaxDelaySeconds: 60,
              JitterStrategy: 'FULL',
              Comment: 'why',
            },
            { ErrorEquals: ['States.ALL'] },
          ],
          Catch: [
            {
              ErrorEquals: ['Refused.Lock'],
              Next: 'Chosen',
              Assign: { why: '{% $states.errorOutput.Error %}' },
            },
            { ErrorEquals: ['States.ALL'], Next: 'Broken', Output: '{% $states.errorOutput %}' },
          ],
          Next: 'Wait',
        }),
        Wait: wait({ TimeoutSeconds: '{% $three * 20 %}', Next: 'Queue' }),
        Queue: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage',
          Arguments: {
            QueueUrl: 'http://127.0.0.1/q',
            MessageBody: { company: '{% $company %}' },
            MessageGroupId: 'g',
            MessageDeduplicationId: 'd',
          },
          Next: 'Shape',
        },
        Shape: { Type: 'Pass', Output: { a: [1, '{% $why %}'] }, Assign: { why: null }, Next: 'Chosen' },
        Chosen: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.a = 1 %}', Next: 'Done', Output: 1, Assign: { three: 4 } },
          ],
          Default: 'Done',
          Output: {},
        },
        Done: { Type: 'Succeed', Output: { outcome: 'done' } },
        Broken: {
          Type: 'Fail',
          Error: "{% $exists($states.input.Error) ? $states.input.Error : 'Broken.Unknown' %}",
          Cause: '{% $string($states.input) %}',
        },
      },
      { Comment: 'all of it', TimeoutSeconds: 1000 },
    )
    expect(refusals(definition)).toEqual([])
  })

  test.each([
    '$toMillis($states.context.State.EnteredTime)',
    '$max([1, $floor(2.5)])',
    "$parse('[1]')[0]",
    '$partition([1, 2, 3], 2)',
    '$range(1, 5, 2)',
    "$hash('a', 'SHA-256')",
    '$uuid()',
    '$random()',
    '$states.input.items[price > 3 and $count(tags) > 1].{"n": name, "up": %.total}',
    '($f := function($x, $y) { $x + $y }; $f(1, 2))',
    '$states.input.items@$i.parts#$p.{ "i": $i.id, "p": $p }',
    '$states.input ~> |parts|{"a": 1}|',
    '$map([1, 2], $string)',
    "$states.input.text ~> /(?:a|b)??c/ ? 1 : 'x ?: y ?? z'",
    '$states.input.items^(>price, name)',
    '$states.input.items{name: $sum(price)}',
    '/* why */ $states.context.Execution.Input.a.b[0]',
  ])('may use %s', (text) => {
    expect(refusals(expression(text))).toEqual([])
  })
})

describe('a definition beyond it is refused with the path of', () => {
  test('a field of a state type that is not supported', () => {
    const states = { 'Queue for Sage': { Type: 'Map', ItemProcessor: {}, End: true } }
    expect(refusals(machine(states))).toContain('States.Queue for Sage.ItemProcessor: not supported')
  })

  test.each(['Map', 'Parallel', 'Wait', 'Nonsense'])('the state type %s', (type) => {
    expect(refusals(machine({ A: { Type: type, End: true } }))).toContain(
      `States.A.Type: ${type} is not supported`,
    )
  })

  test.each([
    ['HeartbeatSeconds', { HeartbeatSeconds: 10 }],
    ['TimeoutSecondsPath', { TimeoutSecondsPath: '$.a' }],
    ['Credentials', { Credentials: {} }],
    ['InputPath', { InputPath: '$.a' }],
    ['OutputPath', { OutputPath: '$.a' }],
    ['ResultPath', { ResultPath: '$.a' }],
    ['ResultSelector', { ResultSelector: {} }],
    ['Parameters', { Parameters: {} }],
    ['Retry[0].Unknown', { Retry: [{ ErrorEquals: ['A'], Unknown: 1 }] }],
    ['Catch[0].ResultPath', { Catch: [{ ErrorEquals: ['A'], Next: 'B', ResultPath: '$' }] }],
  ])('the field %s of a Task', (field, fields) => {
    expect(refusals(machine({ A: task({ ...fields, Next: 'B' }), B: done }))).toEqual([
      `States.A.${field}: not supported`,
    ])
  })

  test.each([
    ['Version', { Version: '1.0' }],
    ['Unknown', { Unknown: 1 }],
  ])('the field %s of the machine', (field, top) => {
    expect(refusals(machine({ A: done }, top))).toEqual([`${field}: not supported`])
  })

  test.each([['JSONPath'], [undefined]])('the query language %s', (language) => {
    expect(refusals(machine({ A: done }, { QueryLanguage: language }))[0]).toMatch(/^QueryLanguage: /)
  })

  test('the query language of a state', () => {
    expect(refusals(machine({ A: { ...done, QueryLanguage: 'JSONPath' } }))[0]).toMatch(
      /^States\.A\.QueryLanguage: /,
    )
  })

  test.each([
    'arn:aws:states:::lambda:invoke.sync',
    'arn:aws:states:::dynamodb:putItem',
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    'arn:aws:lambda:eu-central-1:111122223333:function:f',
    'arn:aws:states:::aws-sdk:sfn:startExecution',
  ])('the resource %s', (resource) => {
    expect(refusals(machine({ A: task({ Resource: resource }) }))).toEqual([
      'States.A.Resource: this resource is not supported',
    ])
  })

  test('an argument of the service that is not supported', () => {
    const state = task({ Arguments: { FunctionName: 'f', InvocationType: 'Event' } })
    expect(refusals(machine({ A: state }))).toEqual(['States.A.Arguments.InvocationType: not supported'])
  })

  test('an argument of the service that is missing', () => {
    expect(refusals(machine({ A: task({ Arguments: { Payload: 1 } }) }))).toEqual([
      'States.A.Arguments.FunctionName: missing',
    ])
  })

  test('a wait that hands its token to nobody', () => {
    expect(refusals(machine({ A: wait({ Arguments: { FunctionName: 'f' } }) }))[0]).toMatch(
      /^States\.A\.Arguments: /,
    )
  })

  test.each([
    ['Next', { A: task({ Next: 'Nowhere' }) }],
    [
      'Default',
      {
        A: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'B' }], Default: 'Nowhere' },
        B: done,
      },
    ],
    [
      'Choices[0].Next',
      {
        A: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Nowhere' }], Default: 'B' },
        B: done,
      },
    ],
    ['Catch[0].Next', { A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Nowhere' }] }) }],
  ])('a target that is missing in %s', (field, states) => {
    expect(refusals(machine(states))).toContain(`States.A.${field}: there is no state Nowhere`)
  })

  test('a start that is missing', () => {
    expect(refusals(machine({ A: done }, { StartAt: 'B' }))).toContain('StartAt: there is no state B')
  })

  test('a state that no other leads to', () => {
    expect(refusals(machine({ A: done, B: done }))).toEqual(['States.B: no other state leads to it'])
  })

  test('states that never end', () => {
    const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }
    expect(refusals(machine(states))).toEqual(['States: no state ends the execution'])
  })

  test('a state with neither Next nor End', () => {
    expect(refusals(machine({ A: { Type: 'Pass' }, B: done }))).toContain(
      'States.A: needs either Next or End',
    )
  })

  test('a state with both Next and End', () => {
    expect(refusals(machine({ A: { Type: 'Pass', Next: 'B', End: true }, B: done }))).toEqual([
      'States.A: needs either Next or End',
    ])
  })

  test.each(['Retry', 'Catch'])('States.ALL beside other names in %s', (field) => {
    const rule = { ErrorEquals: ['States.ALL', 'Later.Busy'], ...(field === 'Catch' && { Next: 'B' }) }
    expect(refusals(machine({ A: task({ [field]: [rule], Next: 'B' }), B: done }))).toEqual([
      `States.A.${field}[0].ErrorEquals: States.ALL must stand alone`,
    ])
  })

  test('States.ALL before another retrier', () => {
    const Retry = [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['Later.Busy'] }]
    expect(refusals(machine({ A: task({ Retry }) }))).toEqual([
      'States.A.Retry[0].ErrorEquals: States.ALL must be the last',
    ])
  })

  test('a reserved error name that no task reports', () => {
    const Retry = [{ ErrorEquals: ['States.TimeOut'] }]
    expect(refusals(machine({ A: task({ Retry }) }))).toEqual([
      'States.A.Retry[0].ErrorEquals: States.TimeOut is not supported',
    ])
  })

  test('a time limit of zero', () => {
    expect(refusals(machine({ A: task({ TimeoutSeconds: 0 }) }))[0]).toMatch(/^States\.A\.TimeoutSeconds: /)
  })

  test('a time limit given as plain text', () => {
    expect(refusals(machine({ A: task({ TimeoutSeconds: '60' }) }))[0]).toMatch(
      /^States\.A\.TimeoutSeconds: /,
    )
  })

  test('a condition that is no expression', () => {
    const Choices = [{ Condition: 'true', Next: 'B' }]
    expect(refusals(machine({ A: { Type: 'Choice', Choices }, B: done }))).toEqual([
      'States.A.Choices[0].Condition: must be an expression',
    ])
  })

  test('a syntax error in an expression', () => {
    expect(
      refusals(
        machine({ A: task({ Arguments: { FunctionName: 'f', Payload: { deep: [1, '{% a[1,2) %}'] } } }) }),
      )[0],
    ).toMatch(/^States\.A\.Arguments\.Payload\.deep\[1\]: not a JSONata expression: S0202/)
  })

  test('a JSONPath field inside a value', () => {
    expect(refusals(output({ 'a.$': '$.b' }))).toEqual([
      'States.A.Output.a.$: a JSONPath field is not supported',
    ])
  })

  test('an expression that is not the whole string', () => {
    expect(refusals(output('Hello {% 1 %}'))).toEqual([
      'States.A.Output: an expression must be the whole string',
    ])
  })

  test('a name that is none for a variable', () => {
    expect(refusals(machine({ A: { Type: 'Pass', Assign: { states: 1 }, End: true } }))).toEqual([
      'States.A.Assign.states: not a name for a variable',
    ])
  })

  test.each([
    ["$eval('1')", '$eval'],
    ['$shuffle([1])', '$shuffle'],
    ['$nonsense(1)', '$nonsense'],
    ['$neverAssigned', '$neverAssigned'],
    ['$random(7)', '$random'],
    ["$now('[Y]')", '$now'],
    ['phone', "'phone' at the top level"],
    ['$map($states.input.a, function($x) { b })', "'b' at the top level"],
    ['$.a', "'$' at the top level"],
    ['$$.a', "'$$'"],
    ['*', 'a wildcard at the top level'],
    ['**.a', 'a wildcard at the top level'],
    ['$string($states)', '$states'],
    ['$states', '$states'],
    ['$states.result', '$states.result'],
    ['$states.errorOutput', '$states.errorOutput'],
    ['$states.nonsense', '$states.nonsense'],
    ['$states.context', '$states.context'],
    ['$states.context.Execution', '$states.context.Execution'],
    ['$states.context.Execution.RoleArn', '$states.context.Execution.RoleArn'],
    ['$states.context.Map.Item.Index', '$states.context.Map.Item.Index'],
    ['$states.context.Task.Token', '$states.context.Task.Token'],
    ['$states.context.State.RetryCount', '$states.context.State.RetryCount'],
    ['$states.context[0].State.Name', '$states.context.State.Name'],
    ['$states.input.a ?: 1', "'?:'"],
    ['$states.input.a ?? 1', "'??'"],
    ['($states := 1)', '$states'],
  ])('the expression %s', (text, about) => {
    const found = refusals(expression(text))
    expect(found.map((line) => line.startsWith('States.A.Output: ') && line.includes(about))).toEqual([true])
  })

  test('a token outside the Arguments of a wait', () => {
    expect(refusals(machine({ A: wait({ Output: '{% $states.context.Task.Token %}' }) }))).toEqual([
      'States.A.Output: $states.context.Task.Token is not supported here',
    ])
  })

  test('text that is not JSON', () => {
    expect(refusals('{')[0]).toMatch(/^\(definition\): not JSON/)
  })

  test('every slip, not only the first', () => {
    const states = {
      A: { Type: 'Pass', Output: '{% $a %}', Next: 'B' },
      B: { Type: 'Wait', Seconds: 1, End: true },
    }
    expect(refusals(machine(states)).length).toBe(3)
  })
})

test('the empty object is refused and not crashed on', () => {
  expect(refusals({}).length).toBeGreaterThan(0)
})

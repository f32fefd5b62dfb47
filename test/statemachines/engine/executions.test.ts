import { describe, expect, test } from 'vitest'

import { loadDefinition } from '../../../local/engine/definition.ts'
import { memoryJournal } from '../../../local/engine/journal.ts'
import { bench, failing, heldBack, machineArn, ok, refusal, task, wait } from './engine-under-test.ts'

const open = { open: () => ok({}), step: () => ok({}) }
const day = 86_400_000

describe('starting', () => {
  test('twice with one name and one input gives one execution', async () => {
    const { engine, clock, calls } = await bench({ A: wait() }, open)
    const request = { stateMachineArn: machineArn, name: 'one', input: '{"a":1}' }
    const first = engine.startExecution(request)
    await clock.advance(5_000)
    expect(engine.startExecution(request)).toEqual(first)
    await clock.settle()
    expect(calls.length).toBe(1)
  })

  test('again with another input is refused', async () => {
    const { engine } = await bench({ A: wait() }, open)
    engine.startExecution({ stateMachineArn: machineArn, name: 'one', input: '{"a":1}' })
    const again = { stateMachineArn: machineArn, name: 'one', input: '{"a": 1}' }
    expect(refusal(() => engine.startExecution(again))).toBe('ExecutionAlreadyExists')
  })

  test('again after the end is refused, with the same input too', async () => {
    const { engine, start } = await bench({ A: task() }, open)
    await start({}, 'one')
    const again = { stateMachineArn: machineArn, name: 'one', input: '{}' }
    expect(refusal(() => engine.startExecution(again))).toBe('ExecutionAlreadyExists')
  })

  test('without a name gives each execution its own', async () => {
    const { engine } = await bench({ A: wait() }, open)
    const arns = [1, 2].map(() => engine.startExecution({ stateMachineArn: machineArn }).executionArn)
    expect(new Set(arns).size).toBe(2)
  })

  test('without an input gives the empty object', async () => {
    const { engine, clock, calls } = await bench({ A: task() }, open)
    engine.startExecution({ stateMachineArn: machineArn })
    await clock.settle()
    expect(calls[0]!.payload).toEqual({})
  })

  test.each([
    ['that is empty', ''],
    ['of 81 characters', 'x'.repeat(81)],
    ['with a space', 'a b'],
    ['with a colon', 'a:b'],
    ['with a slash', 'a/b'],
    ['with a bracket', 'a<b'],
    ['with a wildcard', 'a*b'],
    ['with a control character', 'a\u0001b'],
    ['with a dollar', 'a$b'],
  ])('with a name %s is refused', async (_how, name) => {
    const { engine } = await bench({ A: wait() }, open)
    expect(refusal(() => engine.startExecution({ stateMachineArn: machineArn, name }))).toBe('InvalidName')
  })

  test('with a name of 80 allowed characters works', async () => {
    const { start, status } = await bench({ A: wait() }, open)
    expect(status(await start({}, 'Az09-_.+='.padEnd(80, 'x')))).toBe('RUNNING')
  })

  test.each([
    ['no JSON', '{'],
    ['above 262,144 bytes', JSON.stringify('é'.repeat(131_072))],
  ])('with an input that is %s is refused', async (_how, input) => {
    const { engine } = await bench({ A: wait() }, open)
    const request = { stateMachineArn: machineArn, input }
    expect(refusal(() => engine.startExecution(request))).toBe('InvalidExecutionInput')
  })

  test.each([
    ['the machine', machineArn, undefined, undefined],
    ['a version', `${machineArn}:1`, undefined, `${machineArn}:1`],
    ['an alias', `${machineArn}:live`, `${machineArn}:live`, `${machineArn}:1`],
  ])('by the ARN of %s works and is remembered', async (_what, stateMachineArn, alias, version) => {
    const { engine } = await bench({ A: wait() }, open)
    const { executionArn } = engine.startExecution({ stateMachineArn, name: 'one' })
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      executionArn: 'arn:aws:states:eu-central-1:111122223333:execution:Cycle:one',
      stateMachineArn: machineArn,
      stateMachineAliasArn: alias,
      stateMachineVersionArn: version,
    })
  })

  test.each([
    ['StateMachineDoesNotExist', `${machineArn}:2`],
    ['StateMachineDoesNotExist', `${machineArn}2`],
    ['InvalidArn', 'Cycle'],
  ])('answers %s for %s', async (name, stateMachineArn) => {
    const { engine } = await bench({ A: wait() }, open)
    expect(refusal(() => engine.startExecution({ stateMachineArn }))).toBe(name)
  })
})

describe('stopping', () => {
  test('ends an execution as ABORTED with the error and cause given', async () => {
    const { engine, start, events } = await bench({ A: wait() }, open)
    const executionArn = await start()
    engine.stopExecution({ executionArn, error: 'Superseded', cause: 'run 2' })
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      status: 'ABORTED',
      error: 'Superseded',
      cause: 'run 2',
    })
    expect(events(executionArn).at(-1)).toBe('ExecutionAborted')
  })

  test('while a function runs drops its answer', async () => {
    const { run, answer } = heldBack(ok({}))
    const { engine, start, clock, events } = await bench({ A: task() }, { step: run })
    const executionArn = await start()
    engine.stopExecution({ executionArn })
    answer()
    await clock.settle()
    expect(events(executionArn).at(-1)).toBe('ExecutionAborted')
  })

  test('between two retries makes no more of them', async () => {
    const { engine, start, clock, calls } = await bench(
      { A: task({ Retry: [{ ErrorEquals: ['Later.Busy'] }] }) },
      { step: () => failing('Later.Busy') },
    )
    const executionArn = await start()
    engine.stopExecution({ executionArn })
    await clock.advance(day)
    expect(calls.length).toBe(1)
  })

  test('leaves an execution that has ended as it is', async () => {
    const { engine, start, clock, status } = await bench({ A: task() }, open)
    const executionArn = await start()
    const { stopDate } = engine.describeExecution({ executionArn })
    await clock.advance(5_000)
    expect(engine.stopExecution({ executionArn })).toEqual({ stopDate })
    expect(status(executionArn)).toBe('SUCCEEDED')
  })

  test('what is not there is refused', async () => {
    const { engine } = await bench({ A: wait() }, open)
    const executionArn = 'arn:aws:states:eu-central-1:111122223333:execution:Cycle:none'
    expect(refusal(() => engine.stopExecution({ executionArn }))).toBe('ExecutionDoesNotExist')
  })
})

/** Fails at B until told otherwise; A assigned a variable and called a function before. */
const broken = async (journal = memoryJournal()) => {
  const world = { broken: true }
  const made = await bench(
    {
      A: task({ Assign: { kept: '{% $states.result.Payload.kept %}' }, Output: { to: 'B' }, Next: 'B' }),
      B: wait({
        Arguments: {
          FunctionName: 'open',
          Payload: {
            token: '{% $states.context.Task.Token %}',
            retry: '{% $states.context.State.RetryCount %}',
            redrive: '{% $states.context.Execution.RedriveCount %}',
            entered: '{% $states.context.State.EnteredTime %}',
            input: '{% $states.input %}',
            kept: '{% $kept %}',
          },
        },
        Retry: [{ ErrorEquals: ['Later.Busy'], MaxAttempts: 2 }],
      }),
    },
    { step: () => ok({ kept: 7 }), open: () => (world.broken ? failing('Later.Busy') : ok({})) },
    { journal },
  )
  const executionArn = await made.start()
  await made.clock.advance(60_000)
  world.broken = false
  return { ...made, executionArn }
}

describe('redriving', () => {
  test('goes on from the failed state with its input and variables, and not from the start', async () => {
    const { engine, clock, calls, executionArn } = await broken()
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(calls.filter(({ name }) => name === 'step').length).toBe(1)
    expect(calls.at(-1)!.payload).toMatchObject({ input: { to: 'B' }, kept: 7, retry: 0, redrive: 1 })
  })

  test('makes a new token', async () => {
    const { engine, clock, calls, executionArn, token, output } = await broken()
    const before = calls.map(({ payload }) => payload.token)
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(before).not.toContain(token())
    engine.sendTaskSuccess({ taskToken: token(), output: '"done"' })
    await clock.settle()
    expect(output(executionArn)).toBe('done')
  })

  test('keeps the entered time of the visit', async () => {
    const { engine, clock, calls, executionArn } = await broken()
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(calls.at(-1)!.payload.entered).toBe(calls[1]!.payload.entered)
  })

  test('continues the history with ExecutionRedriven and the task scheduled again', async () => {
    const { engine, clock, executionArn } = await broken()
    const before = engine.getExecutionHistory({ executionArn }).events
    engine.redriveExecution({ executionArn })
    await clock.settle()
    const { events } = engine.getExecutionHistory({ executionArn })
    expect(events.slice(0, before.length)).toEqual(before)
    expect(events.slice(before.length).map(({ id, type }) => [id, type])).toEqual([
      [before.length + 1, 'ExecutionRedriven'],
      [before.length + 2, 'TaskScheduled'],
      [before.length + 3, 'TaskStarted'],
      [before.length + 4, 'TaskSubmitted'],
    ])
  })

  test('gives the retriers all their attempts again', async () => {
    const { engine, clock, calls, start } = await bench(
      { A: task({ Retry: [{ ErrorEquals: ['Later.Busy'], MaxAttempts: 2 }] }) },
      { step: () => failing('Later.Busy') },
    )
    const executionArn = await start()
    await clock.advance(60_000)
    engine.redriveExecution({ executionArn })
    await clock.advance(60_000)
    expect(calls.length).toBe(6)
  })

  test('runs again and tells when and how often it was redriven', async () => {
    const { engine, clock, executionArn } = await broken()
    const { redriveDate } = engine.redriveExecution({ executionArn })
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      status: 'RUNNING',
      stopDate: undefined,
      redriveCount: 1,
      redriveDate,
    })
    expect(redriveDate).toBe(clock.now())
  })

  test('twice with one client token is one redrive', async () => {
    const { engine, clock, executionArn } = await broken()
    const first = engine.redriveExecution({ executionArn, clientToken: 'c' })
    await clock.advance(1_000)
    expect(engine.redriveExecution({ executionArn, clientToken: 'c' })).toEqual(first)
    expect(engine.describeExecution({ executionArn }).redriveCount).toBe(1)
  })

  test('works after a stop', async () => {
    const { engine, start, clock, token, status } = await bench({ A: wait() }, open)
    const executionArn = await start()
    const before = token()
    engine.stopExecution({ executionArn })
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(token()).not.toBe(before)
    engine.sendTaskSuccess({ taskToken: token(), output: '{}' })
    await clock.settle()
    expect(status(executionArn)).toBe('SUCCEEDED')
  })

  test('works after the machine timed out, whose limit then counts anew', async () => {
    const { engine, start, clock, status } = await bench({ A: wait() }, open, { top: { TimeoutSeconds: 10 } })
    const executionArn = await start()
    await clock.advance(10_000)
    engine.redriveExecution({ executionArn })
    await clock.advance(9_999)
    expect(status(executionArn)).toBe('RUNNING')
    await clock.advance(1)
    expect(status(executionArn)).toBe('TIMED_OUT')
  })

  test('enters a Fail state again and fails again', async () => {
    const { engine, start, clock, events } = await bench({ A: { Type: 'Fail', Error: 'Broken' } })
    const executionArn = await start()
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(events(executionArn).slice(3)).toEqual([
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ])
  })

  test('is refused while the execution runs', async () => {
    const { engine, start } = await bench({ A: wait() }, open)
    const executionArn = await start()
    expect(refusal(() => engine.redriveExecution({ executionArn }))).toBe('ExecutionNotRedrivable')
  })

  test('is refused after a success', async () => {
    const { engine, start } = await bench({ A: task() }, open)
    const executionArn = await start()
    expect(engine.describeExecution({ executionArn }).redriveStatus).toBe('NOT_REDRIVABLE')
    expect(refusal(() => engine.redriveExecution({ executionArn }))).toBe('ExecutionNotRedrivable')
  })

  test('is refused more than 14 days after the end', async () => {
    const { engine, clock, executionArn } = await broken()
    expect(engine.describeExecution({ executionArn }).redriveStatus).toBe('REDRIVABLE')
    await clock.advance(14 * day + 1)
    expect(refusal(() => engine.redriveExecution({ executionArn }))).toBe('ExecutionNotRedrivable')
  })

  test('keeps the definition the execution was started with', async () => {
    const { engine, clock, calls, executionArn } = await broken()
    engine.addStateMachine({
      arn: machineArn,
      name: 'Cycle',
      definition: { QueryLanguage: 'JSONata', StartAt: 'Z', States: { Z: { Type: 'Succeed' } } },
    })
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(calls.at(-1)!.name).toBe('open')
  })
})

describe('an execution', () => {
  test('that loops for ever fails with its 25,000th event', async () => {
    const { engine, start } = await bench({
      A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.on %}', Next: 'A' }], Default: 'B' },
      B: { Type: 'Succeed' },
    })
    const executionArn = await start({ on: true })
    expect(engine.describeExecution({ executionArn })).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
      redriveStatus: 'NOT_REDRIVABLE',
    })
    const { events } = engine.getExecutionHistory({ executionArn, reverseOrder: true, maxResults: 2 })
    expect(events.map(({ id, type }) => [id, type])).toEqual([
      [25_000, 'ExecutionFailed'],
      [24_999, 'ChoiceStateExited'],
    ])
  })

  test.each([
    [24_995, 'SUCCEEDED', ['SucceedStateExited', 'ExecutionSucceeded']],
    [24_996, 'FAILED', ['SucceedStateEntered', 'ExecutionFailed']],
    [24_998, 'FAILED', ['ChoiceStateEntered', 'ExecutionFailed']],
  ])(
    'that stands at its %ith event with a Choice and an end before it ends as %s',
    async (count, status, last) => {
      const states = {
        A: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'B' }], Default: 'B' },
        B: { Type: 'Succeed' },
      }
      const journal = memoryJournal()
      const first = await bench(states, {}, { journal })
      const { executionArn } = first.engine.startExecution({ stateMachineArn: machineArn })
      first.engine.close()
      const { summary, position } = journal.read(executionArn)[0]!
      const filler = { previousEventId: 0, timestamp: 0, type: 'Filler' }
      const events = Array.from({ length: count - 1 }, (_, at) => ({ ...filler, id: at + 2 }))
      journal.append({ summary, position, events })
      const second = await bench(states, {}, { journal, clock: first.clock })
      const tail = second.engine.getExecutionHistory({
        executionArn,
        reverseOrder: true,
        maxResults: 2,
      }).events
      expect([second.status(executionArn), tail.map(({ type }) => type).toReversed(), tail[0]!.id]).toEqual([
        status,
        last,
        25_000,
      ])
    },
  )

  test('tells its listener of start, end and redrive', async () => {
    const { engine, start, clock, statuses } = await bench({ A: wait() }, open)
    const executionArn = await start()
    engine.stopExecution({ executionArn })
    engine.redriveExecution({ executionArn })
    await clock.settle()
    expect(statuses.map(({ status }) => status)).toEqual(['RUNNING', 'ABORTED', 'RUNNING'])
  })

  test('is described with input and output as they were given', async () => {
    const { engine, start } = await bench({ A: task({ Output: { b: 2 } }) }, open)
    const executionArn = await start({ a: 1 }, 'one')
    expect(engine.describeExecution({ executionArn })).toEqual({
      executionArn,
      stateMachineArn: machineArn,
      name: 'one',
      status: 'SUCCEEDED',
      startDate: Date.UTC(2026, 0, 5, 9),
      stopDate: Date.UTC(2026, 0, 5, 9),
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"b":2}',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    })
  })
})

/** Five executions a minute apart, n0 to n4; the even ones are stopped. */
const five = async () => {
  const made = await bench({ A: wait() }, open)
  for (const n of [0, 1, 2, 3, 4]) {
    const executionArn = await made.start({}, `n${String(n)}`)
    if (n % 2 === 0) made.engine.stopExecution({ executionArn })
    await made.clock.advance(60_000)
  }
  return made
}
const names = (list: { executions: readonly { name: string }[] }) => list.executions.map(({ name }) => name)

describe('a list of executions', () => {
  test('begins with the newest', async () => {
    const { engine } = await five()
    expect(names(engine.listExecutions({ stateMachineArn: machineArn }))).toEqual([
      'n4',
      'n3',
      'n2',
      'n1',
      'n0',
    ])
  })

  test('may be of one status', async () => {
    const { engine } = await five()
    const list = engine.listExecutions({ stateMachineArn: machineArn, statusFilter: 'RUNNING' })
    expect(names(list)).toEqual(['n3', 'n1'])
  })

  test('may be of those that were redriven', async () => {
    const { engine } = await five()
    engine.redriveExecution({ executionArn: `${machineArn.replace('stateMachine', 'execution')}:n0` })
    const list = engine.listExecutions({ stateMachineArn: machineArn, redriveFilter: 'REDRIVEN' })
    expect(names(list)).toEqual(['n0'])
  })

  test('comes in pages that miss and repeat nothing when executions end in between', async () => {
    const { engine } = await five()
    const request = { stateMachineArn: machineArn, statusFilter: 'ABORTED', maxResults: 2 } as const
    const first = engine.listExecutions(request)
    engine.redriveExecution({ executionArn: first.executions[1]!.executionArn })
    const second = engine.listExecutions({ ...request, nextToken: first.nextToken! })
    expect([names(first), names(second), second.nextToken]).toEqual([['n4', 'n2'], ['n0'], undefined])
  })

  test('by an alias holds what was started by it', async () => {
    const { engine, start } = await bench({ A: wait() }, open)
    await start({}, 'direct')
    engine.startExecution({ stateMachineArn: `${machineArn}:live`, name: 'aliased' })
    expect(names(engine.listExecutions({ stateMachineArn: `${machineArn}:live` }))).toEqual(['aliased'])
    expect(names(engine.listExecutions({ stateMachineArn: machineArn })).length).toBe(2)
  })

  test('refuses a token that no page gave', async () => {
    const { engine } = await five()
    const request = { stateMachineArn: machineArn, nextToken: 'nonsense' }
    expect(refusal(() => engine.listExecutions(request))).toBe('InvalidToken')
  })
})

describe('a state machine', () => {
  test('is described with its definition', async () => {
    const { engine } = await bench({ A: wait() }, open)
    const { definition, ...rest } = engine.describeStateMachine({ stateMachineArn: machineArn })
    expect(JSON.parse(definition)).toMatchObject({ StartAt: 'A' })
    expect(rest).toMatchObject({
      stateMachineArn: machineArn,
      name: 'Cycle',
      status: 'ACTIVE',
      type: 'STANDARD',
    })
  })

  test('has an alias that points to its version', async () => {
    const { engine } = await bench({ A: wait() }, open)
    const alias = engine.describeStateMachineAlias({ stateMachineAliasArn: `${machineArn}:live` })
    expect(alias).toMatchObject({
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }],
    })
  })

  test('without the alias asked for is refused', async () => {
    const { engine } = await bench({ A: wait() }, open)
    const request = { stateMachineAliasArn: `${machineArn}:other` }
    expect(refusal(() => engine.describeStateMachineAlias(request))).toBe('ResourceNotFound')
  })

  test('that is replaced leaves the executions begun before to their own definition', async () => {
    const { engine, clock, start, token, calls } = await bench({ A: wait({ Next: 'B' }), B: wait() }, open)
    const executionArn = await start()
    const replacement = { QueryLanguage: 'JSONata', StartAt: 'Z', States: { Z: { Type: 'Succeed' } } }
    engine.addStateMachine({ arn: machineArn, name: 'Cycle', definition: replacement })
    engine.sendTaskSuccess({ taskToken: token(), output: '{}' })
    await clock.settle()
    expect(calls.length).toBe(2)
    expect(JSON.parse(engine.describeStateMachineForExecution({ executionArn }).definition)).toMatchObject({
      StartAt: 'A',
    })
    expect(JSON.parse(engine.describeStateMachine({ stateMachineArn: machineArn }).definition)).toMatchObject(
      { StartAt: 'Z' },
    )
  })

  test('may be given as a definition that was loaded before', async () => {
    const { engine, clock } = await bench({ A: wait() }, open)
    const definition = loadDefinition({
      QueryLanguage: 'JSONata',
      StartAt: 'Z',
      States: { Z: { Type: 'Succeed' } },
    })
    engine.addStateMachine({ arn: machineArn, name: 'Cycle', definition })
    const { executionArn } = engine.startExecution({ stateMachineArn: machineArn })
    await clock.settle()
    expect(engine.describeExecution({ executionArn }).status).toBe('SUCCEEDED')
  })

  test('is listed', async () => {
    const { engine } = await bench({ A: wait() }, open)
    expect(engine.listStateMachines({}).stateMachines.map(({ name }) => name)).toEqual(['Cycle'])
  })
})

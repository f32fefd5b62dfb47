import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../../../local/engine/journal.ts'
import { undocumented } from './documented-history.ts'
import {
  type Bench,
  bench,
  done,
  failing,
  hanging,
  heldBack,
  machineArn,
  ok,
  refusal,
  task,
  wait,
} from './engine-under-test.ts'

const historyOf = ({ engine }: Bench, executionArn: string): readonly HistoryEvent[] =>
  engine.getExecutionHistory({ executionArn, maxResults: 1_000 }).events

/** Each event as `type <previous: fields of its details`. */
const outlined = (events: readonly HistoryEvent[]): string[] =>
  events.map((event) => {
    const [details = {}] = Object.entries(event).flatMap(([name, value]) =>
      name.endsWith('EventDetails') ? [value as object] : [],
    )
    return `${event.type} <${String(event.previousEventId)}: ${Object.keys(details).toSorted().join(' ')}`
  })

const message = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage',
  Arguments: { QueueUrl: 'http://queues/q', MessageBody: 'x' },
  End: true,
}

const opened = [
  'ExecutionStarted <0: input inputDetails roleArn',
  'TaskStateEntered <0: input inputDetails name',
]
const submitted = [
  ...opened,
  'TaskScheduled <2: parameters region resource resourceType timeoutInSeconds',
  'TaskStarted <3: resource resourceType',
  'TaskSubmitted <4: output outputDetails resource resourceType',
]
const called = [
  ...opened,
  'TaskScheduled <2: parameters region resource resourceType',
  'TaskStarted <3: resource resourceType',
]
const closed = (at: number): string[] => [
  `TaskStateExited <${String(at - 1)}: name output outputDetails`,
  `ExecutionSucceeded <${String(at)}: output outputDetails`,
]

const waiting = async () => {
  const under = await bench({ A: wait({ TimeoutSeconds: 600 }) }, { open: () => ok({}) })
  return { under, executionArn: await under.start() }
}

// Recorded on AWS: localstack/localstack, tests/aws/services/stepfunctions/v2, *.snapshot.json, by the names given here.
describe('a history has the events, the order and the fields that were recorded on AWS', () => {
  test('of a function that answers (services/test_lambda_task_service)', async () => {
    const under = await bench({ A: task({ Output: 1 }) }, { step: () => ok({}) })
    expect(outlined(historyOf(under, await under.start()))).toEqual([
      ...called,
      'TaskSucceeded <4: output outputDetails resource resourceType',
      ...closed(6),
    ])
  })

  test('of a message that is sent (services/test_sqs_task_service)', async () => {
    const under = await bench({ A: message })
    const events = historyOf(under, await under.start())
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'sqs', resource: 'sendMessage', region: 'eu-central-1' },
    })
    expect(outlined(events)).toEqual([
      ...called,
      'TaskSucceeded <4: output outputDetails resource resourceType',
      ...closed(6),
    ])
  })

  test('of a function that fails (error_handling/test_task_service_lambda)', async () => {
    const under = await bench({ A: task() }, { step: () => failing('Broken.Test') })
    expect(outlined(historyOf(under, await under.start()))).toEqual([
      ...called,
      'TaskFailed <4: cause error resource resourceType',
      'ExecutionFailed <5: cause error',
    ])
  })

  test('of a failure that is caught (error_handling/test_task_service_sqs)', async () => {
    const states = {
      A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
      B: { Type: 'Pass', End: true },
    }
    const under = await bench(states, { step: () => failing('Broken.Test') })
    expect(outlined(historyOf(under, await under.start()))).toEqual([
      ...called,
      'TaskFailed <4: cause error resource resourceType',
      'TaskStateExited <5: name output outputDetails',
      'PassStateEntered <6: input inputDetails name',
      'PassStateExited <7: name output outputDetails',
      'ExecutionSucceeded <8: output outputDetails',
    ])
  })

  test('of a function that takes too long (timeouts/test_timeouts)', async () => {
    const under = await bench({ A: task({ TimeoutSeconds: 5 }) }, { step: hanging })
    const executionArn = await under.start()
    await under.clock.advance(5_000)
    expect(outlined(historyOf(under, executionArn))).toEqual([
      ...submitted.slice(0, 4),
      'TaskTimedOut <4: error resource resourceType',
      'ExecutionFailed <5: error',
    ])
  })

  describe('of a wait (callback/test_callback)', () => {
    test('that is answered', async () => {
      const { under, executionArn } = await waiting()
      under.engine.sendTaskSuccess({ taskToken: under.token(), output: '{}' })
      await under.clock.settle()
      expect(outlined(historyOf(under, executionArn))).toEqual([
        ...submitted,
        'TaskSucceeded <5: output outputDetails resource resourceType',
        ...closed(7),
      ])
    })

    test('that is failed', async () => {
      const { under, executionArn } = await waiting()
      under.engine.sendTaskFailure({ taskToken: under.token(), error: 'Failure', cause: 'why' })
      await under.clock.settle()
      expect(outlined(historyOf(under, executionArn))).toEqual([
        ...submitted,
        'TaskFailed <5: cause error resource resourceType',
        'ExecutionFailed <6: cause error',
      ])
    })

    test('whose time is up', async () => {
      const { under, executionArn } = await waiting()
      await under.clock.advance(600_000)
      expect(outlined(historyOf(under, executionArn))).toEqual([
        ...submitted,
        'TaskTimedOut <5: error resource resourceType',
        'ExecutionFailed <6: error',
      ])
    })
  })

  test('of an execution that is stopped: the end has no event before (test_sfn_api)', async () => {
    const { under, executionArn } = await waiting()
    under.engine.stopExecution({ executionArn })
    expect(outlined(historyOf(under, executionArn))).toEqual([...submitted, 'ExecutionAborted <0: '])
  })

  test('of variables, as JSON text each (assign/test_assign_base)', async () => {
    const under = await bench({ A: { Type: 'Pass', Assign: { n: 0, s: 'x', o: {} }, End: true } })
    const [, , exited] = historyOf(under, await under.start())
    expect(exited).toMatchObject({
      stateExitedEventDetails: {
        assignedVariables: { n: '0', s: '"x"', o: '{}' },
        assignedVariablesDetails: { truncated: false },
      },
    })
  })
})

/** An execution brought to where its history holds the kind of event that is named. */
const kinds: Readonly<Record<string, () => Promise<readonly HistoryEvent[]>>> = {
  ExecutionRedriven: async () => {
    const under = await bench({ A: task() }, { step: (_, call) => (call === 1 ? failing('Once') : ok({})) })
    const executionArn = await under.start()
    under.engine.redriveExecution({ executionArn })
    await under.clock.settle()
    return historyOf(under, executionArn)
  },
  ExecutionTimedOut: async () => {
    const under = await bench({ A: wait() }, { open: () => ok({}) }, { top: { TimeoutSeconds: 60 } })
    const executionArn = await under.start()
    await under.clock.advance(60_000)
    return historyOf(under, executionArn)
  },
  ExecutionAborted: async () => {
    const under = await bench({ A: task() }, { step: hanging })
    const executionArn = await under.start()
    under.engine.stopExecution({ executionArn, error: 'Superseded', cause: 'why' })
    return historyOf(under, executionArn)
  },
  EvaluationFailed: async () => {
    const under = await bench({ A: task({ Output: '{% $states.result.no %}' }) }, { step: () => ok({}) })
    return historyOf(under, await under.start())
  },
  ChoiceStateExited: async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'B' }] }
    const under = await bench({ A: choice, B: done })
    return historyOf(under, await under.start())
  },
  FailStateEntered: async () => {
    const under = await bench({ A: { Type: 'Fail', Error: 'Not.Understood', Cause: 'why' } })
    return historyOf(under, await under.start())
  },
  'TaskFailed, and retried': async () => {
    const retry = [{ ErrorEquals: ['Later.Busy'], MaxAttempts: 2 }]
    const functions = { step: (_: unknown, call: number) => (call < 3 ? failing('Later.Busy') : ok({})) }
    const under = await bench({ A: task({ Retry: retry }) }, functions)
    const executionArn = await under.start()
    await under.clock.advance(60_000)
    return historyOf(under, executionArn)
  },
  'TaskSucceeded before its function answered': async () => {
    const { run, answer } = heldBack(ok({}))
    const under = await bench({ A: wait() }, { open: run })
    const executionArn = await under.start()
    under.engine.sendTaskSuccess({ taskToken: under.token(), output: '{}' })
    answer()
    await under.clock.settle()
    return historyOf(under, executionArn)
  },
}

test.each(Object.entries(kinds))('a history with %s is as the API documents it', async (kind, history) => {
  const events = await history()
  expect(events.map(({ type }) => type)).toContain(kind.split(/[ ,]/)[0])
  expect(undocumented(events)).toEqual([])
})

test('what is not documented is found', async () => {
  const events = [...(await kinds['TaskFailed, and retried']!())]
  const altered = (at: number, change: object): string[] =>
    undocumented(events.with(at, { ...events[at]!, ...change }))
  expect(altered(1, { type: 'StateEntered' })).toContain('2 StateEntered is no type of an event')
  expect(altered(2, { previousEventId: 0 })).toEqual(['3 TaskScheduled follows 0'])
  expect(
    altered(2, { taskScheduledEventDetails: { resource: 'invoke', resourceType: 'lambda', token: 'x' } }),
  ).toEqual([
    '3 TaskScheduled.taskScheduledEventDetails.token is not known',
    '3 TaskScheduled.taskScheduledEventDetails.region is missing',
    '3 TaskScheduled.taskScheduledEventDetails.parameters is missing',
  ])
  expect(undocumented(events.toSpliced(3, 1))).toContain('5 TaskFailed stands behind TaskScheduled')
})

/** An execution that goes through a choice so many times. */
const long = async (rounds: number) => {
  const count = { n: '{% $n + 1 %}' }
  const under = await bench({
    A: { Type: 'Pass', Assign: { n: 0 }, Next: 'B' },
    B: {
      Type: 'Choice',
      Choices: [{ Condition: `{% $n < ${String(rounds)} %}`, Assign: count, Next: 'B' }],
      Default: 'C',
    },
    C: done,
  })
  return { ...under, executionArn: await under.start() }
}

describe('a page of a history', () => {
  test('has 100 events where nothing, or 0, is asked for, and 1,000 at most', async () => {
    const { engine, executionArn } = await long(600)
    const sizeOf = (asked: object): number =>
      engine.getExecutionHistory({ executionArn, ...asked }).events.length
    expect([sizeOf({}), sizeOf({ maxResults: 0 }), sizeOf({ maxResults: 1_000 })]).toEqual([100, 100, 1_000])
  })

  test.each([false, true])('goes on behind the one before, newest first: %s', async (reverseOrder) => {
    const { engine, executionArn } = await long(60)
    const whole = engine.getExecutionHistory({ executionArn, reverseOrder, maxResults: 1_000 }).events
    const pages: HistoryEvent[] = []
    let nextToken: string | undefined
    do {
      const page = engine.getExecutionHistory({
        executionArn,
        reverseOrder,
        maxResults: 50,
        ...(nextToken && { nextToken }),
      })
      pages.push(...page.events)
      nextToken = page.nextToken
    } while (nextToken !== undefined)
    expect(pages).toEqual(whole)
    expect(undocumented(reverseOrder ? whole.toReversed() : whole)).toEqual([])
  })

  test('that holds the rest has no next one', async () => {
    const { engine, executionArn } = await long(1)
    const { events } = engine.getExecutionHistory({ executionArn })
    const page = engine.getExecutionHistory({ executionArn, maxResults: events.length })
    expect([page.events, page.nextToken]).toEqual([events, undefined])
  })

  test('is refused for a token that no page gave, and for an execution that is not there', async () => {
    const { engine, executionArn } = await long(1)
    expect(refusal(() => engine.getExecutionHistory({ executionArn, nextToken: 'x' }))).toBe('InvalidToken')
    const other = `${machineArn.replace(':stateMachine:', ':execution:')}:none`
    expect(refusal(() => engine.getExecutionHistory({ executionArn: other }))).toBe('ExecutionDoesNotExist')
  })

  test('without execution data has everything but inputs and outputs', async () => {
    const { engine, executionArn } = await long(3)
    const { events } = engine.getExecutionHistory({ executionArn, includeExecutionData: false })
    expect(JSON.stringify(events)).not.toMatch(/"(input|output)(Details)?":/)
    expect(undocumented(events)).toEqual([])
  })
})

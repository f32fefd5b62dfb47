import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { fakeClock, systemClock } from '../../../local/engine/clock.ts'
import { createEngine } from '../../../local/engine/engine.ts'
import { fileJournal } from '../../../local/engine/file-journal.ts'
import { type Journal, memoryJournal } from '../../../local/engine/journal.ts'
import {
  bench,
  type Bench,
  failing,
  hanging,
  machineArn,
  ok,
  refusal,
  task,
  type TestFunction,
  wait,
} from './engine-under-test.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let folder: string
let number = 0
beforeAll(() => {
  folder = temporaryFolder('engine')
})
const newFolder = (): string => path.join(folder, String((number += 1)))

const cycle = {
  Lock: task({
    TimeoutSeconds: 60,
    Assign: { version: '{% $states.result.Payload.version %}' },
    Retry: [{ ErrorEquals: ['Later.Busy'], IntervalSeconds: 10 }],
    Next: 'Wait',
  }),
  Wait: wait({
    TimeoutSeconds: 3_600,
    Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
    Next: 'Queue',
  }),
  Queue: {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Arguments: { QueueUrl: 'q', MessageBody: '{% $string($version) %}' },
    Output: '{% $states.input %}',
    Next: 'Done',
  },
  Done: { Type: 'Succeed', Output: { version: '{% $version %}', signal: '{% $states.input %}' } },
  Late: { Type: 'Succeed', Output: 'late' },
}
const functions: Record<string, TestFunction> = { step: () => ok({ version: 7 }), open: () => ok({}) }

/** Begins a cycle, ends that engine as a kill would, and goes on with another engine an hour's part later. */
async function restarted(journal: Journal, { laterMs = 60_000, before = functions, after = functions } = {}) {
  const first = await bench(cycle, before, { journal })
  const executionArn = await first.start({ a: 1 }, 'one')
  first.engine.close()
  const clock = fakeClock({ start: first.clock.now() + laterMs, patience: 5 })
  const second = await bench(cycle, after, { journal, clock })
  return { first, second, executionArn }
}

async function finish({ engine, clock, token }: Bench): Promise<void> {
  engine.sendTaskSuccess({ taskToken: token(), output: '"go"' })
  await clock.settle()
}

describe.each([
  ['in memory', () => memoryJournal()],
  ['in files', () => fileJournal(newFolder())],
])('a journal %s', (_where, newJournal) => {
  test('keeps a waiting task with its token', async () => {
    const { first, second, executionArn } = await restarted(newJournal())
    second.engine.sendTaskSuccess({ taskToken: first.token(), output: '"go"' })
    await second.clock.settle()
    expect(second.output(executionArn)).toEqual({ version: 7, signal: 'go' })
  })

  test('does not call the function of a waiting task again', async () => {
    const { second } = await restarted(newJournal())
    expect(second.calls).toEqual([])
  })

  test('keeps the deadline of a waiting task', async () => {
    const { second, executionArn } = await restarted(newJournal())
    await second.clock.advance(3_600_000 - 60_000 - 1)
    expect(second.status(executionArn)).toBe('RUNNING')
    await second.clock.advance(1)
    expect(second.output(executionArn)).toBe('late')
  })

  test('ends a wait at once whose deadline passed meanwhile', async () => {
    const { second, executionArn } = await restarted(newJournal(), { laterMs: 3_600_001 })
    expect(second.output(executionArn)).toBe('late')
  })

  test('makes a call again whose answer was lost, with a new token', async () => {
    const before = { ...functions, open: hanging }
    const { first, second } = await restarted(newJournal(), { before })
    expect(second.calls.map(({ name }) => name)).toEqual(['open'])
    expect(refusal(() => second.engine.sendTaskHeartbeat({ taskToken: first.token() }))).toBe('TaskTimedOut')
    expect(second.calls[0]!.payload).toMatchObject({ entered: first.calls[1]!.payload.entered, retry: 0 })
  })

  test('keeps the deadline of a call that is made again', async () => {
    const before = { ...functions, open: hanging }
    const { second, executionArn } = await restarted(newJournal(), { before })
    await second.clock.advance(3_600_000 - 60_000)
    expect(second.output(executionArn)).toBe('late')
  })

  test('does not make a call again whose deadline has passed', async () => {
    const before = { ...functions, step: hanging }
    const { second, executionArn } = await restarted(newJournal(), { before, laterMs: 60_000 })
    expect(second.calls).toEqual([])
    expect(second.engine.describeExecution({ executionArn }).error).toBe('States.Timeout')
  })

  test('keeps a retry that waits for its turn', async () => {
    const before = { ...functions, step: () => failing('Later.Busy') }
    const { second } = await restarted(newJournal(), { before, laterMs: 4_000 })
    expect(second.calls).toEqual([])
    await second.clock.advance(6_000)
    expect(second.calls.map(({ name }) => name)).toEqual(['step', 'open'])
  })

  test('keeps what has ended, with input, output and history', async () => {
    const journal = newJournal()
    const first = await bench(cycle, functions, { journal })
    const executionArn = await first.start({ a: 1 }, 'one')
    await finish(first)
    const before = [first.engine.describeExecution({ executionArn }), first.events(executionArn)]
    first.engine.close()
    const second = await bench(cycle, functions, { journal, clock: first.clock })
    expect([second.engine.describeExecution({ executionArn }), second.events(executionArn)]).toEqual(before)
    const again = { stateMachineArn: machineArn, name: 'one', input: '{"a":1}' }
    expect(refusal(() => second.engine.startExecution(again))).toBe('ExecutionAlreadyExists')
  })

  test('keeps the answer to a start that is repeated', async () => {
    const { first, second, executionArn } = await restarted(newJournal())
    const startDate = first.clock.now()
    const request = { stateMachineArn: machineArn, name: 'one', input: '{"a":1}' }
    expect(second.engine.startExecution(request)).toEqual({ executionArn, startDate })
  })

  test('keeps that a token was used', async () => {
    const journal = newJournal()
    const first = await bench(cycle, functions, { journal })
    await first.start()
    const taskToken = first.token()
    await finish(first)
    first.engine.close()
    const second = await bench(cycle, functions, { journal })
    expect(refusal(() => second.engine.sendTaskSuccess({ taskToken, output: '{}' }))).toBe('TaskTimedOut')
  })

  test('lets what has failed be redriven by the next engine, and the next again', async () => {
    const journal = newJournal()
    const { second, executionArn } = await restarted(journal, {
      before: { ...functions, open: () => failing('Broken') },
    })
    second.engine.redriveExecution({ executionArn })
    await second.clock.settle()
    second.engine.close()
    const third = await bench(cycle, functions, { journal, clock: second.clock })
    expect(third.status(executionArn)).toBe('RUNNING')
    third.engine.sendTaskSuccess({ taskToken: second.token(), output: '"go"' })
    await third.clock.settle()
    expect(third.output(executionArn)).toEqual({ version: 7, signal: 'go' })
  })

  test('goes on with the definition of old though another was deployed', async () => {
    const journal = newJournal()
    const first = await bench(cycle, functions, { journal })
    const executionArn = await first.start()
    first.engine.close()
    const second = await bench({ Z: { Type: 'Succeed' } }, functions, { journal, clock: first.clock })
    second.engine.sendTaskSuccess({ taskToken: first.token(), output: '"go"' })
    await second.clock.settle()
    expect(second.output(executionArn)).toEqual({ version: 7, signal: 'go' })
  })
})

/** Ends the engine when it writes its n-th entry: just before that is written, or just after. */
const killing = (journal: Journal, at: number, written: boolean) => {
  let entries = 0
  const world = { kill: () => {} }
  const append: Journal['append'] = (entry) => {
    entries += 1
    if (entries !== at || written) journal.append(entry)
    if (entries === at) world.kill()
  }
  return { journal: { ...journal, append }, world, entries: () => entries }
}

describe('a kill at any entry of the journal', () => {
  const busyOnce: Record<string, TestFunction> = {
    ...functions,
    step: (_payload, call) => (call === 1 ? failing('Later.Busy') : ok({ version: 7 })),
  }
  const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:one`

  test.each([
    ['just after it was written', true],
    ['just before it was written', false],
  ])('%s changes nothing of the outcome', async (_when, written) => {
    for (let at = 1, reached = true; reached; at += 1) {
      const inner = memoryJournal()
      const { journal, world, entries } = killing(inner, at, written)
      const first = await bench(cycle, busyOnce, { journal })
      world.kill = first.engine.close
      await first.start({}, 'one')
      await first.clock.advance(30_000)
      if (entries() < at) await finish(first)
      reached = entries() >= at
      first.engine.close()

      const second = await bench(cycle, functions, { journal: inner, clock: first.clock })
      const { executions } = second.engine.listExecutions({ stateMachineArn: machineArn })
      if (executions.length === 0) await second.start({}, 'one')
      await second.clock.advance(30_000)
      if (second.status(executionArn) === 'RUNNING') {
        const tokens = [...first.calls, ...second.calls].flatMap(({ payload }) => payload.token ?? [])
        second.engine.sendTaskSuccess({ taskToken: tokens.at(-1)!, output: '"go"' })
        await second.clock.settle()
      }
      const sent = first.messages.length + second.messages.length > 0
      expect([at, second.output(executionArn), sent]).toEqual([at, { version: 7, signal: 'go' }, true])
    }
  })
})

/** A cycle that waits, in an engine on this folder. */
const waitingIn = async (where: string) => {
  const made = await bench(cycle, functions, { journal: fileJournal(where) })
  const executionArn = await made.start({}, 'one')
  return { ...made, executionArn }
}

/** The file of its only execution. */
const fileIn = (where: string): string =>
  path.join(where, 'executions', readdirSync(path.join(where, 'executions'))[0]!)

describe('a folder', () => {
  test('whose last line was cut goes on from the line before', async () => {
    const where = newFolder()
    const { engine, clock, executionArn, token } = await waitingIn(where)
    engine.close()
    appendFileSync(fileIn(where), '\n{"summary":{"executionArn":"arn:aws:sta')
    const second = await bench(cycle, functions, { journal: fileJournal(where), clock })
    second.engine.sendTaskSuccess({ taskToken: token(), output: '"go"' })
    await second.clock.settle()
    expect(second.output(executionArn)).toEqual({ version: 7, signal: 'go' })
  })

  test('cut in the middle of any line goes on to the same end', async () => {
    const where = newFolder()
    const { engine, clock, executionArn, token } = await waitingIn(where)
    engine.sendTaskSuccess({ taskToken: token(), output: '"go"' })
    await clock.settle()
    engine.close()
    const lines = readFileSync(fileIn(where), 'utf8').split('\n').slice(1)
    for (let kept = 1; kept < lines.length; kept += 1) {
      rmSync(path.join(where, 'ended.jsonl'), { force: true })
      const cut = lines[kept]!.slice(0, lines[kept]!.length / 2)
      writeFileSync(fileIn(where), ['', ...lines.slice(0, kept), cut].join('\n'))
      const second = await bench(cycle, functions, { journal: fileJournal(where), clock })
      if (second.status(executionArn) === 'RUNNING') {
        const newest = second.calls.find(({ payload }) => payload.token !== undefined)?.payload.token
        second.engine.sendTaskSuccess({ taskToken: newest ?? token(), output: '"go"' })
        await second.clock.settle()
      }
      expect([kept, second.output(executionArn)]).toEqual([kept, { version: 7, signal: 'go' }])
      second.engine.close()
    }
  })

  test('names its files so that a person finds an execution', async () => {
    const where = newFolder()
    const { engine } = await waitingIn(where)
    engine.close()
    expect(path.basename(fileIn(where))).toMatch(/^Cycle\.one\.[0-9a-f]{16}\.jsonl$/)
  })

  test('keeps apart executions whose names look alike in a file name', async () => {
    const where = newFolder()
    const { start, engine } = await bench(cycle, functions, { journal: fileJournal(where) })
    await start({}, 'a+b')
    await start({}, 'a=b')
    engine.close()
    expect(readdirSync(path.join(where, 'executions')).length).toBe(2)
  })

  test('killed before it listed an end lists it at the next start', async () => {
    const where = newFolder()
    const { engine, clock, executionArn } = await waitingIn(where)
    engine.stopExecution({ executionArn })
    engine.close()
    const listed = readFileSync(path.join(where, 'ended.jsonl'), 'utf8')
    rmSync(path.join(where, 'ended.jsonl'))
    const second = await bench(cycle, functions, { journal: fileJournal(where), clock })
    second.engine.close()
    const listedAgain = readFileSync(path.join(where, 'ended.jsonl'), 'utf8')
    expect(JSON.parse(listedAgain)).toEqual(JSON.parse(listed))
  })

  test('with many that have ended reads only those that have not', async () => {
    const where = newFolder()
    const { engine, clock, start } = await bench({ A: task() }, functions, { journal: fileJournal(where) })
    const arns: string[] = []
    for (let n = 0; n < 5; n += 1) arns.push(await start({}, `n${String(n)}`))
    engine.close()
    for (const file of readdirSync(path.join(where, 'executions'))) {
      writeFileSync(path.join(where, 'executions', file), 'not read')
    }
    const second = await bench({ A: task() }, functions, { journal: fileJournal(where), clock })
    expect(second.engine.listExecutions({ stateMachineArn: machineArn }).executions.length).toBe(5)
  })
})

describe('a process killed with SIGKILL', () => {
  let child: ChildProcess | undefined
  afterAll(() => {
    child?.kill('SIGKILL')
  })

  test('loses no execution: a token still counts and a lost call is made again', async () => {
    const where = newFolder()
    const script = path.join(import.meta.dirname, 'killed-engine.ts')
    const started = spawn(process.execPath, [script, where], { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    const token = await firstLine(started)
    const gone = new Promise((resolve) => started.once('exit', resolve))
    started.kill('SIGKILL')
    await gone
    const called: string[] = []
    const ended: string[] = []
    const bothEnded = Promise.withResolvers<undefined>()
    const engine = createEngine({
      clock: systemClock,
      journal: fileJournal(where),
      invokeLambda: async (name) => {
        called.push(name)
        return await Promise.resolve(ok('again'))
      },
      sendSqsMessage: async () => await Promise.resolve(ok({})),
      onStatusChange: ({ name, status }) => {
        if (ended.push(`${name} ${status}`) === 2) bothEnded.resolve(undefined)
      },
    })
    engine.sendTaskSuccess({ taskToken: token, output: '"go"' })
    await bothEnded.promise
    engine.close()
    expect(called).toEqual(['step'])
    expect(ended.toSorted()).toEqual(['calling SUCCEEDED', 'waiting SUCCEEDED'])
  })
})

async function firstLine(process: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of process.stdout!) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0]!
}

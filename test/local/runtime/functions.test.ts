import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createFunctions, type Functions, type FunctionsOptions } from '../../../local/runtime/functions.ts'
import type { FunctionPart } from '../../../local/runtime/resources/functions.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const running: Functions[] = []
const lines: string[] = []
const problems: string[] = []
/** Milliseconds by which the machine's clock is ahead of the real one. */
let ahead = 0

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (functions) => await functions.stop()))
  lines.length = 0
  problems.length = 0
  ahead = 0
})

/** A function whose handler has this body, in CommonJS, with `event` and `context`. */
function functionOf(name: string, body: string, more: Partial<FunctionPart> = {}): FunctionPart {
  const folder = join(temporaryFolder('function'), name)
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'index.cjs'),
    `let calls = 0
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    exports.handler = async (event, context) => { calls += 1; ${body} }`,
  )
  return {
    kind: 'function',
    id: `Main/${name}`,
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    folder,
    handler: 'index.handler',
    environment: {},
    memoryMegabytes: 128,
    timeoutSeconds: 5,
    reservedConcurrency: undefined,
    ...more,
  }
}

function start(parts: readonly FunctionPart[], more: Partial<FunctionsOptions> = {}): Functions {
  const functions = createFunctions({
    functions: parts,
    qualifiers: parts.map(({ name }) => ({
      kind: 'functionQualifier',
      functionName: name,
      qualifier: 'live',
    })),
    environment: { AWS_REGION: 'us-east-1' },
    now: () => Date.now() + ahead,
    writeLine: (line) => lines.push(line),
    writeProblem: (line) => problems.push(line),
    ...more,
  })
  running.push(functions)
  return functions
}

const failureOf = async (body: string, event: unknown = {}, more: Partial<FunctionPart> = {}) => {
  const invocation = await start([functionOf('f', body, more)]).invoke('f', event)
  return invocation.outcome === 'failed' ? invocation.failure : undefined
}

test('a function gets its event and answers what JSON can hold', async () => {
  const functions = start([functionOf('f', 'return { got: event, gone: undefined }')])
  expect(await functions.invoke('f', { a: 1 })).toMatchObject({
    outcome: 'returned',
    payload: { got: { a: 1 } },
  })
})

test('a function finds its own variables and no others of the process', async () => {
  const functions = start([functionOf('f', 'return process.env', { environment: { TABLE: 'budgets' } })])
  const { payload } = (await functions.invoke('f', {})) as { payload: Record<string, string> }
  expect(payload).toMatchObject({ TABLE: 'budgets', AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'f' })
  expect(payload).not.toHaveProperty('PATH')
})

test('a variable that a function deletes is gone, not undefined in words', async () => {
  const body = "delete process.env.TABLE; return { has: 'TABLE' in process.env }"
  const functions = start([functionOf('f', body, { environment: { TABLE: 'budgets' } })])
  expect(await functions.invoke('f', {})).toMatchObject({ payload: { has: false } })
})

test('the context names the alias that was called and the time that is left', async () => {
  const body =
    'return { arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis(), id: context.awsRequestId }'
  const functions = start([functionOf('f', body)])
  const invocation = await functions.invoke('f:live', {})
  expect(invocation).toMatchObject({
    payload: { arn: 'arn:aws:lambda:us-east-1:000000000000:function:f:live', id: invocation.requestId },
  })
  const { left } = (invocation as { payload: { left: number } }).payload
  expect(left).toBeGreaterThan(4000)
  expect(left).toBeLessThanOrEqual(5000)
})

test('every call has a trace of its own, by which the requests that it makes are known', async () => {
  const functions = start([functionOf('f', 'return { trace: process.env._X_AMZN_TRACE_ID }')])
  const [first, second] = [await functions.invoke('f', {}), await functions.invoke('f', {})]
  for (const { requestId, ...invocation } of [first, second]) {
    const [time, rest] = [requestId.slice(0, 8), requestId.slice(8).replaceAll('-', '')]
    expect(invocation).toMatchObject({ payload: { trace: `Root=1-${time}-${rest};Sampled=0` } })
  }
})

test('a function has the time of the machine, however often that is moved', async () => {
  const body =
    'return { now: Date.now(), made: new Date().getTime(), left: context.getRemainingTimeInMillis() }'
  const functions = start([functionOf('f', body)])
  for (ahead of [0, 3_600_000, 3 * 86_400_000, 0]) {
    const invocation = await functions.invoke('f', {})
    const { now, made, left } = (invocation as { payload: Record<'now' | 'made' | 'left', number> }).payload
    for (const time of [now, made]) expect(Math.abs(time - Date.now() - ahead)).toBeLessThan(1000)
    expect(Math.abs(left - 5000)).toBeLessThan(1000)
  }
})

test('an error is told by type, message and trace, as the Node.js runtime does', async () => {
  const failure = await failureOf("throw new TypeError('no such thing')")
  expect(failure).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such thing' })
  expect(failure?.trace[0]).toBe('TypeError: no such thing')
})

test('a function that takes too long ends as Sandbox.Timedout', async () => {
  const failure = await failureOf('await sleep(60000)', {}, { timeoutSeconds: 0.2 })
  expect(failure?.errorType).toBe('Sandbox.Timedout')
  expect(failure?.errorMessage).toMatch(/^RequestId: \S+ Error: Task timed out after 0\.20 seconds$/)
})

test('a function that never gives the processor back is timed out all the same', async () => {
  expect(await failureOf('for (;;);', {}, { timeoutSeconds: 0.2 })).toMatchObject({
    errorType: 'Sandbox.Timedout',
  })
})

test('after a time out the next call has a new thread', async () => {
  const functions = start([
    functionOf('f', 'if (event.slow) await sleep(60000); return calls', { timeoutSeconds: 0.2 }),
  ])
  await functions.invoke('f', { slow: true })
  expect(await functions.invoke('f', {})).toMatchObject({ payload: 1 })
})

test('a function that fills its heap ends alone', async () => {
  const body = 'for (const all = []; ; ) all.push(Array.from({ length: 1000 }, () => Math.random()))'
  expect(await failureOf(body, {}, { memoryMegabytes: 32 })).toMatchObject({ errorType: 'Runtime.ExitError' })
})

test('a function that fills its memory with Buffers ends too', async () => {
  const body = 'for (const all = []; ; await sleep(1)) all.push(Buffer.alloc(4 << 20, 1))'
  expect(await failureOf(body, {}, { memoryMegabytes: 64 })).toMatchObject({ errorType: 'Runtime.ExitError' })
})

test('a function that exits fails its call', async () => {
  expect(await failureOf('process.exit(3)')).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringMatching(/exit status 3$/) as unknown,
  })
})

test('a promise that nobody waits for fails the call when it is rejected', async () => {
  const failure = await failureOf("void Promise.reject(new Error('lost')); await sleep(2000)")
  expect(failure).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: lost',
  })
})

test('a bundle that cannot be loaded fails its call with the reason', async () => {
  expect(await failureOf('', {}, { handler: 'index.other' })).toMatchObject({
    errorMessage: 'index.other is not a function',
  })
})

test('an answer of more than 6 MB is refused', async () => {
  expect(await failureOf("return 'x'.repeat(7 << 20)", {}, { memoryMegabytes: 512 })).toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  })
})

test('what a function prints goes to the log under its name', async () => {
  const functions = start([functionOf('printer', "console.log('first\\nsecond'); return null")])
  await functions.invoke('printer', {})
  await expect
    .poll(() => lines.map((line) => line.split(' ').slice(1).join(' ')))
    .toEqual(['printer first', 'printer second'])
})

test('a failed call is reported by function, request and reason', async () => {
  await failureOf("throw new Error('broken')")
  expect(problems[0]).toMatch(/^f \S+ failed: Error: broken/)
})

test('a thread has one call at a time, and keeps what the bundle keeps', async () => {
  const functions = start([functionOf('f', 'const mine = calls; await sleep(20); return [mine, calls]')], {
    limits: { perFunction: 1 },
  })
  const payloads = await Promise.all([1, 2, 3].map(async () => await functions.invoke('f', {})))
  expect(payloads.map((each) => 'payload' in each && each.payload)).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})

test('a call waits for a busy thread of its function rather than start another', async () => {
  const functions = start([functionOf('f', 'await sleep(20); return calls')], {
    limits: { patience: 10_000 },
  })
  await Promise.all([1, 2, 3].map(async () => await functions.invoke('f', {})))
  expect(functions.alive()).toBe(1)
})

test('calls that waited long enough have threads of their own, up to the limit', async () => {
  const functions = start([functionOf('f', 'await sleep(500); return calls')], {
    limits: { perFunction: 2, patience: 10 },
  })
  const payloads = await Promise.all([1, 2, 3].map(async () => await functions.invoke('f', {})))
  expect(
    payloads.map((each) => ('payload' in each ? Number(each.payload) : 0)).toSorted((a, b) => a - b),
  ).toEqual([1, 1, 2])
})

test('the thread that is idle longest gives way when all are taken', async () => {
  const functions = start(
    ['a', 'b', 'c'].map((name) => functionOf(name, 'return calls')),
    { limits: { alive: 2 } },
  )
  for (const name of ['a', 'b', 'a', 'c']) await functions.invoke(name, {})
  expect(functions.alive()).toBe(2)
  expect(await functions.invoke('a', {})).toMatchObject({ payload: 3 })
})

test('an idle thread is stopped after a while', async () => {
  const functions = start([functionOf('f', 'return calls')], { limits: { idle: 50 } })
  await functions.invoke('f', {})
  await expect.poll(() => functions.alive()).toBe(0)
})

test('a function or alias that does not exist is refused', async () => {
  const functions = start([functionOf('f', '')])
  await expect(functions.invoke('g', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(functions.invoke('f:old', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('a stop ends what runs and refuses what waits', async () => {
  const functions = start([functionOf('f', 'await sleep(60000)')], { limits: { perFunction: 1 } })
  const runs = functions.invoke('f', {})
  const waits = functions.invoke('f', {})
  waits.catch(() => {})
  await sleep(100)
  await functions.stop()
  expect(await runs).toMatchObject({ outcome: 'failed' })
  await expect(waits).rejects.toThrow('stopping')
})

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

import type { Engine } from './engine.ts'
import { StepFunctionsError } from './step-functions-error.ts'

const paging = {
  maxResults: z.int().min(0).max(1_000).exactOptional(),
  nextToken: z.string().min(1).max(1_024).exactOptional(),
}
const arn = z.string().min(1).max(2_000)
const failure = { error: z.string().exactOptional(), cause: z.string().exactOptional() }
const taskToken = z.string().min(1).max(2_048)

type Action = (engine: Engine, request: unknown) => object

/** An action that takes the given fields and no other; what it does not answer with is an empty object. */
function action<Request>(
  schema: z.ZodType<Request>,
  run: (engine: Engine, request: Request) => object | undefined,
): Action {
  return (engine, request) => {
    const parsed = schema.safeParse(request)
    if (!parsed.success) throw new StepFunctionsError('ValidationException', problems(parsed.error))
    return run(engine, parsed.data) ?? {}
  }
}

const problems = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ')

const actions: ReadonlyMap<string, Action> = new Map([
  [
    'StartExecution',
    action(
      z.strictObject({
        stateMachineArn: arn,
        name: z.string().exactOptional(),
        input: z.string().exactOptional(),
      }),
      (engine, request) => engine.startExecution(request),
    ),
  ],
  [
    'StopExecution',
    action(z.strictObject({ executionArn: arn, ...failure }), (engine, request) =>
      engine.stopExecution(request),
    ),
  ],
  [
    'RedriveExecution',
    action(
      z.strictObject({ executionArn: arn, clientToken: z.string().min(1).max(64).exactOptional() }),
      (engine, request) => engine.redriveExecution(request),
    ),
  ],
  [
    'DescribeExecution',
    action(z.strictObject({ executionArn: arn }), (engine, request) => engine.describeExecution(request)),
  ],
  [
    'ListExecutions',
    action(
      z.strictObject({
        stateMachineArn: arn,
        statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).exactOptional(),
        redriveFilter: z.enum(['REDRIVEN', 'NOT_REDRIVEN']).exactOptional(),
        ...paging,
      }),
      (engine, request) => engine.listExecutions(request),
    ),
  ],
  [
    'GetExecutionHistory',
    action(
      z.strictObject({
        executionArn: arn,
        reverseOrder: z.boolean().exactOptional(),
        includeExecutionData: z.boolean().exactOptional(),
        ...paging,
      }),
      (engine, request) => engine.getExecutionHistory(request),
    ),
  ],
  [
    'SendTaskSuccess',
    action(z.strictObject({ taskToken, output: z.string() }), (engine, request) => {
      engine.sendTaskSuccess(request)
      return undefined
    }),
  ],
  [
    'SendTaskFailure',
    action(z.strictObject({ taskToken, ...failure }), (engine, request) => {
      engine.sendTaskFailure(request)
      return undefined
    }),
  ],
  [
    'SendTaskHeartbeat',
    action(z.strictObject({ taskToken }), (engine, request) => {
      engine.sendTaskHeartbeat(request)
      return undefined
    }),
  ],
  [
    'DescribeStateMachine',
    action(z.strictObject({ stateMachineArn: arn }), (engine, request) =>
      engine.describeStateMachine(request),
    ),
  ],
  [
    'DescribeStateMachineAlias',
    action(z.strictObject({ stateMachineAliasArn: arn }), (engine, request) =>
      engine.describeStateMachineAlias(request),
    ),
  ],
  [
    'DescribeStateMachineForExecution',
    action(z.strictObject({ executionArn: arn }), (engine, request) =>
      engine.describeStateMachineForExecution(request),
    ),
  ],
  [
    'ListStateMachines',
    action(z.strictObject(paging), (engine, request) => engine.listStateMachines(request)),
  ],
])

/** A running server; `port` is the one it listens on. */
export type EngineServer = { readonly port: number; readonly close: () => Promise<void> }

/**
 * Serves the engine on 127.0.0.1 in the AWS JSON 1.0 protocol, so that SDK clients work with it by their endpoint
 * setting alone. Port 0 takes a free one. Signatures are not checked; actions outside the engine's part are refused
 * by name with `UnknownOperationException`.
 */
export async function startEngineServer(options: { engine: Engine; port: number }): Promise<EngineServer> {
  const server = createServer((request, response) => {
    void answer(options.engine, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return { port: portOf(server), close: async () => await closeServer(server) }
}

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const text = await bodyOf(request)
    const target = request.headers['x-amz-target']
    send(response, 200, act(engine, typeof target === 'string' ? target : '', text))
  } catch (error) {
    if (error instanceof StepFunctionsError) {
      send(response, 400, { __type: error.name, message: error.message })
    } else {
      const message = error instanceof Error ? error.message : String(error)
      send(response, 500, { __type: 'InternalFailure', message })
    }
  }
}

function act(engine: Engine, target: string, text: string): object {
  const name = target.replace(/^AWSStepFunctions\./, '')
  const known = target.startsWith('AWSStepFunctions.') ? actions.get(name) : undefined
  if (known === undefined) {
    const message = `the action '${name}' is not supported by the local engine`
    throw new StepFunctionsError('UnknownOperationException', message)
  }
  return known(engine, parseBody(text))
}

function parseBody(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text)
    return value
  } catch {
    throw new StepFunctionsError('ValidationException', 'the request is not JSON')
  }
}

const largestRequest = 1_048_576 // AWS: 1 MB a request

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > largestRequest) {
      throw new StepFunctionsError('ValidationException', 'the request is larger than 1 MB')
    }
  }
  return text
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(body, datesInSeconds))
}

const dates = new Set(['startDate', 'stopDate', 'redriveDate', 'creationDate', 'updateDate', 'timestamp'])

/** The protocol writes a date as seconds since the epoch, with a fraction. */
function datesInSeconds(field: string, value: unknown): unknown {
  return dates.has(field) && typeof value === 'number' ? value / 1_000 : value
}

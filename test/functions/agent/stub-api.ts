import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { largestFile } from '../../../shared/http/request.ts'

/** What the product's API answers to an agent, as far as its caller decides it. */
export interface StubApi {
  readonly url: string
  /** Every call: method, path and body, and the key of one that carries a key. */
  /** What time the agent said it was, at each call; not a number where it did not. */
  readonly timesSaid: readonly number[]
  readonly calls: {
    readonly method: string
    readonly path: string
    readonly body: unknown
    readonly key?: string | string[]
  }[]
  /** Answers the next calls of paths that end so with a problem. */
  refuse(path: string, status: number, code: string, detail?: string, more?: object): void
  /** Answers the next calls of a path with this. */
  answer(path: string, body: object): void
  /** Answers as usual again. */
  allow(path: string): void
  /** Its clock runs so many minutes ahead of ours. */
  minutesAhead: number
  /** Calls of a kind, by the last word of their path. */
  of(word: string): unknown[]
  close(): void
}

export interface StubApiOptions {
  /** What a claim hands out. */
  readonly file?: Uint8Array
  readonly name?: (exportId: string) => string
  /** Hands the file out by an address, as the API does with a large one. */
  readonly byAddress?: boolean
  /** Told when a call has come, and when it was answered; a call may be lost on its way. */
  readonly onCall?: (path: string, moment: 'asked' | 'answered') => 'lost' | undefined
}

export const fileName = 'clinic-e1-p1.txt'
export const content = Buffer.from(';clinic-e1\r\nJ,24-1007\r\n', 'latin1')
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
export const sha256 = sha256Of(content)

export const message = (attempt = 1, exportId = 'clinic-e1', file: Uint8Array = content) => ({
  v: 1,
  company: 'northwind',
  project: 'clinic',
  exportId,
  attempt,
  parts: [
    {
      part: 1,
      mode: 'original_estimate' as const,
      key: `c/northwind/sage/nw-main/${fileName}`,
      sha256: sha256Of(file),
      entries: 3,
      total: '1010000.00',
    },
  ],
})

const textOf = (bytes: Buffer, type: string | undefined): string =>
  (type === 'application/gzip' ? gunzipSync(bytes) : bytes).toString('utf8')

function answerJson(response: ServerResponse, status: number, type: string, body: unknown): void {
  response.writeHead(status, { 'content-type': type })
  response.end(JSON.stringify(body))
}

/** A small API on a free port of this machine. */
export async function serveApi(options: StubApiOptions = {}): Promise<StubApi> {
  const { file = content, name = () => fileName, byAddress = false, onCall = () => undefined } = options
  const calls: StubApi['calls'] = []
  const timesSaid: number[] = []
  const refusals = new Map<string, { status: number; problem: object }>()

  const answers = new Map<string, object>()

  let claims = 0
  const claimed = (exportId: string, attempt?: number) => ({
    claim: (claims += 1),
    message: message(attempt, exportId, file),
    file: {
      name: name(exportId),
      ...(byAddress ? { url: `${api.url}/file` } : { base64: Buffer.from(file).toString('base64') }),
    },
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(Date.now() + api.minutesAhead * 60_000).toUTCString())
    const path = request.url ?? ''
    const bytes = await buffer(request)
    if (path === '/file') return void response.end(file)
    if (bytes.length > largestFile)
      return answerJson(response, 413, 'application/problem+json', { type: 'urn:problem:TOO_LARGE' })
    const text = textOf(bytes, request.headers['content-type'])
    const body = text === '' ? undefined : (JSON.parse(text) as { attempt?: number })
    const key = request.headers['idempotency-key']
    calls.push({ method: request.method ?? '', path, body, ...(key !== undefined && { key }) })
    timesSaid.push(Date.parse(String(request.headers['x-client-time'])))
    if (onCall(path, 'asked') === 'lost') return void response.destroy()
    response.once('finish', () => {
      onCall(path, 'answered')
    })
    const refused = [...refusals].find(([word]) => path.endsWith(word))?.[1]
    if (refused) {
      answerJson(response, refused.status, 'application/problem+json', refused.problem)
      return
    }
    const [, exportId = ''] = /^\/exports\/(.*)\/claim$/.exec(path) ?? []
    if (exportId && body?.attempt === undefined) {
      answerJson(response, 400, 'application/problem+json', { type: 'urn:problem:INVALID_INPUT' })
      return
    }
    answerJson(
      response,
      200,
      'application/json',
      exportId ? claimed(exportId, body?.attempt) : (answers.get(path) ?? {}),
    )
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  const api: StubApi = {
    url: `http://127.0.0.1:${String(address.port)}`,
    calls,
    timesSaid,
    minutesAhead: 0,
    refuse: (path, status, code, detail = `Refused: ${code}`, more = {}) =>
      void refusals.set(path, { status, problem: { type: `urn:problem:${code}`, detail, ...more } }),
    answer: (path, body) => void answers.set(path, body),
    allow: (path) => void refusals.delete(path),
    of: (word) => calls.filter(({ path }) => path.endsWith(word)).map(({ body }) => body),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return api
}

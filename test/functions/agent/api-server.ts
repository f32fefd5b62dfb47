import { createServer, type IncomingMessage } from 'node:http'
import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'

/** What the product's API answers to an agent, as far as a test decides it. */
export interface ApiServer {
  readonly url: string
  /** Every call: method, path and body. */
  readonly calls: { readonly method: string; readonly path: string; readonly body: unknown }[]
  /** Answers a path's next calls with a problem. */
  refuse(path: string, status: number, code: string, detail?: string): void
  /** Its clock runs so many minutes ahead of ours. */
  minutesAhead: number
  /** Answers as usual again. */
  allow(path: string): void
  /** Calls of a kind, by the last word of their path. */
  of(word: string): unknown[]
}

const bytesOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

export const fileName = 'clinic-e1-p1.txt'
export const content = Buffer.from(';clinic-e1\r\nJ,24-1007\r\n', 'latin1')
export const sha256 = createHash('sha256').update(content).digest('hex')

export const message = (attempt = 1) => ({
  v: 1,
  company: 'northwind',
  project: 'clinic',
  exportId: 'clinic-e1',
  attempt,
  parts: [
    {
      part: 1,
      mode: 'original_estimate' as const,
      key: `c/northwind/sage/nw-main/${fileName}`,
      sha256,
      entries: 3,
      total: '1010000.00',
    },
  ],
})

/** A small API on a free port, gone after the test; `file` is what a claim hands out. */
export async function startApi(file: Uint8Array = content, { name = fileName } = {}): Promise<ApiServer> {
  const calls: ApiServer['calls'] = []
  const refusals = new Map<string, { status: number; code: string; detail: string }>()
  const server = createServer((request, response) => {
    response.setHeader('date', new Date(Date.now() + api.minutesAhead * 60_000).toUTCString())
    void (async () => {
      const text = await bytesOf(request)
      const path = request.url ?? ''
      const body = text === '' ? undefined : (JSON.parse(text) as { attempt?: number })
      calls.push({ method: request.method ?? '', path, body })
      const refused = [...refusals].find(([word]) => path.endsWith(word))?.[1]
      if (refused) {
        const problem = { type: `urn:problem:${refused.code}`, detail: refused.detail }
        response.writeHead(refused.status, { 'content-type': 'application/problem+json' })
        response.end(JSON.stringify(problem))
        return
      }
      const claimed = {
        message: message(body?.attempt),
        file: { name, base64: Buffer.from(file).toString('base64') },
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(path.endsWith('/claim') ? claimed : {}))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  const api: ApiServer = {
    url: `http://127.0.0.1:${String(address.port)}`,
    calls,
    minutesAhead: 0,
    refuse: (path, status, code, detail = `Refused: ${code}`) =>
      void refusals.set(path, { status, code, detail }),
    allow: (path) => void refusals.delete(path),
    of: (word) => calls.filter(({ path }) => path.endsWith(word)).map(({ body }) => body),
  }
  return api
}

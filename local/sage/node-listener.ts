import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { SageDesk } from './http.ts'

const largestBody = 32 * 1024 * 1024 // an import file of 100,000 lines is about a third of it

/** Puts the desk behind a `node:http` server. Failures of the desk itself go to `onError` and are answered 500. */
export function nodeListener(desk: SageDesk, onError: (error: unknown) => void): RequestListener {
  return (request, response) => {
    answer(desk, request, response).catch((error: unknown) => {
      onError(error)
      response.writeHead(500).end()
    })
  }
}

async function answer(desk: SageDesk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request)
  if (body === null) {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const { method = 'GET', url = '/', headers } = request
  const answered = await desk.handle({ method, path: url, headers, body })
  response.writeHead(answered.status, answered.headers).end(answered.body)
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request) {
    if (!(part instanceof Uint8Array)) continue
    size += part.length
    if (size > largestBody) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

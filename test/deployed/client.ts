import { randomUUID } from 'node:crypto'
import { assertAsDescribed } from '../functions/api/as-described.ts'
import type { RoleNeeded, Stage } from './stage.ts'

export interface Asked {
  readonly body?: unknown
  /** Idempotency-Key; a fresh one where none is given. */
  readonly key?: string
  /** Where the ETag that is sent as If-Match is read first. */
  readonly matching?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as JSON, where it is that. */
  readonly json: unknown
  readonly bytes: Buffer
}

/** The API as a program of somebody else's uses it; every answer is held against its description. */
export interface Client {
  ask(role: RoleNeeded, method: string, path: string, asked?: Asked): Promise<Answered>
  /** The same; an answer that is no success is an error. */
  get(role: RoleNeeded, path: string): Promise<unknown>
  send(role: RoleNeeded, method: string, path: string, asked?: Asked): Promise<unknown>
}

export function clientOf({ url, token }: Stage): Client {
  const ask: Client['ask'] = async (role, method, path, { body, key = randomUUID(), matching } = {}) => {
    const seen = matching === undefined ? undefined : (await ask(role, 'GET', matching)).headers['etag']
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token(role)}`,
        ...(method !== 'GET' && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(seen !== undefined && { 'if-match': seen }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const headers = Object.fromEntries(answer.headers)
    const isJson = /json(;|$)/.test(headers['content-type'] ?? '')
    const came = {
      status: answer.status,
      headers,
      json: isJson ? (JSON.parse(bytes.toString()) as unknown) : undefined,
      bytes,
    }
    assertAsDescribed(method, path.split('?')[0] ?? '', came)
    return came
  }
  const send: Client['send'] = async (role, method, path, asked) => {
    const { status, json, bytes } = await ask(role, method, path, asked)
    if (status >= 300) throw new Error(`${method} ${path} as ${role}: ${String(status)} ${bytes.toString()}`)
    return json
  }
  return { ask, send, get: async (role, path) => await send(role, 'GET', path) }
}

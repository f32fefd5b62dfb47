import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Runtime } from './runtime/runtime.ts'
import { groupsOf, type LocalPerson, subjectOf } from './local-company.ts'

const Problem = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  what_to_do: z.string().optional(),
  findings: z.array(z.unknown()).optional(),
})

/** The API said no. */
export class ProblemAnswer extends Error {
  readonly status: number
  readonly body: unknown
  /** What was refused and what to do, without the address that was asked; for people. */
  readonly sentence: string
  /** What the refusal names one by one; each is a finding of the API. */
  readonly findings: readonly unknown[]
  constructor(status: number, what: string, body: unknown) {
    const { detail, title, what_to_do, findings } = Problem.safeParse(body).data ?? {}
    const sentence = `${detail ?? title ?? JSON.stringify(body)} ${what_to_do ?? ''}`.trim()
    super(`${what}: ${String(status)} ${sentence}`)
    this.name = 'ProblemAnswer'
    this.sentence = sentence
    this.findings = findings ?? []
    this.status = status
    this.body = body
  }
}

export interface ApiClient {
  get(path: string): Promise<unknown>
  /** Sends a change with the ETag of what stands at `path` now, and a key of its own. */
  send(
    method: 'PUT' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    options?: SendOptions,
  ): Promise<unknown>
}

export interface SendOptions {
  /** Reads the ETag here first and sends it as If-Match. */
  readonly matching?: string
  readonly contentType?: string
}

/** The API as one person uses it: with a token of theirs from the local issuer. */
export function apiAs(runtime: Pick<Runtime, 'url' | 'issueToken'>, person: LocalPerson): ApiClient {
  const token = async (): Promise<string> =>
    await runtime.issueToken({
      subject: subjectOf(person),
      email: person.email,
      groups: groupsOf(person),
    })

  async function call(method: string, path: string, headers: Record<string, string>, body?: string) {
    const answer = await fetch(`${runtime.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...headers },
      ...(body === undefined ? {} : { body }),
    })
    const text = await answer.text()
    const read: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
    if (!answer.ok) throw new ProblemAnswer(answer.status, `${method} ${path}`, read)
    return { read, etag: answer.headers.get('etag') }
  }

  return {
    get: async (path) => (await call('GET', path, {})).read,
    async send(method, path, body, { matching, contentType = 'application/json' } = {}) {
      const seen = matching === undefined ? undefined : (await call('GET', matching, {})).etag
      const headers = {
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(seen === undefined || seen === null ? {} : { 'if-match': seen }),
      }
      const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      return (await call(method, path, headers, sent)).read
    },
  }
}

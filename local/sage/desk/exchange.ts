import type * as z from 'zod'
import type { PostedPlace } from '../post-entries.ts'
import { type RefusalCode, SageRefusal } from '../refusals.ts'

/** A request as `handle` takes it; `path` with its query string. Header names in lower case, as Node gives them. */
export interface DeskRequest {
  readonly method: string
  readonly path: string
  readonly body?: Uint8Array | string | undefined
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
}

export interface DeskResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** A request that found its route. */
export interface Call {
  /** Parts of the path that the route names, decoded. */
  readonly part: (name: string) => string
  readonly query: URLSearchParams
  readonly request: DeskRequest
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Such as `/sage/companies/:company/imports/:number`. */
  readonly path: string
  readonly answer: (call: Call) => DeskResponse | Promise<DeskResponse>
}

export type FoundRoute = { readonly answer: () => DeskResponse | Promise<DeskResponse> }

export function findRoute(routes: readonly Route[], request: DeskRequest): FoundRoute | null {
  const [pathname = '', query = ''] = request.path.split('?', 2)
  const segments = pathname.replace(/\/+$/, '').split('/')
  for (const route of routes) {
    if (route.method !== request.method) continue
    const parts = partsOf(route.path.split('/'), segments)
    if (!parts) continue
    const part = (name: string): string => parts.get(name) ?? ''
    return { answer: () => route.answer({ part, query: new URLSearchParams(query), request }) }
  }
  return null
}

function partsOf(pattern: readonly string[], segments: readonly string[]): Map<string, string> | null {
  if (pattern.length !== segments.length) return null
  const parts = new Map<string, string>()
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (expected.startsWith(':')) parts.set(expected.slice(1), decoded(segment))
    else if (expected !== segment) return null
  }
  return parts
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a broken escape names nothing, and is answered as unknown
  }
}

/** Numbers in a path; @throws {SageRefusal} of the thing they would name, where they are none. */
export const importNumber = (call: Call): number => numberIn(call, 'number', 'IMPORT_UNKNOWN')
export const entryNumber = (call: Call): number => numberIn(call, 'entry', 'ENTRY_UNKNOWN')
export const postedPlace = (call: Call): PostedPlace => ({
  run: numberIn(call, 'run', 'TRANSACTION_UNKNOWN'),
  sequence: numberIn(call, 'sequence', 'TRANSACTION_UNKNOWN'),
})

function numberIn(call: Call, name: string, unknown: RefusalCode): number {
  const text = call.part(name)
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new SageRefusal(unknown, `there is nothing with the number "${text}"`)
  return Number(text)
}

/** A body that is no form or no JSON. */
export class UnreadableBody extends Error {}

/** Fields of a form, with or without a file in it. @throws {UnreadableBody} */
export async function formOf({ body, headers }: DeskRequest): Promise<FormData> {
  const type = headers?.['content-type']
  const contentType = typeof type === 'string' ? type : 'application/x-www-form-urlencoded'
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body ?? [])
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new UnreadableBody('the body is not a form')
  }
}

/** A body in JSON. @throws {UnreadableBody} no JSON; @throws {z.ZodError} another shape */
export function bodyOf<Schema extends z.ZodType>({ request }: Call, schema: Schema): z.output<Schema> {
  const { body } = request
  const text = typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8')
  return schema.parse(parsedJson(text))
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableBody('the body is not JSON')
  }
}

/** A text field of a form; blank where it is missing. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

export const ticked = (form: FormData, name: string): boolean => form.has(name)

/** Nothing from outside, no script, nothing kept. */
const guards = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export const htmlAnswer = (status: number, body: string): DeskResponse => ({
  status,
  headers: { ...guards, 'content-type': 'text/html; charset=utf-8' },
  body,
})

/** After a change, so that reloading the page repeats nothing. */
export const seeOther = (location: string): DeskResponse => ({
  status: 303,
  headers: { ...guards, location },
  body: '',
})

export const jsonAnswer = (value: unknown, status = 200): DeskResponse => ({
  status,
  headers: { ...guards, 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

export const fileAnswer = (name: string, body: Uint8Array): DeskResponse => ({
  status: 200,
  headers: {
    ...guards,
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
  },
  body,
})

export const problemAnswer = (status: number, code: string, detail: string): DeskResponse => ({
  status,
  headers: { ...guards, 'content-type': 'application/problem+json' },
  body: JSON.stringify({ type: `urn:sage-simulator:${code}`, title: code, status, detail }),
})

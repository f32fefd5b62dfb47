import { createHash, timingSafeEqual } from 'node:crypto'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Secret } from '../domain/secret.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'

/** A form without a file is small; anything larger was not made by a person. */
const longestForm = 100_000

/** What a page's form holds: its fields, repeated ones with all their values, and the files chosen in it. */
export interface Form {
  readonly fields: URLSearchParams
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** The posted form, at most `longest` bytes of it (TOO_LARGE), or undefined for what is none. */
export async function formOf(
  event: Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>,
  longest = longestForm,
): Promise<Form | Refusal | undefined> {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
  const type = event.headers['content-type'] ?? ''
  const withoutFile = type.startsWith('application/x-www-form-urlencoded')
  const most = withoutFile ? Math.min(longest, longestForm) : longest
  if (body.length > most)
    return refusal(
      'TOO_LARGE',
      `What was sent is larger than ${String(Math.floor(most / 1000))} kB.`,
      'Go back, and send less at a time.',
    )
  if (withoutFile) return { fields: new URLSearchParams(body.toString('utf8')), files: new Map() }
  return type.startsWith('multipart/form-data') ? await manyParts(body, type) : undefined
}

async function manyParts(body: Buffer, type: string): Promise<Form | undefined> {
  const data = await dataOf(body, type)
  if (!data) return undefined
  const fields = new URLSearchParams()
  const files = new Map<string, Uint8Array>()
  for (const [name, value] of data)
    if (typeof value === 'string') fields.append(name, value)
    // A browser sends a file that nobody chose as one without bytes.
    else if (value.size > 0) files.set(name, new Uint8Array(await value.arrayBuffer()))
  return { fields, files }
}

/** The platform's own reader; undefined for what it cannot read. */
async function dataOf(body: Buffer, type: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  } catch {
    return undefined
  }
}

/** What a form chose, and '' where it holds no choice, or more than one. */
export function choiceIn(fields: URLSearchParams): string {
  const choices = fields.getAll('choice')
  return choices.length === 1 ? (choices[0] ?? '') : ''
}

/** Ties a form to the page that showed it: made of the reference, which only its holder knows, and of what was shown. */
export const pageMark = (reference: Secret, ...shown: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([reference.open(), ...shown]))
    .digest('base64url')

export function markMatches(given: string | null, expected: string): boolean {
  const bytes = Buffer.from(given ?? '')
  const wanted = Buffer.from(expected)
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
}

/** Whether a browser says that the form came from another site. Browsers that say nothing are told apart by the page mark. */
export function fromAnotherSite({ headers }: Pick<APIGatewayProxyEventV2, 'headers'>): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const origin = headers['origin']
  return origin !== undefined && origin !== 'null' && hostOf(origin) !== headers['host']
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined

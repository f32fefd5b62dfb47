import { createHash, timingSafeEqual } from 'node:crypto'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** A form is small; anything larger was not made by a person. */
const longestForm = 100_000

/** The fields of a posted form, or undefined for what is none. Repeated fields keep all their values. */
export function formOf(event: APIGatewayProxyEventV2): URLSearchParams | undefined {
  const type = event.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) return undefined
  const body = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : (event.body ?? '')
  return body.length > longestForm ? undefined : new URLSearchParams(body)
}

/** Ties a form to the page that showed it: made of the reference, which only its holder knows, and of what was shown. */
export const pageMark = (reference: string, ...shown: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([reference, ...shown]))
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

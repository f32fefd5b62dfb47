import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { expect } from 'vitest'
import type { Link } from '../../shared/store/company-store.ts'
import { makeLink } from '../../shared/mail/links.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import type { Tables } from '../store/memory-database.ts'

export type Page = APIGatewayProxyStructuredResultV2

export interface PageCall {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly reference: string
  readonly part?: string
  /** Of the lines, as the address asks for it. */
  readonly page?: number | string
  readonly form?: string
  readonly headers?: Readonly<Record<string, string>>
}

const host = 'budgets.example.com'

/** A request of a browser to one of the public pages, as payload 2.0. */
export const pageEvent = ({
  method = 'GET',
  reference,
  part,
  page,
  form,
  headers = {},
}: PageCall): APIGatewayProxyEventV2 =>
  ({
    version: '2.0',
    headers: {
      host,
      ...(form !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        origin: `https://${host}`,
        'sec-fetch-site': 'same-origin',
      }),
      ...headers,
    },
    pathParameters: { reference, ...(part !== undefined && { part }) },
    ...(page !== undefined && { queryStringParameters: { page: String(page) } }),
    requestContext: {
      requestId: 'request-of-a-page',
      http: {
        method: form === undefined ? method : 'POST',
        sourceIp: '203.0.113.77',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      },
    },
    ...(form !== undefined && { body: Buffer.from(form).toString('base64') }),
    isBase64Encoded: form !== undefined,
  }) as unknown as APIGatewayProxyEventV2

/** A fresh reference to a page; what a mail carries. */
export async function referenceTo(machine: CycleMachine, link: Omit<Link, 'made_at'>): Promise<string> {
  const url = await makeLink(machine.companies, `https://${host}`, {
    ...link,
    made_at: machine.clock.now(),
  })
  return url.open().split('/').at(-1) ?? ''
}

/** Name and value of a form's field. */
export type Field = readonly [string, string]

/** The fields of a page's form that hold something, as a browser would send them, with what a person fills in. */
export function filled({ body = '' }: Page, fields: readonly Field[]): string {
  const form = new URLSearchParams()
  const typed = new Set(fields.map(([name]) => name))
  for (const [, name = '', value = ''] of body.matchAll(
    /<input\s+type="(?:hidden|date)"\s+name="([^"]+)"\s+value="([^"]*)"/g,
  ))
    if (!typed.has(name)) form.append(name, value)
  for (const [name, value] of fields) form.append(name, value)
  return form.toString()
}

/** Every row of the table, to see that a look changes none. */
export async function everyRow(database: Tables, { table }: CycleMachine): Promise<string> {
  const rows = await database.rowsOf(table)
  return JSON.stringify(rows.map((item) => JSON.stringify(item, inOrder)).toSorted())
}

// A scan gives the attributes of a row in any order.
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** The same for every test that leaves it as it was. */
export function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return async () => await (made ??= make())
}

/** Nothing runs, nothing is fetched from elsewhere, nothing is kept, nothing is told. */
export function guarded({ headers = {} }: Page): void {
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
  })
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
}

export const malformed = [
  '',
  'short',
  '../../etc/passwd',
  'a'.repeat(42),
  `${'a'.repeat(42)}!`,
  'a'.repeat(44),
]
export const neverMade = 'A'.repeat(43)

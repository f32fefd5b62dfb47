import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

/** What an operation answers; the pipeline writes it out. `body` is JSON unless `text` or `bytes` is given. */
export interface Answer {
  readonly status: number
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body,
  headers,
})

export const accepted = (body: unknown): Answer => ({ status: 202, body })

// On every answer, problems included: nothing of a budget belongs in a cache or a guessed type.
const everywhere = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
}

/** The answer in API Gateway's payload format 2.0. */
export function written(answer: Answer): APIGatewayProxyStructuredResultV2 {
  const type = answer.type ?? 'application/json'
  const headers = { ...everywhere, 'content-type': type, ...answer.headers }
  if (answer.bytes)
    return {
      statusCode: answer.status,
      headers,
      body: Buffer.from(answer.bytes).toString('base64'),
      isBase64Encoded: true,
    }
  return { statusCode: answer.status, headers, body: answer.text ?? JSON.stringify(answer.body) }
}

import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import * as z from 'zod'

// `npm run -s ops -- show riverside-clinic`, `... -- restart riverside-clinic --reason "..."`: looks at the workflow of a
// budget and repairs it, through the API, as an operator (docs/operations.md). API_URL and TOKEN name another API and a
// token for it; left out, it is the stack on this machine (API_PORT), as Otto.

const acts = { 'tell-again': 'tell_again', restart: 'restart' } as const
const usage = `Say what, and of which project:
  npm run -s ops -- show <project>
  npm run -s ops -- tell-again <project> --reason "Its row was lost."
  npm run -s ops -- restart <project> --reason "The execution was stopped by mistake."`

const { API_URL, API_PORT = '4100' } = process.env
const api = (API_URL ?? `http://127.0.0.1:${API_PORT}`).replace(/\/+$/, '')

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  return await fetch(`${api}${path}`, options).catch(() => {
    throw new Error(`Nothing answers at ${api}. Run npm start first, or name the API with API_URL and TOKEN.`)
  })
}

const token = async (): Promise<string> =>
  process.env['TOKEN'] ?? (await (await ask('/desk/token/otto')).text())

const Problem = z.looseObject({ code: z.string(), detail: z.string(), what_to_do: z.string().optional() })

async function answered(
  path: string,
  {
    headers,
    ...options
  }: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<unknown> {
  const authorization = `Bearer ${await token()}`
  const answer = await ask(path, { ...options, headers: { authorization, ...headers } })
  const body: unknown = await answer.json()
  if (answer.ok) return body
  const {
    code,
    detail,
    what_to_do = '',
  } = Problem.catch({ code: String(answer.status), detail: JSON.stringify(body) }).parse(body)
  throw new Error(`${code}: ${detail} ${what_to_do}`.trim())
}

const repaired = async (path: string, reason: string): Promise<unknown> =>
  await answered(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ reason }),
  })

try {
  const options = { reason: { type: 'string' } } as const
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  const [act = '', project, ...others] = positionals
  if (project === undefined || others.length > 0) throw new Error(usage)
  const path = `/ops/budgets/${encodeURIComponent(project)}`
  const name = Object.entries(acts).find(([each]) => each === act)?.[1]
  if (act !== 'show' && name === undefined) throw new Error(usage)
  if (name !== undefined && values.reason === undefined)
    throw new Error('Say why, for the history of the budget: --reason "..."')
  const body =
    name === undefined ? await answered(path) : await repaired(`${path}/${name}`, values.reason ?? '')
  console.log(JSON.stringify(body, null, 2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

import { expect } from 'vitest'
import { agent, ann, mia, pat, ruth } from '../../functions/api/acme.ts'
import { type Call, type Came, idempotencyKey, type LocalApi } from '../../functions/api/local-api.ts'
import { keyOf, step } from '../../functions/api/workflow-by-hand.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { statusOf, problemType } from '../../../shared/http/problem.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import type { Asked, Command, Done, Manner } from './command.ts'
import type { PlainBudget } from './plain-budget.ts'

/** The real API over the real database, on one project, and what it has kept under idempotency keys. */
export interface RealBudget {
  readonly api: LocalApi
  readonly project: string
  readonly kept: Map<string, { readonly request: string; readonly came: Came }>
  /** The last key that each person used. */
  readonly used: Map<string, string>
  /** What stood when everything was compared last. */
  seen: { readonly head?: BudgetHead; readonly lines?: object[] }
}

export const done = (came: Came): Came => {
  if (came.status >= 300) throw new Error(`${String(came.status)} ${came.text}`)
  return came
}

const pathOf = (real: RealBudget, path: string): string => `/projects/${real.project}${path}`

const staleOf = (asked: Asked, manner: Manner): string | undefined => {
  if (asked.ifMatch === 'none' || manner.ifMatch === 'current') return undefined
  if (manner.ifMatch === 'stale') return 'CHANGED_MEANWHILE'
  return asked.ifMatch === 'required' ? 'IF_MATCH_MISSING' : undefined
}

function keyFor({ used }: RealBudget, { key, as }: Asked, manner: Manner): string | undefined {
  if (key === 'none' || (key === 'optional' && manner.key === 'none')) return undefined
  return (manner.key === 'used' && used.get(as.sub)) || idempotencyKey()
}

function callOf(
  { as, body, file, query, ifMatch }: Asked,
  manner: Manner,
  plain: PlainBudget,
  key?: string,
): Call {
  const seen = manner.ifMatch === 'current' ? plain.revision : plain.revision - 1
  return {
    as,
    body,
    ...(file !== undefined && { text: file }),
    ...(query && { query }),
    headers: {
      ...(file !== undefined && { 'content-type': 'text/csv' }),
      ...(ifMatch !== 'none' && manner.ifMatch !== 'missing' && { 'if-match': `"${String(seen)}"` }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
  }
}

const refusedWith = ({ json, status }: Came, code: string): void => {
  expect({ status, type: json.type }).toEqual({
    status: statusOf[code as keyof typeof statusOf],
    type: problemType(code as keyof typeof statusOf),
  })
}

const sameAnswer = (came: Came, before: Came): void => {
  expect([came.status, came.text]).toEqual([before.status, before.text])
}

/** Gives one command to the model and to the real API, and compares what they say. */
export async function give(
  real: RealBudget,
  plain: PlainBudget,
  drawn: Command,
  manner: Manner,
): Promise<void> {
  const asked = drawn.ask(plain)
  const key = keyFor(real, asked, manner)
  const call = callOf(asked, manner, plain, key)
  const path = pathOf(real, asked.path)
  const request = JSON.stringify([asked.method, path, asked.query, asked.body, asked.file])
  const mark = `${asked.as.sub} ${String(key)}`
  const kept = real.kept.get(mark)
  const send = async () => await real.api.call(asked.method, path, call)
  if (asked.unread !== undefined) return refusedWith(await send(), asked.unread)
  if (kept) {
    const came = await send()
    return kept.request === request
      ? sameAnswer(came, kept.came)
      : refusedWith(came, 'IDEMPOTENCY_KEY_REUSED')
  }
  const said = asked.decide(staleOf(asked, manner))
  const came = await send()
  if (typeof said === 'string') refusedWith(came, said)
  else await accepted(real, plain, asked, said, came)
  if (key !== undefined) {
    if (typeof said !== 'string' && said.wrote) {
      real.kept.set(mark, { request, came })
      real.used.set(asked.as.sub, key)
    }
    if (manner.twice) sameAnswer(await send(), came)
  }
}

async function accepted(
  real: RealBudget,
  plain: PlainBudget,
  asked: Asked,
  { status, says }: Done,
  came: Came,
): Promise<void> {
  expect([came.status, came.status === status ? '' : came.text]).toEqual([status, ''])
  expect(came.json).toMatchObject(says ?? {})
  if (asked.interrupted) refusedWith(await edit(real, plain), 'COMMAND_PENDING')
  for (const name of asked.steps ?? []) await step(real.api, real.project, name)
  if (asked.posts !== undefined) await post(real, plain, asked.posts)
}

async function edit(real: RealBudget, plain: PlainBudget): Promise<Came> {
  return await real.api.call('PATCH', pathOf(real, '/budget/line_items'), {
    as: mia,
    body: { upserts: [{ cost_code: '77-7777', cost_type: 'L', original_budget_amount: '0.00' }] },
    headers: { 'if-match': `"${String(plain.revision)}"` },
  })
}

/** What accounting, the agent and the workflow do with a budget that was sent. */
async function post({ api, project }: RealBudget, plain: PlainBudget, files: number): Promise<void> {
  const key = keyOf(project)
  await step(api, project, 'sendToErp')
  const { sent_version: version, send, approval_step: at = 1 } = (await api.store.head(key))!
  const { version_hash, export_hash, parts, ticks } = (await api.store.approval(key, {
    version,
    send,
    step: at,
  }))!
  const shown = {
    version_hash,
    export_hash,
    parts: parts.map(({ part, total }) => ({ part, total: (Number(total) / 100).toFixed(2) })),
  }
  const body = { choice: 'accept', shown, ticks }
  done(await api.command(`/erp/budgets/${project}/decision`, { as: ann, body }))
  await step(api, project, 'exportBudget')
  const number = plain.exports.length
  const address = `/exports/${project}-e${String(number)}`
  for (let part = 1; part <= files; part += 1) {
    const { attempt, file_sha256 } = (await api.store.parts(key, number)).find((each) => each.part === part)!
    const receipt = { part, attempt, sha256: file_sha256, where: 'ACME EAST' }
    done(await api.call('POST', `${address}/receipt`, { as: agent, body: receipt }))
    await takeSageEvent(api, api.reports.at(-1))
    await step(api, project, 'recordReceipt')
    done(await api.command(`${address}/posted`, { as: pat, body: { part } }))
    await step(api, project, part < files ? 'prepareNextPart' : 'closeCycle')
  }
  plain.history = (await api.store.head(key))!.sequence
}

/** Everything that the API lists, page by page. */
export async function listed(
  api: LocalApi,
  path: string,
  members: 'line_items' | 'versions' | 'history' | 'budget_changes',
  limit: number,
): Promise<object[]> {
  const all: object[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = { limit: String(limit), ...(cursor !== '' && { cursor }) }
    const { json } = done(await api.call('GET', path, { as: ruth, query }))
    all.push(...json[members])
    cursor = json.next_cursor
  }
  return all
}

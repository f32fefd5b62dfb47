import { writeXlsx } from 'hucre/xlsx'
import { expect } from 'vitest'
import { agent, ann, ed, mia, pat, ruth } from '../../functions/api/acme.ts'
import type { Call } from '../../functions/api/api-event.ts'
import { type Came, idempotencyKey, type LocalApi } from '../../functions/api/local-api.ts'
import { keyOf, step } from '../../functions/api/workflow-by-hand.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { statusOf, problemType } from '../../../shared/http/problem.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import type { Asked, Done, FileSent, Manner } from './command.ts'
import type { PlainBudget, SageTotal } from './plain-budget.ts'
import { decimal } from './plain-line.ts'
import type { Reached } from './reached.ts'

/** The real API over the real database, on one project, and what it has kept under idempotency keys. */
export interface RealBudget {
  readonly api: LocalApi
  readonly project: string
  readonly reached: Reached
  readonly kept: Map<string, { readonly request: string; readonly came: Came }>
  /** The last key that each person used. */
  readonly used: Map<string, string>
  /** The workbook that was exported last. */
  exported?: Uint8Array
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

async function fileOf({ exported }: RealBudget, file: FileSent): Promise<Pick<Call, 'text' | 'base64'>> {
  if (file.kind === 'csv') return { text: file.text }
  const bytes =
    file.kind === 'exported'
      ? exported!
      : await writeXlsx({ sheets: [{ name: 'Budget', rows: file.rows.map((row) => [...row]) }] })
  return { base64: Buffer.from(bytes).toString('base64') }
}

const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

function callOf(
  { as, body, query, ifMatch }: Asked,
  file: Pick<Call, 'text' | 'base64'> | undefined,
  manner: Manner,
  plain: PlainBudget,
  key?: string,
): Call {
  const seen = manner.ifMatch === 'current' ? plain.revision : plain.revision - 1
  return {
    as,
    body,
    ...file,
    ...(query && { query }),
    headers: {
      ...(file && { 'content-type': file.text === undefined ? workbookType : 'text/csv' }),
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

/** Gives one request to the model and to the real API, and compares what they say: true where it was let through. */
export async function give(
  real: RealBudget,
  plain: PlainBudget,
  asked: Asked,
  manner: Manner,
): Promise<boolean> {
  if (asked.exports) await exportWorkbook(real, plain)
  const file = asked.file && (await fileOf(real, asked.file))
  const key = keyFor(real, asked, manner)
  const call = callOf(asked, file, manner, plain, key)
  const path = pathOf(real, asked.path)
  const request = JSON.stringify([asked.method, path, asked.query, asked.body, file])
  const mark = `${asked.as.sub} ${String(key)}`
  const kept = real.kept.get(mark)
  const send = async () => await real.api.call(asked.method, path, call)
  if (asked.reads) await readSage(real, plain, asked.reads)
  if (asked.unread !== undefined) {
    real.reached.note(asked.name, asked.unread)
    refusedWith(await send(), asked.unread)
    return false
  }
  if (kept) {
    const came = await send()
    const same = kept.request === request
    if (same) sameAnswer(came, kept.came)
    else refusedWith(came, 'IDEMPOTENCY_KEY_REUSED')
    return same
  }
  const said = asked.decide(staleOf(asked, manner))
  const came = await send()
  real.reached.note(asked.name, typeof said === 'string' ? said : said.wrote ? 'done' : 'unchanged')
  if (typeof said === 'string') refusedWith(came, said)
  else await accepted(real, plain, asked, said, came)
  if (key !== undefined) {
    if (typeof said !== 'string' && said.wrote) {
      real.kept.set(mark, { request, came })
      real.used.set(asked.as.sub, key)
    }
    if (manner.twice) sameAnswer(await send(), came)
  }
  return typeof said !== 'string'
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

async function exportWorkbook(real: RealBudget, plain: PlainBudget): Promise<void> {
  plain.exported = plain.sorted()
  real.exported = done(await real.api.call('GET', pathOf(real, '/budget/export.xlsx'), { as: ed })).bytes
}

/** The agent reports what it has read of the job. */
async function readSage(
  { api }: RealBudget,
  plain: PlainBudget,
  totals: readonly SageTotal[],
): Promise<void> {
  plain.readSage(totals)
  const body = {
    as_of: plain.sage?.asOf,
    totals: totals.map(({ code: [extra, cost_code, category], original, changes }) => ({
      extra,
      cost_code,
      category,
      original: decimal(original),
      changes: decimal(changes),
    })),
  }
  done(await api.call('PUT', `/erp/master_data/east/totals/${plain.job!.number}`, { as: agent, body }))
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

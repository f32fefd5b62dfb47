import * as z from 'zod'
import { formatCents } from '../../../shared/domain/cents.ts'
import { stepUnderWay } from '../../../shared/domain/budget-head.ts'
import { eventOf } from '../../functions/api/api-event.ts'
import { key, sageId } from '../../statemachines/cycle/clinic.ts'
import { shownOf } from '../simulation/people.ts'
import { SageBooks } from '../simulation/sage.ts'
import { roles as everybodysRoles, signIn } from '../simulation/sign-in.ts'
import type { World } from '../simulation/world.ts'

// What is asked of the API, by whom, over the budget as it is when it is asked.

const roles = { ...everybodysRoles, 'agent-2': 'connector' } as const
type Who = keyof typeof roles

export interface Ask {
  readonly who: Who
  readonly method: 'POST' | 'PATCH' | 'PUT'
  readonly path: string
  readonly body?: object
  readonly ifMatch?: string
}

export interface Answer {
  readonly status: number
  /** Of the problem, or empty. */
  readonly code: string
  readonly body: string
}

/** Writes an ask when its turn has come. */
export type Asking = (world: World) => Promise<Ask>

const Problem = z.object({ type: z.string() })

const codeOf = (body: string): string =>
  Problem.safeParse(JSON.parse(body || '{}'))
    .data?.type.split(':')
    .at(-1) ?? ''

/** Asks under this idempotency key; history names the request by `request`. */
export async function ask(
  world: World,
  { who, method, path, body, ifMatch }: Ask,
  idempotencyKey: string,
  request: string,
): Promise<Answer> {
  const answer = await world.api(
    eventOf(method, path, {
      as: signIn(who, roles[who]),
      body,
      headers: {
        'idempotency-key': idempotencyKey,
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      request,
    }),
  )
  const { statusCode: status = 0, body: text = '' } = answer
  return { status, code: status < 300 ? '' : codeOf(text), body: text }
}

const budget = `/projects/${key.project}/budget`

const posting =
  (who: Who, path: string, body?: object): Asking =>
  async () =>
    await Promise.resolve({ who, method: 'POST', path, ...(body && { body }) })

const headOf = async ({ calm }: World) => {
  const head = await calm.store.head(key)
  if (!head) throw new Error('no budget')
  return head
}

const revisionOf = async (world: World): Promise<string> => `"${String((await headOf(world)).revision)}"`

export const locks = posting('paula', `${budget}/lock`)
export const unlocks = posting('bob', `${budget}/unlock`, {})
export const sends = posting('paula', `${budget}/send`)
export const retrieves = posting('paula', `${budget}/retrieve`)
export const resends = posting('anna', `${budget}/resend`, { to: 'anna' })
export const restarts = posting('otto', `/ops/budgets/${key.project}/restart`, { reason: 'It stands still' })

export const accepts =
  (who: 'anna' | 'ben'): Asking =>
  async (world) => {
    const open = await world.calm.store.approval(key, stepUnderWay(await headOf(world)))
    const nothing = { version_hash: '0'.repeat(64), export_hash: '0'.repeat(64), parts: [] }
    const shown = shownOf(open ?? nothing)
    const ticks = open?.ticks ?? []
    const path = `/erp/budgets/${key.project}/decision`
    return { who, method: 'POST', path, body: { choice: 'accept', shown, ticks } }
  }

export const rejects = (who: 'anna' | 'ben'): Asking =>
  posting(who, `/erp/budgets/${key.project}/decision`, { choice: 'reject', reason: 'Too low' })

const putsLine =
  (cost_code: string, cost_type: string, original_budget_amount: string): Asking =>
  async (world) => {
    const upserts = [{ cost_code, cost_type, original_budget_amount, calculation_strategy: 'manual' }]
    const ifMatch = await revisionOf(world)
    return { who: 'paula', method: 'PATCH', path: `${budget}/line_items`, body: { upserts }, ifMatch }
  }

/** A line that is there gets another amount, while the budget is unlocked. */
export const edits = putsLine('03-3000', 'L', '190000.00')

/** A line without an amount is added, which a locked budget takes. */
export const addsZeroLine = putsLine('31-2000', 'M', '0.00')

const change = `/projects/${key.project}/budget_changes`

export const draftsChange: Asking = async (world) => ({
  who: 'paula',
  method: 'POST',
  path: change,
  body: {
    title: 'Change',
    adjustment_line_items: [{ cost_code: '03-3000', cost_type: 'S', amount: '15000.00' }],
  },
  ifMatch: await revisionOf(world),
})

export const approvesChange: Asking = async (world) => ({
  who: 'paula',
  method: 'POST',
  path: `${change}/1/approve`,
  body: {},
  ifMatch: await revisionOf(world),
})

/** The export that is open, or that would be made. */
const exported = async (world: World): Promise<string> => {
  const { open_export, export: last } = await headOf(world)
  return `/exports/${key.project}-e${String(open_export ?? last + 1)}`
}

/** What is asked of the first file of the first export, which all contests are about. */
const ofExport =
  (who: Who, name: string, body?: object): Asking =>
  async (world) => ({ who, method: 'POST', path: `${await exported(world)}/${name}`, ...(body && { body }) })

const firstTry = { part: 1, attempt: 1 }

export const claims = (who: 'agent-nw' | 'agent-2'): Asking => ofExport(who, 'claim', firstTry)
export const fails = ofExport('agent-nw', 'failure', {
  ...firstTry,
  messages: ['The share is gone.'],
  nothing_written: true,
})
export const receives: Asking = async (world) => {
  const { calm } = world
  const [part] = await calm.store.parts(key, (await headOf(world)).open_export ?? 0)
  if (!part) throw new Error('no part')
  const body = { ...firstTry, sha256: part.file_sha256, where: part.file_name }
  return await ofExport('agent-nw', 'receipt', body)(world)
}
export const retries = ofExport('anna', 'retry')
export const givesBack = ofExport('anna', 'return', { reason: 'Wrong job' })
export const posts = ofExport('peter', 'posted', { part: 1 })
export const rejectsLine = ofExport('peter', 'rejects', {
  part: 1,
  lines: [{ sub_job: 'SITE', cost_code: '31-2000', cost_type: 'S' }],
})

/** Sage's totals as they are once the first file is posted, but for its lines of which `rejected` says so. */
export const readsTotals =
  (rejected: (cost_code: string) => boolean = () => false): Asking =>
  async (world) => {
    const [part] = await world.calm.store.parts(key, 1)
    const lines = SageBooks.linesOf(world.objects.files.get(part?.file_key ?? '') ?? new Uint8Array())
    const totals = lines
      .filter(({ cost_code }) => !rejected(cost_code))
      .map(({ cents, ...code }) => ({
        ...code,
        original: formatCents(cents as never),
        changes: '0.00',
      }))
    const as_of = new Date(world.time.now()).toISOString()
    return {
      who: 'agent-nw',
      method: 'PUT',
      path: `/erp/master_data/${sageId}/totals/24-1007`,
      body: { as_of, totals },
    }
  }

import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { ann, ed, etagOf, jobOf, lines, mia, newProject } from './acme.ts'
import type { Call } from './api-event.ts'
import type { Came, LocalApi } from './local-api.ts'
import {
  decideChange,
  deliver,
  fail,
  keyOf,
  makeChange,
  readTotals,
  send,
  shownOf,
  step,
  type Total,
  unlock,
} from './workflow-by-hand.ts'

// One budget on its way through every state it can be in, carried by the real commands and the real steps.

async function done(coming: Promise<Came>): Promise<Came> {
  const came = await coming
  if (came.status >= 300) throw new Error(`${String(came.status)} ${came.text}`)
  return came
}

const command = async (api: LocalApi, path: string, call: Call): Promise<Came> =>
  await done(api.command(path, call))

/** A budget with two lines, a version, a draft of a budget change (1) and an approved one (2). */
export async function newBudget(api: LocalApi): Promise<string> {
  const project = await newProject(api)
  await edit(api, project, lines)
  await command(api, `/projects/${project}/budget/versions`, { as: ed, body: { name: 'As bid' } })
  await makeChange(api, project)
  await makeChange(api, project)
  await lock(api, project)
  await done(decideChange(api, project, 'approve', 2))
  await unlock(api, project)
  return project
}

async function edit(api: LocalApi, project: string, upserts: readonly unknown[]): Promise<void> {
  const headers = { 'if-match': await etagOf(api, project) }
  const call = { as: ed, body: { upserts }, headers }
  await done(api.call('PATCH', `/projects/${project}/budget/line_items`, call))
}

const askLock = async (api: LocalApi, project: string): Promise<Came> =>
  await command(api, `/projects/${project}/budget/lock`, { as: mia })

async function lock(api: LocalApi, project: string): Promise<void> {
  await askLock(api, project)
  await step(api, project, 'lockBudget')
}

const decide = async (api: LocalApi, project: string, body: object): Promise<Came> =>
  await command(api, `/erp/budgets/${project}/decision`, { as: ann, body })

type Posted = readonly [costCode: string, category: string, original: string]

const postedOf = (...codes: readonly Posted[]): Total[] =>
  codes.map(([cost_code, category, original]) => ({ cost_code, category, original }))

const concrete = ['03-3000', 'S', '325000.00'] as const
const steel = ['05-1200', 'M', '180750.00'] as const
const byHand = ['01-1000', 'L', '500.00'] as const

type Go = (api: LocalApi, project: string) => Promise<void>

/** The states in the order of the way, each with how the budget gets there from the one before. */
export const way: readonly (readonly [state: string, go: Go])[] = [
  ['unlocked not_sent', async () => await Promise.resolve()],
  ['unlocked not_sent, lock asked for', async (api, project) => void (await askLock(api, project))],
  ['locked not_sent', async (api, project) => await step(api, project, 'lockBudget')],
  [
    'locked sent',
    async (api, project) => {
      await readTotals(api, project, [])
      await send(api, project)
    },
  ],
  [
    'locked retrieved',
    async (api, project) => {
      await command(api, `/projects/${project}/budget/retrieve`, { as: mia })
      await step(api, project, 'retrieveBudget')
    },
  ],
  ['unlocked retrieved', unlock],
  [
    'unlocked rejected',
    async (api, project) => {
      await lock(api, project)
      await send(api, project)
      await decide(api, project, { choice: 'reject', reason: 'Concrete is too low.' })
      await step(api, project, 'rejectBudget')
    },
  ],
  ['locked rejected', lock],
  [
    'locked expired',
    async (api, project) => {
      await send(api, project)
      api.clock.set('2026-12-25T08:00:00.000Z')
      await step(api, project, 'expireBudget', 'time is up')
    },
  ],
  ['unlocked expired', unlock],
  [
    'locked accepted',
    async (api, project) => {
      // Without approved changes the export is one file.
      await done(decideChange(api, project, 'reopen', 2))
      await lock(api, project)
      await send(api, project)
      await decide(api, project, { choice: 'accept', ...(await shownOf(api, project)) })
      await stopHalfway(api, project)
    },
  ],
  ['locked exporting', async (api, project) => await step(api, project, 'exportBudget')],
  ['locked export_failed', fail],
  [
    'locked exported',
    async (api, project) => {
      await command(api, `/exports/${project}-e1/retry`, { as: ann })
      await step(api, project, 'exportBudget')
      await deliver(api, project)
    },
  ],
  ['locked partly_posted', observed(concrete)],
  ['locked mismatch', observed(byHand)],
  [
    'locked synced',
    async (api, project) => {
      await readTotals(api, project, postedOf(concrete, steel))
      await step(api, project, 'closeCycle')
    },
  ],
  ['unlocked synced', unlock],
  [
    'unlocked update_pending',
    async (api, project) => {
      await edit(api, project, [{ ...lines[0], original_budget_amount: '326000.00' }])
    },
  ],
  ['locked update_pending', lock],
]

const away = async (): Promise<never> => await Promise.reject(new Error('The bucket is away.'))

/** The decision is carried out, and the file cannot be stored: the budget is accepted, and its export is not there yet. */
async function stopHalfway(api: LocalApi, project: string): Promise<void> {
  const halfway = { ...api, objects: { ...api.objects, putFile: away } }
  await step(halfway, project, 'exportBudget').then(
    () => {
      throw new Error('The export was prepared without a bucket.')
    },
    () => undefined,
  )
}

function observed(...codes: readonly Posted[]): Go {
  return async (api, project) => {
    await readTotals(api, project, postedOf(...codes))
    await step(api, project, 'recordObservation')
  }
}

/** What requests must name of the budget as it stands. */
export interface Here {
  readonly state: string
  readonly project: string
  readonly job: string
  readonly at: string
  /** What an approver was shown, while one is asked. */
  readonly shown: Pick<Awaited<ReturnType<typeof shownOf>>, 'shown' | 'ticks'> | undefined
  /** The first file of the first export, once there is one. */
  readonly file: { readonly part: number; readonly attempt: number; readonly sha256: string } | undefined
  readonly person: string
  readonly sage: string
}

const stateOf = ({ edit: edited, erp, pending }: BudgetHead): string =>
  `${edited} ${erp}${pending ? `, ${pending.command} asked for` : ''}`

export async function here(api: LocalApi, project: string): Promise<Here> {
  const head = (await api.store.head(keyOf(project)))!
  const [part] = await api.store.parts(keyOf(project), 1)
  return {
    state: stateOf(head),
    project,
    job: jobOf(project),
    at: api.clock.now(),
    shown: head.erp === 'sent' ? await shownOf(api, project) : undefined,
    file: part && { part: part.part, attempt: part.attempt ?? 0, sha256: part.file_sha256 },
    person: 'ann',
    sage: 'east',
  }
}

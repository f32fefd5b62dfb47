import { closeOrContinue } from '../../../functions/cycle/close-or-continue.ts'
import { closeCycle } from '../../../functions/cycle/close-cycle.ts'
import { expireBudget } from '../../../functions/cycle/expire-budget.ts'
import { exportBudget } from '../../../functions/cycle/export-budget.ts'
import { exportCorrections } from '../../../functions/cycle/export-corrections.ts'
import { exportFailed } from '../../../functions/cycle/export-failed.ts'
import { lockBudget } from '../../../functions/cycle/lock-budget.ts'
import { prepareNextPart } from '../../../functions/cycle/prepare-next-part.ts'
import { recordObservation } from '../../../functions/cycle/record-observation.ts'
import { recordReceipt } from '../../../functions/cycle/record-receipt.ts'
import { rejectBudget } from '../../../functions/cycle/reject-budget.ts'
import { retrieveBudget } from '../../../functions/cycle/retrieve-budget.ts'
import { sendToErp } from '../../../functions/cycle/send-to-erp.ts'
import { unlockBudget } from '../../../functions/cycle/unlock-budget.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { ProjectId, type ProjectKey } from '../../../shared/domain/ids.ts'
import { acme, agent, ann, bob, etagOf, mia, pat, projectWithLines, vera } from './acme.ts'
import type { Came, LocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'

// What the state machine does after the API has recorded a command or a report: the real steps, called one by one.

const steps = {
  lockBudget,
  unlockBudget,
  sendToErp,
  retrieveBudget,
  rejectBudget,
  expireBudget,
  exportBudget,
  recordReceipt,
  exportFailed,
  prepareNextPart,
  exportCorrections,
  recordObservation,
  closeCycle,
  closeOrContinue,
}

export const keyOf = (project: string): ProjectKey => ({ company: acme, project: ProjectId.parse(project) })

/** Carries one step out over the signal that was recorded last and is still open, if there is one, or because time is up. */
export async function step(
  api: LocalApi,
  project: string,
  name: keyof typeof steps,
  why: 'a signal' | 'time is up' = 'a signal',
): Promise<void> {
  const key = keyOf(project)
  const head = (await api.store.head(key))!
  const last = head.signal > 0 ? await api.store.signal(key, head.cycle, head.signal) : undefined
  const before = head.done?.execution === head.execution ? (head.done?.step ?? 0) : 0
  await steps[name](api, {
    v: 1,
    company: key.company,
    project: key.project,
    cycle: head.cycle,
    run: head.run,
    execution: head.execution,
    started: api.clock.now(),
    state: name,
    step: before + 1,
    n: why === 'a signal' && last && !last.carried_out ? last.n : 0,
  })
}

const done = (came: Came): Came => {
  if (came.status >= 300) throw new Error(`${String(came.status)} ${came.text}`)
  return came
}

export const lockedProject = putBack(async (api) => {
  const project = await projectWithLines(api)
  done(await api.command(`/projects/${project}/budget/lock`, { as: mia }))
  await step(api, project, 'lockBudget')
  return project
})

export async function send(api: LocalApi, project: string): Promise<void> {
  done(await api.command(`/projects/${project}/budget/send`, { as: mia }))
  await step(api, project, 'sendToErp')
}

export const sentProject = putBack(async (api) => {
  const project = await lockedProject(api)
  await send(api, project)
  return project
})

export const retrievedProject = putBack(async (api) => {
  const project = await sentProject(api)
  done(await api.command(`/projects/${project}/budget/retrieve`, { as: mia }))
  await step(api, project, 'retrieveBudget')
  return project
})

/** What an approver must repeat of what is shown. */
export async function shownOf(api: LocalApi, project: string) {
  const query = { limit: '100' }
  const { budgets } = (await api.call('GET', '/erp/budgets', { as: ann, query })).json
  const { version_hash, export_hash, parts, ticks } = budgets.find(
    (budget) => budget.project === project,
  )!.approval
  return {
    shown: { version_hash, export_hash, parts: parts.map(({ part, total }) => ({ part, total })) },
    ticks,
  }
}

export async function acceptIt(api: LocalApi, project: string): Promise<void> {
  const body = { choice: 'accept', ...(await shownOf(api, project)) }
  done(await api.command(`/erp/budgets/${project}/decision`, { as: ann, body }))
  await step(api, project, 'exportBudget')
}

/** A project whose first export is on its way to the agent. */
export const exportingProject = putBack(async (api) => {
  const project = await sentProject(api)
  await acceptIt(api, project)
  return project
})

export async function claim(api: LocalApi, project: string, part = 1, attempt = 1): Promise<Came> {
  return await api.call('POST', `/exports/${project}-e1/claim`, { as: agent, body: { part, attempt } })
}

/** The agent has written the file and says so. */
export async function deliver(api: LocalApi, project: string, number = 1, part = 1): Promise<void> {
  await reportReceipt(api, project, number, part)
  await step(api, project, 'recordReceipt')
}

/** The agent says that it has written the file; the workflow is not told yet. */
export async function reportReceipt(api: LocalApi, project: string, number = 1, part = 1): Promise<void> {
  const of = (await api.store.parts(keyOf(project), number)).find((each) => each.part === part)!
  const body = { part, attempt: of.attempt, sha256: of.file_sha256, where: 'ACME EAST' }
  done(await api.call('POST', `/exports/${project}-e${String(number)}/receipt`, { as: agent, body }))
  await takeSageEvent(api, api.reports.at(-1))
}

interface FailureSaid {
  readonly nothing_written?: boolean
  readonly claim?: number
  readonly lines?: readonly {
    readonly cost_code: string
    readonly cost_type: string
    readonly message: string
  }[]
}

/** The agent says that it could not write the file; the workflow is not told yet. */
export async function reportFailure(api: LocalApi, project: string, said: FailureSaid = {}): Promise<void> {
  const { attempt } = (await api.store.export(keyOf(project), 1))!
  const body = { part: 1, attempt, messages: ['The disk is full.'], ...said }
  done(await api.call('POST', `/exports/${project}-e1/failure`, { as: agent, body }))
  await takeSageEvent(api, api.reports.at(-1))
}

export async function fail(api: LocalApi, project: string, said: FailureSaid = {}): Promise<void> {
  await reportFailure(api, project, said)
  await step(api, project, 'exportFailed')
}

/** A project whose file is with accounting, not posted yet. */
export const exportedProject = putBack(async (api) => {
  const project = await exportingProject(api)
  await deliver(api, project)
  return project
})

export const failedProject = putBack(async (api) => {
  const project = await exportingProject(api)
  await fail(api, project)
  return project
})

/** A project whose first export is posted, as a poster declared. */
export const syncedProject = putBack(async (api) => {
  const project = await exportedProject(api)
  done(await api.command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } }))
  await step(api, project, 'closeCycle')
  return project
})

export async function unlock(api: LocalApi, project: string): Promise<void> {
  done(await api.command(`/projects/${project}/budget/unlock`, { as: bob }))
  await step(api, project, 'unlockBudget')
}

/** Makes a change over lines of the budget; a transfer unless amounts are given. */
export async function makeChange(
  api: LocalApi,
  project: string,
  amounts = ['-15000.00', '15000.00'],
  as = mia,
): Promise<number> {
  const codes = [
    { cost_code: '03-3000', cost_type: 'S' },
    { cost_code: '05-1200', cost_type: 'M' },
  ]
  const body = {
    title: 'Less concrete, more steel',
    adjustment_line_items: amounts.map((amount, i) => ({ ...codes[i], amount })),
  }
  return done(await api.command(`/projects/${project}/budget_changes`, { as, body })).json.number
}

/** Approves, reopens or voids a change as it stands. */
export async function decideChange(
  api: LocalApi,
  project: string,
  act: 'approve' | 'reopen' | 'void',
  number = 1,
): Promise<Came> {
  const headers = { 'if-match': await etagOf(api, project) }
  const path = `/projects/${project}/budget_changes/${String(number)}/${act}`
  return await api.command(path, { as: mia, headers })
}

export interface Total {
  readonly cost_code: string
  readonly category: string
  readonly original?: string
  readonly changes?: string
}

/** The agent has read Sage's totals of the project's job, and they are compared. */
export async function readTotals(api: LocalApi, project: string, totals: readonly Total[]): Promise<void> {
  const body = {
    as_of: api.clock.now(),
    totals: totals.map((total) => ({ original: '0.00', changes: '0.00', ...total })),
  }
  const { job } = (await api.call('GET', `/projects/${project}`, { as: vera })).json
  done(await api.call('PUT', `/erp/master_data/east/totals/${job.number}`, { as: agent, body }))
  await takeSageEvent(api, api.reports.at(-1))
}

import * as z from 'zod'
import { checkSend } from '../../shared/cycle/check-send.ts'
import { type BudgetHead, stepUnderWay } from '../../shared/domain/budget-head.ts'
import { driftOf } from '../../shared/cycle/coming-export.ts'
import { partTotals } from '../../shared/domain/entries.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import { exportId } from '../../shared/domain/export-id.ts'
import { commandsOf, type OpenStep, shownState } from '../../shared/domain/lifecycle.ts'
import { Day, PersonId } from '../../shared/domain/ids.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { rolesOf } from '../../shared/http/caller.ts'
import { etag } from '../../shared/http/conditional.ts'
import { notFound } from '../../shared/http/request.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { findingShown } from '../../shared/http/problem.ts'
import { observationShown, partTotalShown, statesShown, totalsShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'

/** The export under way; one that failed before it had a file is known by the number it will get. */
function exportUnderWay(head: BudgetHead): string | null {
  if (head.open_export !== undefined) return exportId(head.project, head.open_export)
  return head.erp === 'export_failed' || head.erp === 'accepted'
    ? exportId(head.project, head.export + 1)
    : null
}

/** Parts of the last export once it is settled: who confirmed it, and what Sage shows of it since. */
const settledParts = async ({ store }: ApiDependencies, head: BudgetHead): Promise<readonly ExportPart[]> =>
  head.export > 0 && head.open_export === undefined ? await store.parts(head, head.export) : []

/** The step that a sent budget waits in: a decision ends it before the workflow has carried the state on. */
async function openStep({ store, clock }: ApiDependencies, head: BudgetHead): Promise<OpenStep | undefined> {
  const approval = head.erp === 'sent' ? await store.approval(head, stepUnderWay(head)) : undefined
  return approval && { approval, at: clock.now() }
}

/** What was changed in Sage since the last settlement; it stops the next send until a poster acknowledges it. */
function driftShown(head: BudgetHead, parts: readonly ExportPart[]) {
  const part = driftOf(parts)
  return part?.observation
    ? { export: exportId(head.project, part.export), part: part.part, ...observationShown(part.observation) }
    : null
}

/** Who declared the last settlement, by name; nobody where Sage was read, or nothing is settled. */
async function confirmedBy(
  { companies }: ApiDependencies,
  head: BudgetHead,
  parts: readonly ExportPart[],
): Promise<string | undefined> {
  if (head.erp !== 'synced' || head.confirmed !== 'declared') return undefined
  const by = PersonId.safeParse(parts.findLast(({ posted }) => posted)?.posted?.by)
  return by.success ? (await companies.person(head.company, by.data))?.name : undefined
}

async function showBudget(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { store } = dependencies
  const key = projectKey(ask)
  const [head, project, last] = await Promise.all([
    store.head(key),
    store.project(key),
    store.lastCommand(key),
  ])
  if (!head || !project) throw notFound('project')
  const [parts, open] = await Promise.all([settledParts(dependencies, head), openStep(dependencies, head)])
  return ok(
    {
      project: project.project,
      name: project.name,
      ...statesShown(head),
      shown_as: shownState(head, await confirmedBy(dependencies, head, parts)),
      totals: totalsShown(head),
      revision: head.revision,
      version: head.version,
      sent_version: head.sent_version,
      settled_version: head.settled_version,
      confirmed: head.confirmed ?? null,
      export: exportUnderWay(head),
      drift: driftShown(head, parts),
      cycle: head.cycle,
      execution: head.execution ?? null,
      pending: head.pending ?? null,
      last_command: last ?? null,
      commands: commandsOf(head, rolesOf(ask.caller), open),
    },
    { etag: etag(head.revision) },
  )
}

const PrecheckQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  /** The date that accounting would choose for the entries. */
  entry_date: Day.optional(),
})

async function showPrecheck(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, entry_date }: z.infer<typeof PrecheckQuery>,
): Promise<Answer> {
  const key = projectKey(ask)
  const head = await dependencies.store.head(key)
  const { person } = ask.caller
  if (!head || !person) throw notFound('project')
  const { coming, findings } = await checkSend(dependencies, key, head, person.id, entry_date)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return ok(
    {
      may_be_sent: errors === 0,
      errors,
      warnings: findings.length - errors,
      findings: findings.slice(0, limit).map(findingShown),
      findings_in_all: findings.length,
      export: partTotals(coming.parts).map(partTotalShown),
      master_data: coming.master ? { as_of: coming.master.as_of } : null,
      job_totals: coming.totals ? { as_of: coming.totals.as_of } : null,
    },
    { etag: etag(head.revision) },
  )
}

export const budgetRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/projects/{project}/budget',
    operation: 'view_budget',
    handle: async (ask) => await showBudget(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/projects/{project}/budget/precheck',
    operation: 'view_budget',
    query: PrecheckQuery,
    handle: async (ask, { query }) => await showPrecheck(dependencies, ask, query),
  }),
]

import * as z from 'zod'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { partTotals } from '../../shared/domain/entries.ts'
import { commandsOf, shownState } from '../../shared/domain/lifecycle.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { exportId } from '../../shared/exporting/under-way.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { rolesOf } from '../../shared/http/caller.ts'
import { etag } from '../../shared/http/conditional.ts'
import type { Ask, Route } from '../../shared/http/pipeline.ts'
import { findingShown } from '../../shared/http/problem.ts'
import { notFound, query } from '../../shared/http/request.ts'
import { partTotalShown, statesShown, totalsShown } from './as-shown.ts'
import { checkBeforeSend } from './check-before-send.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'

/** The export under way; one that failed before it had a file is known by the number it will get. */
function exportUnderWay(head: BudgetHead): string | null {
  if (head.open_export !== undefined) return exportId(head.project, head.open_export)
  return head.erp === 'export_failed' || head.erp === 'accepted'
    ? exportId(head.project, head.export + 1)
    : null
}

/** Who declared the last settlement, by name; nobody where Sage was read, or nothing is settled. */
async function confirmedBy(
  { store, companies }: ApiDependencies,
  head: BudgetHead,
): Promise<string | undefined> {
  if (head.erp !== 'synced' || head.confirmed !== 'declared') return undefined
  const parts = await store.parts(head, head.export)
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
  return ok(
    {
      project: project.project,
      name: project.name,
      ...statesShown(head),
      shown_as: shownState(head, await confirmedBy(dependencies, head)),
      totals: totalsShown(head),
      revision: head.revision,
      version: head.version,
      sent_version: head.sent_version,
      settled_version: head.settled_version,
      confirmed: head.confirmed ?? null,
      export: exportUnderWay(head),
      cycle: head.cycle,
      execution: head.execution ?? null,
      pending: head.pending ?? null,
      last_command: last ?? null,
      commands: commandsOf(head, rolesOf(ask.caller)),
    },
    { etag: etag(head.revision) },
  )
}

const PrecheckQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(5000).default(1000) })

async function showPrecheck(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { limit } = query(ask.event, PrecheckQuery)
  const key = projectKey(ask)
  const head = await dependencies.store.head(key)
  const { person } = ask.caller
  if (!head || !person) throw notFound('project')
  const { coming, findings } = await checkBeforeSend(dependencies, key, head, person.id)
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
  {
    method: 'GET',
    path: '/projects/{project}/budget',
    operation: 'view_budget',
    handle: async (ask) => await showBudget(dependencies, ask),
  },
  {
    method: 'GET',
    path: '/projects/{project}/budget/precheck',
    operation: 'view_budget',
    handle: async (ask) => await showPrecheck(dependencies, ask),
  },
]

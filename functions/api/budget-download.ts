import { allowedCodes } from '../../shared/budget-files/allowed-codes.ts'
import { writeBudgetCsv } from '../../shared/budget-files/csv-out.ts'
import { writeBudgetXlsx, writeTemplateXlsx } from '../../shared/budget-files/xlsx-out.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { notFound } from '../../shared/http/request.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { ApiDependencies } from './dependencies.ts'
import { fileAnswer } from './file-answer.ts'
import { projectKey } from './input.ts'

type Kind = 'csv' | 'xlsx'

export const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const typeOf: Readonly<Record<Kind, string>> = { csv: 'text/csv; charset=utf-8', xlsx: workbookType }

const written = (kind: Kind, lines: Iterable<LineItem>): Uint8Array =>
  kind === 'csv' ? Buffer.from(writeBudgetCsv(lines)) : writeBudgetXlsx(lines)

async function exportFile(dependencies: ApiDependencies, ask: Ask, kind: Kind): Promise<Answer> {
  const { store } = dependencies
  const key = projectKey(ask)
  const head = await store.head(key)
  if (!head) throw notFound('project')
  return await fileAnswer(dependencies, key.company, {
    name: `${key.project}-budget.${kind}`,
    type: typeOf[kind],
    bytes: written(kind, await store.lines(key, head.manifest)),
    headers: { etag: etag(head.revision) },
  })
}

async function template(dependencies: ApiDependencies, ask: Ask, kind: Kind): Promise<Answer> {
  const key = projectKey(ask)
  const project = await dependencies.store.project(key)
  if (!project) throw notFound('project')
  const { job } = project
  const stored = job && (await dependencies.companies.masterData(key.company, job.sage_company))
  return await fileAnswer(dependencies, key.company, {
    name: `${key.project}-budget-template.${kind}`,
    type: typeOf[kind],
    bytes: kind === 'csv' ? written(kind, []) : writeTemplateXlsx(allowedCodes(job, stored?.data)),
  })
}

const kinds: readonly Kind[] = ['csv', 'xlsx']

/** The budget as a file, and the empty file to begin with. */
export const budgetDownloadRoutes = (dependencies: ApiDependencies): Route[] =>
  kinds.flatMap((kind): Route[] => [
    route({
      method: 'GET',
      path: `/projects/{project}/budget/export.${kind}`,
      operation: 'view_budget',
      handle: async (ask) => await exportFile(dependencies, ask, kind),
    }),
    route({
      method: 'GET',
      path: `/projects/{project}/budget/template.${kind}`,
      operation: 'view_budget',
      handle: async (ask) => await template(dependencies, ask, kind),
    }),
  ])

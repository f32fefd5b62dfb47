import * as z from 'zod'
import { CompanyId, ProjectId } from '../domain/ids.ts'
import { Refused, refusal } from '../domain/refusal.ts'
import type { BudgetStore } from './budget-store.ts'
import { readHead, stateBegins } from './head-row.ts'
import { projectOfPk, projectPk, projectSk, statePk } from './keys.ts'
import type { Row } from './row-body.ts'
import type { Rows } from './rows.ts'
import { byState } from './table.ts'

const Cursor = z.strictObject({ project: ProjectId, state: z.string() })

// One batch read of the heads themselves.
const mostHeads = 100

/** See `BudgetStore.heads`. The index holds keys only; a head that has moved on since is left out of its old state. */
export async function headsOf(
  rows: Rows,
  company: string,
  { erp, cursor, limit }: Parameters<BudgetStore['heads']>[1],
): ReturnType<BudgetStore['heads']> {
  const { keys, next } = await rows.listByIndex(
    byState,
    { pk: statePk(company), ...(erp !== undefined && { begins: stateBegins(erp) }) },
    Math.min(limit, mostHeads),
    cursor === undefined ? undefined : rowOfCursor(company, cursor),
  )
  const found = await rows.getMany(keys.map(({ pk, sk }) => ({ pk, sk })))
  const heads = found.flatMap((row) => (row ? [readHead(row)] : []))
  return {
    heads: heads.filter((head) => erp === undefined || head.erp === erp),
    ...(next && { cursor: cursorOfRow(next) }),
  }
}

/** Project and place in the index; the company is the asker's own, whatever a cursor says. */
const cursorOfRow = (row: Row): string => {
  const project = projectOfPk(row.pk).project
  return Buffer.from(JSON.stringify({ project, state: row[byState.sk] })).toString('base64url')
}

function rowOfCursor(company: string, cursor: string): Row {
  const read = Cursor.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()))
  if (!read.success)
    throw new Refused(
      refusal('INVALID_INPUT', 'This cursor is not one of ours.', 'Begin the list again without a cursor.'),
    )
  const { project, state } = read.data
  return {
    pk: projectPk({ company: CompanyId.parse(company), project }),
    sk: projectSk.head,
    [byState.pk]: statePk(company),
    [byState.sk]: state,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import type { BudgetHead } from '../domain/budget-head.ts'
import type { BudgetExport, ExportPart } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { Broken } from '../store/errors.ts'
import type { Dependencies } from './dependencies.ts'

export interface OpenExport {
  readonly open: BudgetExport
  readonly parts: readonly ExportPart[]
  /** The part that is due or under way. */
  readonly part: ExportPart
}

/** The export that is not settled yet, with its parts. */
export async function openExport(
  { store }: Pick<Dependencies, 'store'>,
  key: ProjectKey,
  head: Pick<BudgetHead, 'open_export'>,
): Promise<OpenExport> {
  const number = head.open_export
  if (number === undefined) throw new Broken('ExportMissing', `${key.project}: no export is open.`)
  const [open, parts] = await Promise.all([store.export(key, number), store.parts(key, number)])
  const part = parts.find((candidate) => candidate.part === open?.current_part)
  if (!open || !part)
    throw new Broken('ExportMissing', `${key.project}: export ${String(number)} is incomplete.`)
  return { open, parts, part }
}

import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { type CodeKey, codeOfKey, showCode } from '../../shared/domain/budget-code.ts'
import { type FieldChange, fieldChanges } from '../../shared/domain/difference.ts'
import { withEditors } from '../../shared/domain/editor.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { EventDetail } from '../../shared/domain/events/domain-event.ts'
import type { ErpState } from '../../shared/domain/budget-head.ts'
import type { PersonId, ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import { settled } from '../../shared/domain/lifecycle.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import type { Caller } from '../../shared/http/caller.ts'
import type { Commit, Json, NextHead } from '../../shared/store/budget-store.ts'
import type { ApiDependencies } from './dependencies.ts'

export type LineEdits = ReadonlyMap<CodeKey, LineItem | null>

/** The head after an edit, with the editors that the edit adds to. */
interface Edited {
  readonly head: NextHead
  readonly editors?: NonNullable<Commit['editors']>
}

/** The budget as edits of its lines leave it, with who edited; `authors` edited beside the caller. */
export async function edited(
  dependencies: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  caller: Caller,
  edits: LineEdits,
  authors: readonly PersonId[] = [],
): Promise<Edited> {
  const [next, editors] = await Promise.all([
    withLines(dependencies, key, head, caller, edits),
    withEditor(dependencies, key, head, caller, authors),
  ])
  return { head: next, ...editors }
}

/**
 * The head as edits of its lines leave it: new manifest and totals, the next revision, who stored the first line, and
 * whether a settled budget has something to export again.
 */
export async function withLines(
  dependencies: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  caller: Caller,
  edits: LineEdits,
): Promise<NextHead> {
  const { manifest, totals } = await dependencies.store.editLines(key, head.manifest, edits)
  const erp = await erpAfter(dependencies, key, head, manifest)
  const creator = head.creator ?? (totals.lines > 0 ? caller.person?.id : undefined)
  return {
    ...head,
    ...totals,
    manifest,
    revision: head.revision + 1,
    ...(erp !== head.erp && { erp, erp_since: dependencies.clock.now() }),
    ...(creator !== undefined && { creator }),
  }
}

/** Everyone who changed a line or a change since the last settlement, with the caller and the authors among them. */
export async function withEditor(
  { store }: Pick<ApiDependencies, 'store'>,
  key: ProjectKey,
  { send }: Pick<NextHead, 'send'>,
  { person }: Caller,
  authors: readonly PersonId[] = [],
): Promise<Pick<Edited, 'editors'>> {
  const editors = withEditors(await store.editors(key), [...authors, ...(person ? [person.id] : [])], send)
  return editors ? { editors } : {}
}

/** A settled budget is pending exactly when its next export would hold entries; other states are the workflow's. */
async function erpAfter(
  dependencies: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  manifest: Sha256,
): Promise<ErpState> {
  if (!settled(head.erp) || manifest === head.manifest) return head.erp
  const [lines, position] = await Promise.all([
    dependencies.store.lines(key, manifest),
    ledgerPosition(dependencies, key, head),
  ])
  return entriesToExport(lines, position).length > 0 ? 'update_pending' : 'synced'
}

// History names the first of a large batch; the two manifests tell all of them (`toldChanges`).
const toldInFull = 50

/** One side of the fields that differ; null where there is no such line. */
const side = (
  line: LineItem | null | undefined,
  fields: readonly FieldChange[],
  value: 'old_value' | 'new_value',
): Readonly<Record<string, Json>> | null =>
  line ? Object.fromEntries(fields.map((change) => [change.field, change[value]])) : null

/** Old and new values of edited lines, for history: the fields that differ. */
export const linesTold = (
  before: ReadonlyMap<CodeKey, LineItem>,
  edits: LineEdits,
  from: Sha256,
  to: Sha256,
): EventDetail<'lines_edited'> => ({
  lines: edits.size,
  from,
  to,
  first: [...edits].slice(0, toldInFull).map(([key, line]) => {
    const [was, after] = [before.get(key), line ?? undefined]
    const fields = fieldChanges({ before: was, after })
    return {
      budget_code: showCode(codeOfKey(key)),
      old_value: side(was, fields, 'old_value'),
      new_value: side(after, fields, 'new_value'),
    }
  }),
})

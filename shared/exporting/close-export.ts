import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import { mails, postersOf } from '../cycle/mails.ts'
import type { BudgetCode } from '../domain/budget-code.ts'
import type { BudgetExport, EntryOutcome, ExportMode, ExportPart } from '../domain/export.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { isRefusal } from '../domain/refusal.ts'
import { keptFor } from '../store/idempotency.ts'
import type { OutboxMessage } from '../store/outbox.ts'
import { tellSignal } from '../store/workflow.ts'
import { closedParts } from './closed-parts.ts'
import { reasonOf } from './reason.ts'
import { refuseWhileUnderWay, told, type Who } from './record.ts'
import { noExport, storedExport, unlessUnderWay, withoutFile } from './under-way.ts'

/** How an entry ended; `taken` in another mode than it was sent in where the wrong box was chosen. */
export interface EntryEnd {
  readonly outcome: Exclude<EntryOutcome, 'open'>
  readonly mode?: ExportMode
}

export interface ExportToClose {
  readonly key: ProjectKey
  readonly export: number
  readonly reason: string
  /** For every entry that is open and not named. */
  readonly others?: EntryEnd
  readonly entries: readonly (EntryEnd & { readonly part: number; readonly code: BudgetCode })[]
}

export interface ClosedAnswer {
  readonly export: string
  readonly closed: { readonly by: string; readonly at: Instant; readonly reason: string }
}

/**
 * Records how every entry of an export ended, and tells the workflow to settle it. Files that were delivered and
 * are not in Sage are dead from now on, and their posters hear *do not import*.
 * Throws NOT_FOUND, REASON_MISSING, TOO_LARGE, OTHER_EXPORT, what `allowed` refuses, COMMAND_PENDING; and of the entries
 * LINE_NOT_SENT, ENTRY_OPEN, READ_BACK_CONTRADICTS.
 */
export const closeExport = async (
  dependencies: Pick<Dependencies, 'store' | 'companies' | 'objects' | 'clock'>,
  who: Who,
  wanted: ExportToClose,
): Promise<ClosedAnswer> => {
  const { store, clock } = dependencies
  const { key, export: number } = wanted
  return await store.decide<ClosedAnswer>(
    key,
    async (head) => {
      if (!head) return noExport()
      const reason = reasonOf(wanted.reason)
      if (isRefusal(reason)) return reason
      const fileless = withoutFile(head, number)
      const found = fileless ? undefined : await storedExport(store, key, number)
      if (isRefusal(found)) return found
      const refused =
        (fileless ? undefined : unlessUnderWay(head, number)) ??
        allowed(head, 'close') ??
        (await refuseWhileUnderWay(store, key, head))
      if (refused) return refused
      const before = found?.parts ?? []
      const parts = await closedParts(
        before,
        wanted,
        async (part) => await entriesOf(dependencies, key, part),
      )
      if (isRefusal(parts)) return parts
      const at = clock.now()
      const answer = { export: exportId(key.project, number), closed: { by: who.by, at, reason } }
      const { head: next, outbox, signal } = tellSignal(key, head, 'close', at, { by: who.by, reason })
      return {
        answer,
        commit: {
          head: next,
          ...(signal && { signal }),
          outbox: [...outbox, ...(found ? await revoked(dependencies, key, found.open, before, parts) : [])],
          history: [
            {
              ...told(who),
              event: 'close_asked',
              detail: {
                export: number,
                reason,
                parts: parts.map(({ part, outcome, exceptions }) => ({
                  part,
                  outcome,
                  exceptions: exceptions.length,
                })),
              },
            },
          ],
          parts,
          ...keptFor(who, answer),
        },
      }
    },
    who.idempotency,
  )
}

/** *Do not import*, to the posters of each file that they had and whose entries did not all end in Sage. */
async function revoked(
  { companies }: Pick<Dependencies, 'companies'>,
  key: ProjectKey,
  open: BudgetExport,
  before: readonly ExportPart[],
  closed: readonly ExportPart[],
): Promise<OutboxMessage[]> {
  const had = new Set(before.filter(({ receipt }) => receipt).map(({ part }) => part))
  const dead = closed.filter(({ part, outcome }) => had.has(part) && outcome !== 'taken')
  if (dead.length === 0) return []
  const [people, sage] = await Promise.all([
    companies.people(key.company),
    companies.sageCompany(key.company, open.sage_company),
  ])
  return dead.flatMap(({ part }) =>
    mails('do_not_import', postersOf(people, sage), `${open.id}-p${String(part)}`, {
      export: { number: open.number, part },
    }),
  )
}

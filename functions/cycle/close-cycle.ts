import { Broken, carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { entriesOf } from '../../shared/cycle/export-parts.ts'
import { givenBack } from '../../shared/cycle/given-back.ts'
import { mails, projectSide } from '../../shared/cycle/mails.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import type { ErpState } from '../../shared/domain/budget-head.ts'
import { editorsAfter } from '../../shared/domain/editor.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { LedgerRow } from '../../shared/domain/export.ts'
import { applyTaken, settlementDiffers } from '../../shared/domain/ledger.ts'

/** Settles the export: what Sage took joins the ledger's position, the sums are checked, and the cycle ends. */
export const closeCycle = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head, signal } = standing
    if (head.open_export === undefined) return closeWithoutFile(standing)
    const found = await openExport(dependencies, key, head)
    const { position, taken } = await settle(dependencies, standing, found)
    return signal?.kind === 'close' && taken === 0
      ? giveBack(standing, found)
      : await settled(dependencies, standing, found, position)
  })

/** Applies every part's taken entries; the sum must be what was accepted, less what was closed as rejected or withdrawn. */
async function settle(
  dependencies: Dependencies,
  { key, head, signal }: Standing,
  { open, parts }: OpenExport,
): Promise<{ position: readonly LedgerRow[]; taken: number }> {
  const before = await ledgerPosition(dependencies, key, head)
  let position = before
  let taken = 0
  for (const part of parts) {
    const outcome = part.outcome === 'open' && signal?.kind !== 'close' ? 'taken' : part.outcome
    // One part after the other, as Sage took them.
    const entries = await entriesOf(dependencies, key, part)
    position = applyTaken(position, { ...part, outcome }, entries)
    taken += entries.length - part.exceptions.filter((exception) => exception.outcome !== 'taken').length
    if (outcome !== 'taken') taken -= entries.length - part.exceptions.length
  }
  const version = await dependencies.store.version(key, open.version)
  if (version && signal?.kind === 'posted') {
    const lines = await dependencies.store.lines(key, version.hash)
    const differs = settlementDiffers(lines, position)
    if (differs.length > 0)
      throw new Broken(
        'SumsDiffer',
        `${open.id}: ${String(differs.length)} keys in Sage differ from what was accepted.`,
      )
  }
  return { position, taken }
}

async function settled(
  dependencies: Dependencies,
  { key, head, at, signal }: Standing,
  { open, parts }: OpenExport,
  position: readonly LedgerRow[],
) {
  const closed = signal?.kind === 'close'
  const [ledger, working, editors] = await Promise.all([
    dependencies.objects.putJson(key.company, position),
    dependencies.store.lines(key, head.manifest),
    dependencies.store.editors(key),
  ])
  const erp: ErpState = entriesToExport(working, position).length === 0 ? 'synced' : 'update_pending'
  const confirmed: 'verified' | 'declared' = parts.every((part) => part.posted?.how === 'verified')
    ? 'verified'
    : 'declared'
  const to = [...projectSide(head), ...open.accepted_by]
  return {
    commit: {
      head: {
        ...head,
        erp,
        erp_since: at,
        ledger,
        confirmed,
        settled_version: open.version,
        open_export: undefined,
        execution: undefined,
      },
      history: [
        {
          event: closed ? 'closed' : 'settled',
          by: 'system' as const,
          detail: { export: open.number, confirmed },
        },
      ],
      export: { ...open, settled_at: at, settled_as: closed ? ('closed' as const) : ('synced' as const) },
      parts: parts.map((part) => (part.outcome === 'open' ? { ...part, outcome: 'taken' as const } : part)),
      editors: editorsAfter(editors, head.send),
      outbox: mails(closed ? 'closed' : 'posted', to, open.id, {
        export: { number: open.number, part: open.current_part },
      }),
    },
    output: { outcome: erp },
  }
}

/** Nothing of it is in Sage: the budget goes back to the project, unlocked. */
function giveBack({ head, at }: Standing, { open, parts }: OpenExport) {
  return {
    commit: {
      head: { ...givenBack({ head, at }), open_export: undefined },
      history: [{ event: 'closed', by: 'system' as const, detail: { export: open.number, taken: 0 } }],
      export: { ...open, settled_at: at, settled_as: 'closed' as const },
      parts: [...parts],
      outbox: mails('closed', [...projectSide(head), ...open.accepted_by], open.id),
    },
    output: { outcome: 'rejected' },
  }
}

/** Closed before any file was made. */
function closeWithoutFile({ head, at, task }: Standing) {
  return {
    commit: {
      head: givenBack({ head, at }),
      history: [{ event: 'closed', by: 'system' as const, detail: { export: 0, taken: 0 } }],
      outbox: mails('closed', projectSide(head), `c${String(task.cycle)}`),
    },
    output: { outcome: 'rejected' },
  }
}

export const handler = onLambda(closeCycle)

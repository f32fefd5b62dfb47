import { type CarriedOut, carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { entriesOf } from '../../shared/cycle/export-parts.ts'
import { givenBack } from '../../shared/cycle/given-back.ts'
import { mails, projectSide } from '../../shared/cycle/mails.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import type { ErpState } from '../../shared/domain/budget-head.ts'
import { editorsAfter } from '../../shared/domain/editor.ts'
import { entriesToExport } from '../../shared/domain/entries.ts'
import type { BudgetExport, ExportPart, LedgerRow } from '../../shared/domain/export.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { applyTaken, type EndedPart, settlementDiffers } from '../../shared/domain/ledger.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'

/** Settles the export: what Sage took joins the ledger's position, the sums are checked, and the cycle ends. */
export const closeCycle = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head, signal } = standing
    if (head.open_export === undefined) return closeWithoutFile(standing)
    const found = await openExport(dependencies, key, head)
    const settlement = await settle(dependencies, standing, found)
    return signal?.kind === 'close' && !settlement.taken
      ? giveBack(standing, found)
      : await settled(dependencies, standing, found, settlement)
  })

interface Settlement {
  readonly position: readonly LedgerRow[]
  /** Whether Sage took any of it. */
  readonly taken: boolean
  readonly accepted: { readonly hash: Sha256; readonly lines: readonly LineItem[] }
}

/**
 * Applies every part's taken entries. However the export ends, Sage then holds what was accepted, less what was closed
 * as rejected or withdrawn; a sum that differs stops the run.
 */
async function settle(
  dependencies: Dependencies,
  { key, head }: Standing,
  { open, parts }: OpenExport,
): Promise<Settlement> {
  let position = await ledgerPosition(dependencies, key, head)
  let taken = false
  const ended: EndedPart[] = []
  for (const part of parts) {
    // One part after the other, as Sage took them.
    const entries = await entriesOf(dependencies, key, part)
    const end = { ...part, outcome: outcomeOf(open, part), entries }
    position = applyTaken(position, end, entries)
    taken ||= applyTaken([], end, entries).length > 0
    ended.push(end)
  }
  const version = await dependencies.store.version(key, open.version)
  if (!version)
    throw new Broken('VersionMissing', `${open.id}: version ${String(open.version)} is not stored.`)
  const lines = await dependencies.store.lines(key, version.hash)
  const differs = settlementDiffers(lines, position, ended)
  if (differs.length > 0)
    throw new Broken(
      'SumsDiffer',
      `${open.id}: ${String(differs.length)} keys in Sage differ from what was accepted; see the runbook workflow-failed.`,
    )
  return { position, taken, accepted: { hash: version.hash, lines } }
}

/** What is posted is taken. A part that nobody posted or closed settles nothing: Sage may not hold it. */
function outcomeOf({ id }: BudgetExport, { part, outcome, posted }: ExportPart): ExportPart['outcome'] {
  if (outcome !== 'open') return outcome
  if (posted) return 'taken'
  throw new Broken(
    'PartOpen',
    `${id}: file ${String(part)} is neither posted nor closed. Close the export with an outcome per entry.`,
  )
}

async function settled(
  dependencies: Dependencies,
  { key, head, at, signal }: Standing,
  { open, parts }: OpenExport,
  { position, accepted }: Settlement,
): Promise<CarriedOut> {
  const closed = signal?.kind === 'close'
  const [ledger, working, editors] = await Promise.all([
    dependencies.objects.putJson(key.company, position),
    // What was changed since the send is read; most often nothing was.
    head.manifest === accepted.hash ? accepted.lines : dependencies.store.lines(key, head.manifest),
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
          by: 'system',
          detail: { export: open.number, confirmed },
        },
      ],
      export: { ...open, settled_at: at, settled_as: closed ? 'closed' : 'synced' },
      parts: parts.map((part) => ({ ...part, outcome: outcomeOf(open, part) })),
      editors: editorsAfter(editors, head.send),
      outbox: mails(closed ? 'closed' : 'posted', to, open.id, {
        export: { number: open.number, part: open.current_part },
      }),
    },
    output: { outcome: erp },
  }
}

/** Nothing of it is in Sage: the budget goes back to the project, unlocked. */
function giveBack({ head, at }: Standing, { open }: OpenExport): CarriedOut {
  return {
    commit: {
      head: { ...givenBack({ head, at }), open_export: undefined },
      history: [{ event: 'closed', by: 'system', detail: { export: open.number, taken: 0 } }],
      export: { ...open, settled_at: at, settled_as: 'closed' },
      outbox: mails('closed', [...projectSide(head), ...open.accepted_by], open.id),
    },
    output: { outcome: 'rejected' },
  }
}

/** Closed before any file was made. */
function closeWithoutFile({ head, at, task }: Standing): CarriedOut {
  return {
    commit: {
      head: givenBack({ head, at }),
      history: [{ event: 'closed', by: 'system', detail: { export: 0, taken: 0 } }],
      outbox: mails('closed', projectSide(head), `c${String(task.cycle)}`),
    },
    output: { outcome: 'rejected' },
  }
}

export const handler = onLambda(closeCycle)

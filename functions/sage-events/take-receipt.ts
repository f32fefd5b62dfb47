import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import type { FailureEvent, ReceiptEvent } from '../../shared/sage/sage-event.ts'
import { claimUnder } from '../../shared/exporting/claim-part.ts'
import type { Commit, Decided } from '../../shared/store/budget-store.ts'
import { tellSignal } from '../../shared/store/workflow.ts'

export type Taken = 'recorded' | 'known' | 'late' | 'superseded'

/** A connector's word about one attempt of one part of the open export, or undefined where it is about another. */
async function spokenOf(
  dependencies: Dependencies,
  { company, project, export: number, part, attempt }: ReceiptEvent | FailureEvent,
  head: BudgetHead | undefined,
): Promise<{ head: BudgetHead; found: OpenExport } | undefined> {
  if (head?.open_export !== number) return undefined
  const found = await openExport(dependencies, { company, project }, head)
  return found.open.attempt === attempt && found.part.part === part ? { head, found } : undefined
}

/** Stores a receipt once, by export, part, attempt and content; one that comes after a failure is kept, but moves nothing. */
export async function takeReceipt(dependencies: Dependencies, event: ReceiptEvent): Promise<Taken> {
  const key = keyOfTask(event)
  return await dependencies.store.decide<Taken>(key, async (before): Promise<Decided<Taken>> => {
    const spoken = await spokenOf(dependencies, event, before)
    if (!spoken || spoken.found.part.file_sha256 !== event.sha256) return { answer: 'superseded' }
    const { head, found } = spoken
    const { part, open } = found
    if (part.receipt?.attempt === event.attempt) return { answer: 'known' }
    const { attempt, by, where } = event
    const at = dependencies.clock.now()
    const received = { ...part, receipt: { attempt, by, where, at } }
    const detail = { export: event.export, part: event.part, attempt, where, by }
    const history: Commit['history'] = [{ event: 'receipt', by: 'connector', request: open.request, detail }]
    if (head.erp !== 'exporting' || part.failure?.attempt === attempt)
      return { answer: 'late', commit: { head, history, parts: [received] } }
    const told = tellSignal(key, head, 'receipt', at, { export: event.export, part: event.part, attempt })
    return { answer: 'recorded', commit: { ...told, history, parts: [received] } }
  })
}

/**
 * Whether nothing is written under the attempt. What was claimed once more since may be written by now, whatever is said
 * of the claim before.
 */
function isNothingWritten(
  part: ExportPart,
  { attempt, nothing_written = false, claim = 1 }: FailureEvent,
): boolean {
  const standing = claimUnder(part, attempt)
  return nothing_written && (standing === undefined || standing.number === claim)
}

/** The claim that stands once an attempt is known to have written nothing: one that also speaks for an earlier attempt. */
const heldWithout = ({ claim }: ExportPart, attempt: number): ExportPart['claim'] =>
  claim?.attempt === attempt && claim.earlier !== true ? undefined : claim

/** Stores a failure once; after a receipt of the same attempt it changes nothing. */
export async function takeFailure(dependencies: Dependencies, event: FailureEvent): Promise<Taken> {
  const key = keyOfTask(event)
  return await dependencies.store.decide<Taken>(key, async (before): Promise<Decided<Taken>> => {
    const spoken = await spokenOf(dependencies, event, before)
    if (!spoken) return { answer: 'superseded' }
    const { head, found } = spoken
    const { part, open } = found
    const { attempt, messages, lines } = event
    if (part.failure?.attempt === attempt) return { answer: 'known' }
    if (part.receipt?.attempt === attempt || head.erp !== 'exporting') return { answer: 'late' }
    const at = dependencies.clock.now()
    const by = 'connector' as const
    const nothing_written = isNothingWritten(part, event)
    const failure = { attempt, at, messages: [...messages], ...(lines && { lines }), by, nothing_written }
    const failed = { ...part, claim: nothing_written ? heldWithout(part, attempt) : part.claim, failure }
    const detail = {
      export: event.export,
      part: event.part,
      attempt,
      messages: messages.length,
      nothing_written,
    }
    const told = tellSignal(key, head, 'failure', at, { export: event.export, part: event.part, attempt })
    return {
      answer: 'recorded',
      commit: {
        ...told,
        history: [{ event: 'failure', by, request: open.request, detail }],
        parts: [failed],
      },
    }
  })
}

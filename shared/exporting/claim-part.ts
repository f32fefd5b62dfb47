import type { Dependencies } from '../cycle/dependencies.ts'
import type { BudgetExport, ExportPart } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { type Refusal, isRefusal, refusal } from '../domain/refusal.ts'
import { told, type Who } from './record.ts'
import { storedPart, unlessUnderWay } from './under-way.ts'

export interface PartToClaim {
  readonly key: ProjectKey
  readonly export: number
  readonly part: number
  readonly attempt: number
  /** Which agent asks, by its sign-in. */
  readonly agent: string
}

/**
 * Gives a part to the agent that will write it: no claim, no file. The same agent may claim the same attempt again; each
 * claim has its number, so that a report of one says nothing of what was written under a later one.
 * Throws NOT_FOUND, OTHER_EXPORT, NOT_EXPORTING when it is not this attempt or no longer due, CLAIMED by another.
 */
export const claimPart = async (
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  who: Who,
  wanted: PartToClaim,
): Promise<{ readonly open: BudgetExport; readonly part: ExportPart }> => {
  const { key, export: number, attempt, agent } = wanted
  return await store.decide(key, async (now) => {
    const found = await storedPart(store, now, wanted)
    if (isRefusal(found)) return found
    const { head, open, part } = found
    const refused = unlessUnderWay(head, number) ?? whyNot(open, part, wanted, head.erp)
    if (refused) return refused
    const before = claimUnder(part, attempt)
    const earlier = before ? before.earlier : part.claim && true
    const claim = { attempt, by: agent, at: clock.now(), number: (before?.number ?? 0) + 1, earlier }
    const claimed = { ...part, claim }
    return {
      answer: { open, part: claimed },
      commit: {
        head,
        history: [
          { ...told(who), event: 'claimed', detail: { export: number, part: part.part, attempt, agent } },
        ],
        parts: [claimed],
      },
    }
  })
}

/** The claim under an attempt; one that an earlier release stored was the first. */
export const claimUnder = ({ claim }: ExportPart, attempt: number) =>
  claim?.attempt === attempt ? { ...claim, number: claim.number ?? 1 } : undefined

function whyNot(open: BudgetExport, part: ExportPart, wanted: PartToClaim, erp: string): Refusal | undefined {
  const { attempt } = wanted
  const due = open.attempt === attempt && open.current_part === part.part && part.outcome === 'open'
  // A report may be stored whose step is still to come: the budget says exporting until then.
  const settled = part.receipt?.attempt === attempt || part.failure?.attempt === attempt
  if (erp !== 'exporting' || !due || settled)
    return refusal(
      'NOT_EXPORTING',
      `File ${String(part.part)} is not to be written under attempt ${String(attempt)}.`,
      'Write nothing. Drop this message; if the file is due, a later message says so.',
    )
  const standing = claimUnder(part, attempt)
  return standing && standing.by !== wanted.agent
    ? refusal(
        'CLAIMED',
        `File ${String(part.part)} was taken by another agent.`,
        'Write nothing. Stop one of the two agents that serve this Sage company.',
      )
    : undefined
}

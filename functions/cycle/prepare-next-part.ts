import { carryOut, earlier } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { partThatRemains } from '../../shared/cycle/export-parts.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { queueDue } from '../../shared/cycle/queue-due.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'
import { baselineNow } from '../../shared/exporting/baseline.ts'

/** The part before it is posted: the next part gets its baseline and its attempt. */
export async function prepareNextPart(dependencies: Dependencies, input: unknown) {
  const output = await carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const before = await openExport(dependencies, key, head)
    const { open, parts } = before
    const next = partThatRemains(parts)
    if (!next) throw new Broken('NoPartRemains', `${open.id}: every part was queued already.`)
    const attempt = open.attempt + 1
    const baseline = await baselineNow(dependencies, key, open, before)
    return {
      commit: {
        head: { ...head, erp: 'exporting', erp_since: at },
        history: [
          { event: 'next_part', by: 'system', detail: { export: open.number, part: next.part, attempt } },
        ],
        export: { ...open, attempt, current_part: next.part },
        parts: [{ ...next, attempt, ...baseline }],
      },
      output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
    }
  })
  return await queueDue(dependencies, input, output)
}

export const handler = onLambda(prepareNextPart)

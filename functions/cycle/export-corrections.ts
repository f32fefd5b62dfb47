import { keyOf } from '../../shared/domain/budget-code.ts'
import { carryOut, earlier } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { entriesOf, makePart } from '../../shared/cycle/export-parts.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { queueDue } from '../../shared/cycle/queue-due.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'

/** A correction part: only the keys that Sage rejected, in the same mode, with the same amounts and baseline. */
export async function exportCorrections(dependencies: Dependencies, input: unknown) {
  const output = await carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { companies } = dependencies
    const { open, part } = await openExport(dependencies, key, head)
    const [sage, master, entries] = await Promise.all([
      companies.sageCompany(key.company, open.sage_company),
      companies.masterData(key.company, open.sage_company),
      entriesOf(dependencies, key, part),
    ])
    if (!sage)
      throw new Broken('SageCompanyMissing', `${open.id}: ${open.sage_company} is not set up any more.`)
    const rejected = new Set(
      part.exceptions.filter(({ outcome }) => outcome === 'rejected').map(({ code }) => keyOf(code)),
    )
    const number = open.parts + 1
    const attempt = open.attempt + 1
    const record = { ...open, parts: number, current_part: number, attempt }
    const made = await makePart(dependencies, {
      key,
      export: record,
      part: number,
      kind: 'correction',
      corrects: part.part,
      entries: { mode: part.mode, entries: entries.filter(({ code }) => rejected.has(keyOf(code))) },
      sage,
      master: master?.data,
      newExtras: new Map(),
    })
    const { baseline, ahead } = part
    return {
      commit: {
        head: { ...head, erp: 'exporting', erp_since: at },
        history: [
          {
            event: 'corrections_prepared',
            by: 'system',
            detail: { export: open.number, corrects: part.part, part: number, entries: made.entries },
          },
        ],
        export: record,
        parts: [{ ...made, attempt, ...(baseline && { baseline }), ...(ahead && { ahead }) }],
      },
      output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
    }
  })
  return await queueDue(dependencies, input, output)
}

export const handler = onLambda(exportCorrections)

import { carryOut, earlier } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, postersOf } from '../../shared/cycle/mails.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { firstReminder } from '../../shared/cycle/reminders.ts'

/** The file is with accounting, which is not yet posted: tells the posters what to do with it. */
export const recordReceipt = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { open, part } = await openExport(dependencies, key, head)
    const [people, sage] = await Promise.all([
      dependencies.companies.people(key.company),
      dependencies.companies.sageCompany(key.company, open.sage_company),
    ])
    const about = { export: { number: open.number, part: part.part } }
    const occasion = `${open.id}-p${String(part.part)}-a${String(open.attempt)}`
    return {
      commit: {
        head: { ...head, erp: 'exported', erp_since: at },
        history: [
          {
            event: 'file_delivered',
            by: 'connector',
            detail: { export: open.number, part: part.part, where: part.receipt?.where ?? '' },
          },
        ],
        outbox: mails('file_ready', postersOf(people, sage), occasion, about),
      },
      output: { outcome: 'exported', until: earlier(firstReminder(at, sage), day300) },
    }
  })

export const handler = onLambda(recordReceipt)

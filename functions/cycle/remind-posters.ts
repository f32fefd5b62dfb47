import { carryOut, earlier, passed } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, postersOf } from '../../shared/cycle/mails.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { firstReminder, nextReminder } from '../../shared/cycle/reminders.ts'

/** The file still waits for posting: mails the posters from day 3 on, once a day. */
export const remindPosters = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { open, part } = await openExport(dependencies, key, head)
    const [people, sage] = await Promise.all([
      dependencies.companies.people(key.company),
      dependencies.companies.sageCompany(key.company, open.sage_company),
    ])
    const first = firstReminder(part.receipt?.at ?? head.erp_since)
    const stale = passed(first, at)
    const about = { export: { number: open.number, part: part.part } }
    const occasion = `${open.id}-p${String(part.part)}-${at.slice(0, 10)}`
    return {
      commit: {
        head,
        history: [
          {
            event: stale ? 'not_posted' : 'waited',
            by: 'clock',
            detail: { export: open.number, part: part.part },
          },
        ],
        outbox: stale ? mails('not_posted', postersOf(people, sage), occasion, about) : [],
      },
      output: {
        outcome: passed(day300, at) ? 'day_300' : 'waiting',
        until: earlier(stale ? nextReminder(at) : first, day300),
      },
    }
  })

export const handler = onLambda(remindPosters)

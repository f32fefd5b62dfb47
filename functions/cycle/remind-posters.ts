import { carryOut, earlier, passed } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, postersOf } from '../../shared/cycle/mails.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { daysToStale, firstReminder, nextReminder } from '../../shared/cycle/reminders.ts'
import { waitsStill } from '../../shared/domain/export.ts'
import { fileIsEnding } from '../../shared/exporting/record.ts'
import { staleSince } from '../../shared/sage/reconciliation.ts'

/**
 * The file still waits for posting: once it is stale, that is observed of it, unless something else is, and the
 * posters are mailed, once a day.
 */
export const remindPosters = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { open, part } = await openExport(dependencies, key, head)
    const [people, sage] = await Promise.all([
      dependencies.companies.people(key.company),
      dependencies.companies.sageCompany(key.company, open.sage_company),
    ])
    const first = firstReminder(part.receipt?.at ?? head.erp_since, sage)
    const stale = passed(first, at)
    // What was reported meanwhile has the last word of the file; its step comes next.
    const tells =
      stale && waitsStill(part.observation) && !(await fileIsEnding(dependencies.store, key, head))
    if (tells) dependencies.logger.warn('posting overdue', { ...key, export: open.id, part: part.part })
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
        parts: tells ? [{ ...part, observation: staleSince(at, part, daysToStale(sage)) }] : [],
        outbox: stale ? mails('not_posted', postersOf(people, sage), occasion, about) : [],
      },
      output: {
        outcome: passed(day300, at) ? 'day_300' : 'waiting',
        until: earlier(stale ? nextReminder(at) : first, day300),
      },
    }
  })

export const handler = onLambda(remindPosters)

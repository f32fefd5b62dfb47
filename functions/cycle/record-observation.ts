import { carryOut, earlier } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, peopleWith, postersOf } from '../../shared/cycle/mails.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { nextReminder } from '../../shared/cycle/reminders.ts'
import type { ErpState } from '../../shared/domain/budget-head.ts'
import type { ObservationKind } from '../../shared/domain/export.ts'
import { Actor } from '../../shared/domain/ids.ts'

/**
 * Sage shows something else than was sent, or stopped the import: *partly posted* or *mismatch*, and a person is told what to do.
 * When everything was taken out of Sage again, the file waits for posting as before, and there is nothing to tell.
 */
export const recordObservation = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300, task, signal }) => {
    const { open, part } = await openExport(dependencies, key, head)
    const [people, sage] = await Promise.all([
      dependencies.companies.people(key.company),
      dependencies.companies.sageCompany(key.company, open.sage_company),
    ])
    // What was observed may be over before it is carried out: posted since, it is the next signal that speaks.
    const kind = part.observation?.kind ?? 'awaiting_posting'
    const erp = stateFor(kind)
    const to =
      erp === 'exported'
        ? []
        : [...open.accepted_by, ...postersOf(people, sage), ...peopleWith(people, 'operator')]
    if (erp !== 'exported')
      dependencies.logger.warn('sage shows otherwise', {
        ...key,
        export: open.id,
        part: part.part,
        observation: kind,
      })
    const about = { export: { number: open.number, part: part.part } }
    return {
      commit: {
        head: { ...head, erp, erp_since: at },
        history: [
          {
            event: 'observed',
            by: Actor.catch('connector').parse(signal?.reference['by']),
            detail: { export: open.number, part: part.part, observation: kind },
          },
        ],
        outbox: mails('mismatch', to, `${open.id}-${kind}-n${String(task.n)}`, about),
      },
      output: { outcome: kind, until: earlier(nextReminder(at), day300) },
    }
  })

function stateFor(kind: ObservationKind): ErpState {
  if (kind === 'awaiting_posting' || kind === 'stale') return 'exported'
  return kind === 'partly' ? 'partly_posted' : 'mismatch'
}

export const handler = onLambda(recordObservation)

import { carryOut, earlier, passed } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, peopleWith } from '../../shared/cycle/mails.ts'
import { openExport } from '../../shared/cycle/open-export.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'

/** No word from the connector: overdue, which is not failed. Tells the operators once an attempt and waits on. */
export const receiptOverdue = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { open, part } = await openExport(dependencies, key, head)
    const due = receiptDue(head.erp_since)
    const late = passed(due, at)
    const overdue = late && part.receipt?.attempt !== open.attempt
    const operators = overdue ? peopleWith(await dependencies.companies.people(key.company), 'operator') : []
    const about = { export: { number: open.number, part: part.part } }
    // This line raises the alarm.
    if (overdue)
      dependencies.logger.warn('receipt overdue', { ...key, export: open.id, attempt: open.attempt })
    return {
      commit: {
        head,
        history: [
          {
            event: overdue ? 'receipt_overdue' : 'waited',
            by: 'clock',
            detail: { export: open.number, attempt: open.attempt },
          },
        ],
        outbox: mails('receipt_overdue', operators, `${open.id}-a${String(open.attempt)}`, about),
      },
      output: {
        outcome: passed(day300, at) ? 'day_300' : 'waiting',
        // A receipt that is stored and not handed over yet finds the next wait; there is no hurry after it.
        until: earlier(late ? receiptDue(at) : due, day300),
      },
    }
  })

export const handler = onLambda(receiptOverdue)

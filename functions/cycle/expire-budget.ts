import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, projectSide } from '../../shared/cycle/mails.ts'

/** Nobody decided in time, which is not a rejection: the budget goes back, still locked. */
export const expireBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, ({ head, at, day300 }) => ({
    commit: {
      head: { ...head, erp: 'expired', erp_since: at },
      history: [{ event: 'given_back_expired', by: 'clock', detail: { send: head.send } }],
      outbox: mails('expired', projectSide(head), `s${String(head.send)}`),
    },
    output: { outcome: 'expired', until: day300 },
  }))

export const handler = onLambda(expireBudget)

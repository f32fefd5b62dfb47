import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { commandDone } from '../../shared/cycle/last-command.ts'
import { mails, projectSide } from '../../shared/cycle/mails.ts'

/** The project side took the budget back before it was decided; it stays locked. */
export const retrieveBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, ({ head, at, day300 }) => ({
    commit: {
      head: { ...head, erp: 'retrieved', erp_since: at, pending: undefined },
      history: [{ event: 'retrieved', by: head.pending?.by ?? 'system', detail: { send: head.send } }],
      last_command: commandDone('retrieve', head, at),
      outbox: mails('retrieved', projectSide(head), `s${String(head.send)}`),
    },
    output: { outcome: 'retrieved', until: day300 },
  }))

export const handler = onLambda(retrieveBudget)

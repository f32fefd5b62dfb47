import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { allowedInStep } from '../../shared/domain/lifecycle.ts'

/** Lets the lines be edited again and ends the cycle; budget changes and the ERP state stay as they are. */
export const unlockBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, ({ head, at, day300 }) => {
    const by = head.pending?.by ?? 'system'
    const refused = allowedInStep(head, 'unlock')
    if (refused) {
      return {
        commit: {
          head: { ...head, pending: undefined },
          history: [{ event: 'unlock_refused', by, detail: { code: refused.code } }],
          last_command: commandRefused('unlock', head, at, refused),
          outbox: mails(
            'command_refused',
            head.pending === undefined ? [] : [head.pending.by],
            `unlock-c${String(head.cycle)}-n${String(head.signal)}`,
          ),
        },
        output: { outcome: 'refused', refused: 'Refused.Unlock', until: day300 },
      }
    }
    return {
      commit: {
        head: { ...head, edit: 'unlocked', pending: undefined, execution: undefined },
        history: [{ event: 'unlocked', by, detail: {} }],
        last_command: commandDone('unlock', head, at),
      },
      output: { outcome: 'unlocked' },
    }
  })

export const handler = onLambda(unlockBudget)

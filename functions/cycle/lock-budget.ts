import { carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { checkLock } from '../../shared/domain/check-lock.ts'
import { allowedInStep } from '../../shared/domain/lifecycle.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'

/** Freezes the working copy as the next version: a constant number of writes, whatever its size. */
export const lockBudget = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head, at, day300 } = standing
    const refused = await whyNot(dependencies, standing)
    if (refused) {
      const to = head.pending === undefined ? [] : [head.pending.by]
      return {
        commit: {
          head: { ...head, pending: undefined, execution: undefined },
          history: [
            { event: 'lock_refused', by: head.pending?.by ?? 'system', detail: { code: refused.code } },
          ],
          last_command: commandRefused('lock', head, at, refused),
          outbox: mails('command_refused', to, `lock-c${String(head.cycle)}`),
        },
        output: { outcome: 'refused', refused: 'Refused.Lock' },
      }
    }
    const by = head.pending?.by ?? 'system'
    const number = head.version + 1
    const { lines, original, changes, manifest } = head
    return {
      commit: {
        head: { ...head, edit: 'locked', version: number, pending: undefined },
        history: [{ event: 'locked', by, detail: { version: number, hash: manifest, project: key.project } }],
        version: { number, hash: manifest, lines, original, changes, by, at, why: 'lock' },
        last_command: commandDone('lock', head, at),
      },
      output: { outcome: 'locked', until: day300 },
    }
  })

async function whyNot({ store }: Dependencies, { key, head }: Standing): Promise<Refusal | undefined> {
  return allowedInStep(head, 'lock') ?? checkLock(await store.lines(key, head.manifest))
}

export const handler = onLambda(lockBudget)

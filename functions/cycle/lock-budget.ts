import { showCode } from '../../shared/domain/budget-code.ts'
import { checkLine } from '../../shared/domain/lines.ts'
import { carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { type Refusal, refusal } from '../../shared/domain/refusal.ts'

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
  if (head.lines === 0)
    return refusal('NO_LINES', 'The budget has no lines.', 'Add or import lines, then lock it again.')
  const lines = await store.lines(key, head.manifest)
  const places = lines.flatMap((line) =>
    checkLine(line).map((place) => ({ ...place, sentence: `${showCode(line.code)}: ${place.sentence}` })),
  )
  return places.length === 0
    ? undefined
    : refusal('LINE_INVALID', 'Some lines are not valid.', 'Correct the lines named, then lock it again.', {
        places: places.slice(0, 100),
      })
}

export const handler = onLambda(lockBudget)

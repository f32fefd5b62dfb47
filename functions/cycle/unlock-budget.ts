import { type CarriedOut, carryOut, type Standing } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { keyOfTask, StepTask } from '../../shared/cycle/task.ts'
import type { BudgetChange } from '../../shared/domain/budget-change.ts'
import { keyOf } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { deleteChanges } from '../../shared/domain/changes.ts'
import { withEditors } from '../../shared/domain/editor.ts'
import type { Instant, ProjectKey } from '../../shared/domain/ids.ts'
import { allowedInStep } from '../../shared/domain/lifecycle.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'
import type { Commit } from '../../shared/store/budget-store.ts'

// A transaction takes 100 rows and 4 MB; a change is at most 80,000 characters of text (change-form.ts).
const deletedAtOnce = 20

/**
 * Lets the lines be edited again and ends the cycle; the ERP state stays as it is. Budget changes are preserved, or
 * voided where the command asked for that in words: so many at a time, each time with the lines as they leave them,
 * and the last of them together with the unlock.
 */
export async function unlockBudget(dependencies: Dependencies, input: unknown) {
  await deleteAllButTheLast(dependencies, input)
  return await carryOut(dependencies, input, async (standing) => {
    const { key, head, at } = standing
    const refused = whyNot(head)
    if (refused) return refuse(standing, refused)
    const deleted = await deletion(dependencies, key, head, at)
    const done = deleted ?? { head, history: [] }
    return {
      commit: {
        ...done,
        head: { ...done.head, edit: 'unlocked', pending: undefined, execution: undefined },
        history: [
          ...done.history,
          { event: 'unlocked', by: head.pending?.by ?? 'system', detail: { ...asked(head) } },
        ],
        last_command: commandDone('unlock', head, at),
      },
      output: { outcome: 'unlocked' },
    }
  })
}

const asked = ({ pending }: BudgetHead) => ({
  budget_changes: pending?.budget_changes === 'delete' ? 'deleted' : 'preserved',
})

const whyNot = (head: BudgetHead): Refusal | undefined =>
  allowedInStep(head, head.pending?.budget_changes === 'delete' ? 'unlock_deleting_changes' : 'unlock')

function refuse({ head, at, day300 }: Standing, refused: Refusal): CarriedOut {
  return {
    commit: {
      head: { ...head, pending: undefined },
      history: [
        { event: 'unlock_refused', by: head.pending?.by ?? 'system', detail: { code: refused.code } },
      ],
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

/** The changes that the command is to delete and that still stand. */
async function standingChanges(
  { store }: Dependencies,
  key: ProjectKey,
  { pending }: BudgetHead,
): Promise<readonly BudgetChange[]> {
  if (pending?.budget_changes !== 'delete') return []
  return (await store.changes(key)).filter(({ status }) => status !== 'void')
}

/** A repeat goes on where it was left: what is void already is not seen again. */
async function deleteAllButTheLast(dependencies: Dependencies, input: unknown): Promise<void> {
  const task = StepTask.parse(input)
  const key = keyOfTask(task)
  const { store, clock } = dependencies
  const deleteSome = async (): Promise<boolean> =>
    await store.decide<boolean>(key, async (head) => {
      if (head?.execution !== task.execution || whyNot(head)) return { answer: false }
      const standing = await standingChanges(dependencies, key, head)
      if (standing.length <= deletedAtOnce) return { answer: false }
      const commit = await deletion(dependencies, key, head, clock.now())
      return commit ? { answer: true, commit } : { answer: false }
    })
  // oxlint-disable-next-line no-await-in-loop -- one transaction after the other
  while (await deleteSome());
}

/** The next changes to delete as one commit, or undefined where the command preserves them or none is left. */
async function deletion(
  dependencies: Dependencies,
  key: ProjectKey,
  head: BudgetHead,
  at: Instant,
): Promise<Commit | undefined> {
  const { store } = dependencies
  const standing = (await standingChanges(dependencies, key, head)).slice(0, deletedAtOnce)
  const by = head.pending?.by
  if (standing.length === 0 || by === undefined) return undefined
  const keys = new Set(standing.flatMap(({ lines }) => lines.map(({ code }) => keyOf(code))))
  const lines = await store.linesAt(key, head.manifest, [...keys])
  const { changes, edits } = deleteChanges(standing, lines, { by, at })
  const [{ manifest, totals }, edited] = await Promise.all([
    store.editLines(key, head.manifest, edits),
    store.editors(key),
  ])
  const editors = withEditors(edited, [by], head.send)
  return {
    head: { ...head, ...totals, manifest, revision: head.revision + 1 },
    changes,
    ...(editors && { editors }),
    history: [
      {
        event: 'changes_deleted',
        by,
        detail: {
          numbers: changes.map(({ number }) => number),
          lines: edits.size,
          from: head.manifest,
          to: manifest,
        },
      },
    ],
  }
}

export const handler = onLambda(unlockBudget)

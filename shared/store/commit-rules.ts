import type { BudgetHead } from '../domain/budget-head.ts'
import type { ProjectKey } from '../domain/ids.ts'
import type { Commit } from './budget-store.ts'
import { Broken } from './errors.ts'

const growing = [
  'revision',
  'cycle',
  'version',
  'send',
  'sent_version',
  'settled_version',
  'export',
  'last_change',
] as const

/** What no command may ever write, whatever it decided; a commit that breaks one of these is a bug and goes nowhere. */
export function checkCommit(key: ProjectKey, before: BudgetHead | undefined, commit: Commit): void {
  const wrong = brokenRule(key, before, commit)
  if (wrong !== undefined) throw new Broken('Store', `Commit to ${key.company}/${key.project}: ${wrong}`)
}

function brokenRule(key: ProjectKey, before: BudgetHead | undefined, commit: Commit): string | undefined {
  const { head, history, version, signal, carried_out } = commit
  if (history.length === 0) return 'nothing changes without a history row'
  if (head.company !== key.company || head.project !== key.project) return 'the head is another project’s'
  for (const field of growing) if (before && head[field] < before[field]) return `${field} went back`
  const versions = before?.version ?? 0
  if (head.version !== versions + (version ? 1 : 0))
    return 'versions are dense: each is stored as it is numbered'
  if (version && version.number !== head.version) return 'the version stored is not the one numbered'
  const signals = before?.cycle === head.cycle ? before.signal : 0
  if (head.signal !== signals + (signal ? 1 : 0))
    return 'signals are dense: each is stored as it is numbered, from 1 in every cycle'
  if (carried_out !== undefined && (carried_out < 1 || carried_out > (before?.signal ?? 0)))
    return 'a step carries out a signal that was stored before it'
  return undefined
}

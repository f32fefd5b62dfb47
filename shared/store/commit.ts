import type { BudgetHead } from '../domain/budget-head.ts'
import type { Clock } from '../domain/clock.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { Commit, Committed } from './budget-store.ts'
import { checkCommit } from './commit-rules.ts'
import { personStands } from './company-rows.ts'
import { isNew } from './condition.ts'
import { headRow } from './head-row.ts'
import { chain, emptyHistory } from './history.ts'
import { answerOfUsedKey, keepAnswer } from './idempotency.ts'
import { jobTaken, linkJob } from './job-link.ts'
import { projectPk, projectSk } from './keys.ts'
import { outboxRow } from './outbox-row.ts'
import { rowBody, tooLong } from './row-body.ts'
import type { Rows } from './rows.ts'
import { countWork, tooMuchWork } from './spent.ts'
import { markRow, mostWrites, putRow, type Stopped, transact, unexpected, type Write } from './transaction.ts'

/** See `BudgetStore.commit`. */
export async function commitTo(
  { rows, clock }: { rows: Rows; clock: Clock },
  key: ProjectKey,
  before: BudgetHead | undefined,
  commit: Commit,
): Promise<Committed> {
  checkCommit(key, before, commit)
  const at = clock.now()
  const history = chain(before ?? emptyHistory, at, commit.history)
  const head = { ...commit.head, ...history.end }
  const writes = [
    headWrite(head, before),
    ...rowsOf(key, commit, at),
    ...history.rows.map((row) =>
      putRow({ ...rowKey(key, projectSk.history(row.sequence)), ...rowBody(row) }),
    ),
    ...signalWrites(key, before, commit, at),
    ...(commit.outbox ?? []).map((message, i) =>
      putRow(outboxRow(key, projectSk.outbox(head.sequence, i), message, at, requestOf(commit))),
    ),
    ...(commit.people ?? []).map((person) => personStands(key.company, person)),
    ...(commit.job_link ? linkJob(key, commit.job_link) : []),
    ...(commit.costly ? [countWork(key, at)] : []),
    ...(commit.idempotency ? [keepAnswer(key.company, commit.idempotency, at)] : []),
  ]
  const refused = tooMuch(writes)
  if (refused) return { outcome: 'refused', refusal: refused }
  const stopped = await transact(rows, writes)
  return stopped ? outcomeOf(stopped, commit, at) : { outcome: 'done', head }
}

/** The request behind a commit, which goes with all that follows from it. */
const requestOf = ({ history }: Commit): string | undefined =>
  history.find(({ request }) => request !== undefined)?.request

const rowKey = (key: ProjectKey, sk: string) => ({ pk: projectPk(key), sk })

/** Every command of a project is conditioned on the head it was decided over. */
const headWrite = (head: BudgetHead, before: BudgetHead | undefined): Write =>
  putRow(
    headRow(head),
    before
      ? {
          expression: '#sequence = :before',
          names: { '#sequence': 'sequence' },
          values: { ':before': before.sequence },
        }
      : isNew,
    'head',
  )

function rowsOf(key: ProjectKey, commit: Commit, at: Instant): readonly Write[] {
  const put = (sk: string, value: object, condition?: typeof isNew): Write =>
    putRow({ ...rowKey(key, sk), ...rowBody(value) }, condition)
  const { project, changes = [], version, approvals = [], parts = [], last_command, editors } = commit
  return [
    ...(project ? [put(projectSk.project, project)] : []),
    ...changes.map((change) => put(projectSk.change(change.number), change)),
    ...(version ? [put(projectSk.version(version.number), version, isNew)] : []),
    ...approvals.map((approval) => put(projectSk.approval(approval), approval)),
    ...(commit.export ? [put(projectSk.export(commit.export.number), commit.export)] : []),
    ...parts.map((part) => put(projectSk.part(part.export, part.part), part)),
    ...(last_command ? [put(projectSk.lastCommand, last_command)] : []),
    ...(editors ? [put(projectSk.editors, { editors, at })] : []),
  ]
}

function signalWrites(
  key: ProjectKey,
  before: BudgetHead | undefined,
  commit: Commit,
  at: Instant,
): readonly Write[] {
  const { head, signal, carried_out } = commit
  const { cycle, signal: n } = head
  const stored = signal && { ...signal, cycle, n, carried_out: false, at, request: requestOf(commit) }
  // A signal that another step has carried out while the head stayed the same: the condition makes it a fault, not a repeat.
  const done = before && carried_out !== undefined && rowKey(key, projectSk.signal(before.cycle, carried_out))
  return [
    ...(stored ? [putRow({ ...rowKey(key, projectSk.signal(cycle, n)), ...stored }, isNew)] : []),
    ...(done ? [markRow(done, 'carried_out', false, true)] : []),
  ]
}

function tooMuch(writes: readonly Write[]): Refusal | undefined {
  if (writes.length > mostWrites)
    return refusal(
      'TOO_LARGE',
      `This changes ${String(writes.length)} records at once; ${String(mostWrites)} are the limit.`,
      'Do it in several steps, each with fewer budget changes.',
    )
  for (const { row } of writes) {
    const refused = row && tooLong(row)
    if (refused) return refused
  }
  return undefined
}

/** A repeat of an answered request comes before everything: what it asks for is what made the head another. */
function outcomeOf(stopped: Stopped, { idempotency, job_link }: Commit, at: Instant): Committed {
  const failed = (role: string) => stopped.failed.find((write) => write.role === role)
  const used = failed('idempotency')
  if (used?.found && idempotency) return answerOfUsedKey(idempotency, used.found)
  if (failed('head') || failed('person') || stopped.conflict) return { outcome: 'lost' }
  if (failed('spent')) return { outcome: 'refused', refusal: tooMuchWork(at) }
  const job = failed('job')
  if (job?.found && job_link?.take)
    return { outcome: 'refused', refusal: jobTaken(job_link.take.job, job.found) }
  throw unexpected(stopped)
}

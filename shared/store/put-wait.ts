import type { Clock } from '../domain/clock.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { tries } from './again.ts'
import type { BudgetStore } from './budget-store.ts'
import { Later } from './errors.ts'
import { headKey } from './head-row.ts'
import { projectPk, projectSk } from './keys.ts'
import { outboxRow } from './outbox-row.ts'
import type { Rows } from './rows.ts'
import type { Signal, Wait } from './signals.ts'
import {
  checkRow,
  clearAttribute,
  putRow,
  type Stopped,
  transact,
  unexpected,
  type Write,
} from './transaction.ts'

type Seen = Parameters<BudgetStore['putWait']>[2]
type Outcome = Awaited<ReturnType<BudgetStore['putWait']>>

/** See `BudgetStore.putWait`. */
export async function putWaitTo(
  { rows, clock }: { rows: Rows; clock: Clock },
  key: ProjectKey,
  wait: Wait,
  seen: Seen,
  open: Pick<Signal, 'cycle' | 'n' | 'request'> | undefined,
): Promise<Outcome> {
  const pk = projectPk(key)
  const reissued =
    open &&
    outboxRow(
      key,
      projectSk.reissued(wait),
      { kind: 'signal', cycle: open.cycle, n: open.n },
      clock.now(),
      open.request,
    )
  const writes = [waitWrite(pk, wait), headCheck(key, seen), ...(reissued ? [putRow(reissued)] : [])]
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    // A conflict says nothing about the conditions: they are asked again
    const stopped = await transact(rows, writes)
    if (!stopped) return 'stored'
    if (stopped.failed.length > 0) return outcomeOf(stopped, seen)
    if (!stopped.conflict) throw unexpected(stopped)
    await rows.pause(attempt)
  }
  throw new Later(`The wait of ${wait.execution} met other writes ${String(tries)} times`)
}

/**
 * An older token never replaces a newer one of its run: Step Functions has given the older one up. What a run before
 * stored is replaced always, since only the run that the head counts on gets so far.
 */
const waitWrite = (pk: string, wait: Wait): Write =>
  putRow(
    { pk, sk: projectSk.wait(wait.cycle), ...wait, token: wait.token.open() },
    {
      expression: 'attribute_not_exists(pk) OR #execution <> :execution OR #order <= :order',
      names: { '#order': 'order', '#execution': 'execution' },
      values: { ':order': wait.order, ':execution': wait.execution },
    },
    'wait',
  )

/** A signal stored after the head was read would find the token of nobody, and nobody would look for it again. */
function headCheck(key: ProjectKey, { signal, execution, redriven }: Seen): Write {
  const asSeen = {
    expression: '#signal = :signal AND #execution = :execution',
    names: { '#signal': 'signal', '#execution': 'execution' },
    values: { ':signal': signal, ':execution': execution },
  }
  return redriven
    ? clearAttribute(headKey(key), 'ended', asSeen, 'head')
    : checkRow(headKey(key), asSeen, 'head')
}

function outcomeOf({ failed }: Stopped, seen: Seen): Outcome {
  const head = failed.find(({ role }) => role === 'head')
  if (head && head.found?.['execution'] !== seen.execution) return 'moved_on'
  // With a newer wait stored, that one answers for signals that came: this one stops either way.
  return failed.some(({ role }) => role === 'wait') ? 'newer_wait_stored' : 'signal_came'
}

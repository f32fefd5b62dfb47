import { addDays } from '../domain/clock.ts'
import { approvalId } from '../domain/approval.ts'
import { type BudgetHead, stepUnderWay } from '../domain/budget-head.ts'
import { exportId } from '../domain/export-id.ts'
import type { Instant, ProjectKey } from '../domain/ids.ts'
import { Refused } from '../domain/refusal.ts'
import type { BudgetStore, Commit, NextHead } from '../store/budget-store.ts'
import { Broken } from '../store/errors.ts'
import type { Signal } from '../store/signals.ts'
import type { Dependencies } from './dependencies.ts'
import { keyOfTask, StepTask } from './task.ts'

/** A run hands over to the next well before the platform's limit of one year (design: day 300). */
const longestRun = 300

/** What a step leaves for the state machine: an outcome for its Choice, the deadline of the wait that follows. */
export type StepOutput = NonNullable<BudgetHead['done']>['output']

export interface CarriedOut {
  readonly commit: Omit<Commit, 'carried_out'>
  readonly output: StepOutput
}

/** What a step decides over: the head as it stands, the signal that led here, the time, and day 300 of this run. */
export interface Standing {
  readonly key: ProjectKey
  readonly head: BudgetHead
  readonly signal: Signal | undefined
  readonly at: Instant
  readonly day300: Instant
  readonly task: StepTask
}

/** A refusal that the definition catches by name; it is recorded before it is thrown. */
class StepRefused extends Error {
  constructor(name: string, state: string) {
    super(`${state}: refused; the reason is with the budget's last command`)
    this.name = name
  }
}

/**
 * Carries out one step exactly once: its transaction stores the step's number and output on the head,
 * and a repeat that finds its own mark returns the stored output.
 * @throws Broken.Superseded when another run or a later step has taken over; a refusal by its own name.
 */
export async function carryOut(
  { store, clock, logger }: Pick<Dependencies, 'store' | 'clock' | 'logger'>,
  input: unknown,
  decide: (standing: Standing) => Promise<CarriedOut> | CarriedOut,
): Promise<StepOutput> {
  const task = StepTask.parse(input)
  const key = keyOfTask(task)
  let about: object = {}
  const read = async () => await standingRows(store, key, task)
  const decided = store.decideOver<StandingRows, StepOutput>(key, read, async ({ head, signal }) => {
    if (head === undefined) throw new Broken('BudgetMissing', `No budget ${task.project} of ${task.company}.`)
    const { done } = head
    if (done?.execution === task.execution && done.step === task.step) return { answer: done.output }
    const overtaken = done?.execution === task.execution && done.step > task.step
    if (head.execution !== task.execution || overtaken)
      throw new Broken('Superseded', `${task.state} of ${task.execution} was overtaken; nothing to do here.`)
    const at = clock.now()
    const standing = { key, head, signal, at, day300: addDays(task.started, longestRun), task }
    const { commit, output } = await decide(standing)
    // A command that the step leaves pending was asked for meanwhile: another step carries it out.
    const command = commit.head.pending === undefined ? head.pending : undefined
    const request = signal?.request ?? command?.request
    about = { request, ...aboutHead(commit.head) }
    const mark = { execution: task.execution, step: task.step, state: task.state, output: { ...output } }
    return {
      answer: output,
      commit: {
        ...(request === undefined ? commit : followingFrom(request, commit)),
        head: { ...commit.head, done: mark },
        ...(signal === undefined ? {} : { carried_out: signal.n }),
      },
    }
  })
  const output = await decided.catch(asBroken)
  const { execution, state } = task
  logger.info('step carried out', { ...key, execution, state, ...output, ...about })
  if (output.refused !== undefined) throw new StepRefused(output.refused, task.state)
  return output
}

interface StandingRows {
  readonly head: BudgetHead | undefined
  readonly signal: Signal | undefined
}

/**
 * The head, and the signal that led to a step. Read at the same time: what changes a signal changes the head with it, so
 * that a commit over the two as they never stood together is lost, and both are read anew.
 */
export async function standingRows(
  store: Pick<BudgetStore, 'head' | 'signal'>,
  key: ProjectKey,
  { cycle, n }: Pick<StepTask, 'cycle' | 'n'>,
): Promise<StandingRows> {
  const [head, signal] = await Promise.all([
    store.head(key),
    n === 0 ? undefined : store.signal(key, cycle, n),
  ])
  return { head, signal }
}

/** The approval and the export that a budget is about, as a search in the logs names them. */
const aboutHead = (head: NextHead): object => ({
  ...(head.erp === 'sent' && { approval: approvalId(head.project, stepUnderWay(head)) }),
  ...(head.open_export !== undefined && { export: exportId(head.project, head.open_export) }),
})

/** What a step writes names the request that led to it, in its history and on its export. */
const followingFrom = (request: string, commit: CarriedOut['commit']): CarriedOut['commit'] => ({
  ...commit,
  history: commit.history.map((event) => ({ request, ...event })),
  ...(commit.export && { export: { ...commit.export, request } }),
})

/** The store takes no such commit, and a repeat would ask for the same: nobody waits for a step's refusal but by its name. */
function asBroken(error: unknown): never {
  if (!(error instanceof Refused)) throw error
  const { code, sentence, what_to_do } = error.refusal
  throw new Broken('Refused', `${code}: ${sentence} ${what_to_do}`)
}

/** The earlier of two instants: no wait outlasts its run. */
export const earlier = (a: Instant, b: Instant): Instant => (Date.parse(a) < Date.parse(b) ? a : b)

export const passed = (instant: Instant, at: Instant): boolean => Date.parse(at) >= Date.parse(instant)

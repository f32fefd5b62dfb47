import { expect, test } from 'vitest'
import { workflowEnded } from '../../functions/schedule/workflow-ended.ts'
import { restartCycle } from '../../shared/repairing/restart-cycle.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { tellAgain } from '../../shared/repairing/tell-again.ts'
import { clinicOn, sentOn } from '../statemachines/cycle/carried.ts'
import { accept, asked, head, key, poster } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()

type Status = 'FAILED' | 'TIMED_OUT' | 'ABORTED'

/** Tells of the end of an execution, as EventBridge does; answers what is logged. */
async function tellOfEnd(
  machine: CycleMachine,
  status: Status,
  { of, error, project = key.project }: { of?: Run; error?: string | null; project?: string } = {},
): Promise<unknown[]> {
  const { execution: name = '', cycle, run } = of ?? (await head(machine))
  const input = JSON.stringify({ v: 1, company: key.company, project, cycle, run, asked: 'lock' })
  const logged: unknown[] = []
  const logger = { error: (...line: unknown[]) => void logged.push(line) }
  const detail = { name, status, input, redriveCount: 0, ...(error !== undefined && { error }) }
  await workflowEnded({ ...machine, logger }, { detail })
  return logged
}

type Run = Pick<BudgetHead, 'execution' | 'cycle' | 'run'>

/** What is logged and stored when the execution of a sent budget ends so. */
async function ended(
  status: Status,
  { restarted = false, error }: { restarted?: boolean; error?: string | null } = {},
) {
  const machine = await sentOn(database())
  const of = await head(machine)
  if (restarted) await restartCycle(machine, { by: poster }, { key, reason: 'It stood still.' })
  const logged = await tellOfEnd(machine, status, { of, ...(error !== undefined && { error }) })
  const rows = await machine.store.history(key, { limit: 1000 })
  const told = rows
    .filter(({ event }) => event === 'workflow_ended')
    .map(({ by, detail }) => ({ by, ...detail }))
  return { machine, logged, told, execution: of.execution }
}

test.each<[Status, string | undefined, string]>([
  ['FAILED', 'Broken.Store', 'workflow ended without an outcome'],
  ['TIMED_OUT', undefined, 'workflow ended without an outcome'],
  // An alarm of its own
  ['ABORTED', 'Superseded', 'workflow stopped'],
])(
  'an execution that ended as %s is in the history, and its line raises the alarm',
  async (status, error, line) => {
    const { machine, logged, told, execution } = await ended(status, error === undefined ? {} : { error })
    expect(logged).toEqual([[line, { ...key, execution, status, error }]])
    expect(told).toEqual([{ by: 'system', cycle: 1, run: 1, status, error: error ?? '' }])
    const at = machine.clock.now()
    expect((await head(machine)).ended).toEqual({ run: 1, status, redrives: 0, at, ...(error && { error }) })
  },
)

test('of an execution without an error nothing is made up', async () => {
  const { machine, told } = await ended('ABORTED', { error: null })
  expect([(await head(machine)).ended, told]).toMatchObject([{ status: 'ABORTED' }, [{ error: '' }]])
  expect((await head(machine)).ended?.error).toBeUndefined()
})

test('of an execution that a restart superseded nothing is said', async () => {
  expect(await ended('ABORTED', { restarted: true })).toMatchObject({ logged: [], told: [] })
})

test('of an execution of a budget that is not there nothing is said', async () => {
  const machine = await sentOn(database())
  expect(await tellOfEnd(machine, 'FAILED', { project: 'none' })).toEqual([])
})

test('an execution that has ended hears nothing, and is not told again; a restart goes on', async () => {
  const { machine } = await ended('ABORTED')
  const repair = { key, reason: 'It stood still.' }
  await expect(tellAgain(machine, { by: poster }, repair)).rejects.toMatchObject({
    refusal: { code: 'EXECUTION_ENDED' },
  })
  await restartCycle(machine, { by: poster }, repair)
  await expect(tellAgain(machine, { by: poster }, repair)).rejects.toMatchObject({
    refusal: { code: 'NOTHING_TO_TELL' },
  })
})

test('an execution that waits again after a redrive has not ended, and what is told late of its end changes nothing', async () => {
  const { machine } = await ended('FAILED')
  expect((await head(machine)).ended).toMatchObject({ status: 'FAILED', at: machine.clock.now() })
  const waits = machine.calls.findLast(({ name }) => name === 'OpenWaitFunction')!
  await machine.repeat(waits)
  expect((await head(machine)).ended).toBeDefined()
  await machine.repeat({ ...waits, payload: { ...(waits.payload as object), redrive: 1 } })
  expect((await head(machine)).ended).toBeUndefined()
  expect(await tellOfEnd(machine, 'FAILED')).toEqual([])
  expect((await head(machine)).ended).toBeUndefined()
})

test('a run that ends before it waits is told, however often the run before it was redriven', async () => {
  const { machine } = await ended('FAILED')
  const waits = machine.calls.findLast(({ name }) => name === 'OpenWaitFunction')!
  await machine.repeat({ ...waits, payload: { ...(waits.payload as object), redrive: 1 } })
  await restartCycle(machine, { by: poster }, { key, reason: 'It stood still.' })
  expect(await tellOfEnd(machine, 'FAILED')).toHaveLength(1)
  expect((await head(machine)).ended).toMatchObject({ run: 2 })
})

test('an execution that ends before it ever waited is told', async () => {
  const machine = await clinicOn(database())
  await asked(machine, key, 'lock')
  expect(await tellOfEnd(machine, 'FAILED')).toHaveLength(1)
})

test('a step that was under way when its execution was stopped, and writes after it, does not hide that it ended', async () => {
  const { machine } = await ended('ABORTED')
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', ended: { status: 'ABORTED' } })
})

import type { LogItemMessage } from '@aws-lambda-powertools/logger/types'
import { expect, test } from 'vitest'
import { workflowEnded } from '../../functions/schedule/workflow-ended.ts'
import { restartCycle } from '../../shared/repairing/restart-cycle.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { tellAgain } from '../../shared/repairing/tell-again.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import { accept, head, key, poster } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()

/** Tells of the end of an execution, as EventBridge does; answers what is logged. */
async function tellOfEnd(
  machine: CycleMachine,
  status: 'FAILED' | 'ABORTED',
  of?: Pick<BudgetHead, 'execution' | 'cycle' | 'run'>,
): Promise<unknown[]> {
  const { execution: name = '', cycle, run } = of ?? (await head(machine))
  const input = JSON.stringify({ v: 1, ...key, cycle, run, asked: 'lock' })
  const logged: unknown[] = []
  const logger = { error: (line: LogItemMessage) => void logged.push(line) }
  await workflowEnded({ ...machine, logger }, { detail: { name, status, input, redriveCount: 0 } })
  return logged
}

/** What is logged and stored when the execution of a sent budget ends so. */
async function ended(status: 'FAILED' | 'ABORTED', { restarted = false } = {}) {
  const machine = await sentOn(database())
  const before = await head(machine)
  if (restarted) await restartCycle(machine, { by: poster }, { key, reason: 'It stood still.' })
  const logged = await tellOfEnd(machine, status, before)
  const rows = await machine.store.history(key, { limit: 1000 })
  const told = rows.filter(({ event }) => event === 'workflow_ended').map(({ detail }) => detail['status'])
  return { machine, logged, told }
}

test('an execution that failed is in the history, and its line raises the alarm', async () => {
  expect(await ended('FAILED')).toMatchObject({
    logged: ['workflow ended without an outcome'],
    told: ['FAILED'],
  })
})

test('an execution that somebody stopped has a line, and an alarm, of its own', async () => {
  expect(await ended('ABORTED')).toMatchObject({ logged: ['workflow stopped'], told: ['ABORTED'] })
})

test('of an execution that a restart superseded nothing is said', async () => {
  expect(await ended('ABORTED', { restarted: true })).toMatchObject({ logged: [], told: [] })
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
  await tellOfEnd(machine, 'FAILED')
  expect((await head(machine)).ended).toBeUndefined()
})

test('a step that was under way when its execution was stopped, and writes after it, does not hide that it ended', async () => {
  const { machine } = await ended('ABORTED')
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', ended: { status: 'ABORTED' } })
})

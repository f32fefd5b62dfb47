import type { LogItemMessage } from '@aws-lambda-powertools/logger/types'
import { expect, test } from 'vitest'
import { workflowEnded } from '../../functions/schedule/workflow-ended.ts'
import { restartCycle } from '../../shared/repairing/restart-cycle.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import { head, key, poster } from '../statemachines/cycle/clinic.ts'
import { useLocalDatabase } from '../store/use-local.ts'

const database = useLocalDatabase()

/** What is logged and stored when the execution of a sent budget ends so. */
async function ended(status: 'FAILED' | 'ABORTED', { restarted = false } = {}) {
  const machine = await sentOn(database())
  const { execution: name = '', cycle, run } = await head(machine)
  if (restarted) await restartCycle(machine, { by: poster }, { key, reason: 'It stood still.' })
  const input = JSON.stringify({ v: 1, ...key, cycle, run, asked: 'lock' })
  const logged: unknown[] = []
  const logger = { error: (line: LogItemMessage) => void logged.push(line) }
  await workflowEnded({ store: machine.store, logger }, { detail: { name, status, input } })
  const rows = await machine.store.history(key, { limit: 1000 })
  const told = rows.filter(({ event }) => event === 'workflow_ended').map(({ detail }) => detail['status'])
  return { logged, told }
}

test('an execution that failed is in the history, and its line raises the alarm', async () => {
  expect(await ended('FAILED')).toEqual({
    logged: ['workflow ended without an outcome'],
    told: ['FAILED'],
  })
})

test('an execution that somebody stopped has a line, and an alarm, of its own', async () => {
  expect(await ended('ABORTED')).toEqual({ logged: ['workflow stopped'], told: ['ABORTED'] })
})

test('of an execution that a restart superseded nothing is said', async () => {
  expect(await ended('ABORTED', { restarted: true })).toEqual({ logged: [], told: [] })
})

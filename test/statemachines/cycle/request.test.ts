import { expect, test } from 'vitest'
import { closeOrContinue } from '../../../functions/cycle/close-or-continue.ts'
import { useLocalDatabase } from '../../store/use-local.ts'
import { sentOn } from './carried.ts'
import { head, key, manager } from './clinic.ts'

const database = useLocalDatabase()

test('what the clock does while a command waits does not name the request of that command', async () => {
  const machine = await sentOn(database())
  const { execution = '', cycle, run, done } = await head(machine)
  const at = machine.clock.now()
  await machine.store.decide(key, (standing) => ({
    answer: undefined,
    commit: {
      head: { ...standing!, pending: { command: 'retrieve', by: manager, at, request: 'r-1' } },
      history: [{ event: 'retrieve_asked', by: manager, request: 'r-1', detail: {} }],
    },
  }))
  const step = (done?.step ?? 0) + 1
  const task = { v: 1, ...key, cycle, run, execution, started: at, state: 'Close or continue', step, n: 0 }
  await closeOrContinue(machine, task)
  const rows = await machine.store.history(key, { limit: 1000 })
  expect(rows.filter(({ request }) => request === 'r-1').map(({ event }) => event)).toEqual([
    'retrieve_asked',
  ])
})

import { describe, expect, test, vi } from 'vitest'
import { openWait } from '../../../functions/cycle/open-wait.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { redrivesOf } from '../../../shared/store/signals.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { altered, nextTask } from './altered.ts'
import { sentOn } from './carried.ts'
import { asked, head, key } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()

const noon = '2026-02-01T12:00:00.000Z'
const first = { entered: noon, redrive: 0, retry: 0 }
const kinds = ['accepted', 'step_accepted', 'rejected', 'retrieve']

/** A wait of the run that stands, opened past the state machine. */
const opened = async (machine: CycleMachine, token: string, but: object = {}) =>
  await openWait(machine, { ...(await nextTask(machine)), ...first, kinds, token, ...but })

const token = async (machine: CycleMachine) =>
  (await machine.store.wait(key, (await head(machine)).cycle))?.token.open()

describe.each([
  ['a later visit', { entered: '2026-02-01T12:00:00.001Z' }, { retry: 3 }],
  ['a redrive', { redrive: 1 }, { retry: 3 }],
  ['a tenth redrive', { redrive: 10 }, { redrive: 9 }],
  ['a tenth retry', { retry: 10 }, { retry: 9 }],
])('the token of %s', (_, later, earlier) => {
  test('is kept, whichever comes first', async () => {
    const machine = await sentOn(database())
    expect(await opened(machine, 'earlier', earlier)).toEqual({ wait: 'stored' })
    expect(await opened(machine, 'later', later)).toEqual({ wait: 'stored' })
    expect(await opened(machine, 'earlier', earlier)).toEqual({ wait: 'newer_wait_stored' })
    expect(await token(machine)).toBe('later')
  })
})

/** The store as it answers while the head is read as it stood before, once. */
function behind(machine: CycleMachine, before: BudgetHead): CycleMachine {
  const store = { ...machine.store }
  vi.spyOn(store, 'head').mockResolvedValueOnce(before)
  return { ...machine, store }
}

test('a signal that comes while a wait is opened is handed to that wait', async () => {
  const machine = await sentOn(database())
  const [before, task] = [await head(machine), await nextTask(machine)]
  await asked(machine, key, 'retrieve')
  const came = await openWait(behind(machine, before), { ...task, ...first, kinds, token: 'new' })
  expect([came, await token(machine)]).toEqual([{ wait: 'stored' }, 'new'])
  const again = (await machine.undelivered()).filter(({ message }) => message.kind === 'signal')
  expect(again).toHaveLength(2)
})

test('a run that is taken over while it opens a wait waits nowhere', async () => {
  const machine = await sentOn(database())
  const [before, task] = [await head(machine), await nextTask(machine)]
  await altered(machine, { execution: 'another' })
  const wait = openWait(behind(machine, before), { ...task, ...first, kinds, token: 'new' })
  await expect(wait).rejects.toMatchObject({ name: 'Broken.Superseded' })
  expect(await token(machine)).not.toBe('new')
})

test.each([
  ['ended', 1, false],
  ['was redriven once since it ended', 2, true],
])('a run that %s is shown as such', async (_, redrive, runs) => {
  const machine = await sentOn(database())
  const { run } = await head(machine)
  await altered(machine, { ended: { run, status: 'FAILED', redrives: 1, at: machine.clock.now() } })
  await opened(machine, 'again', { redrive })
  expect((await head(machine)).ended === undefined).toBe(runs)
  const wait = await machine.store.wait(key, 1)
  expect(wait && redrivesOf(wait)).toBe(redrive)
})

import { describe, expect, test, vi } from 'vitest'
import { PersonId } from '../../../shared/domain/ids.ts'
import { restartCycle } from '../../../shared/repairing/restart-cycle.ts'
import { tellAgain } from '../../../shared/repairing/tell-again.ts'
import { Broken } from '../../../shared/store/errors.ts'
import { createOutbox } from '../../../shared/store/outbox-table.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn, exportedOn, sentOn } from './carried.ts'
import { accept, amounts, clinicLines, head, key, masterData, receipt, retry, totals } from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import { left } from './left.ts'
import { type CycleMachine, cycleMachine, steps } from './machine.ts'
import { scenarios } from './scenarios.ts'

const database = useMemoryDatabase()
const operator = { by: PersonId.parse('otto') }
const about = { key, reason: 'Stopped by mistake.' }

const stop = (machine: CycleMachine, execution: string) =>
  machine.engine.stopExecution({ executionArn: machine.arnOf(execution) })

/** As if the relay had told a wait that had just ended: the rows are gone, and nobody was told. */
async function loseRows(machine: CycleMachine): Promise<void> {
  const outbox = createOutbox({ document: database().document, table: machine.table })
  for (const row of await machine.undelivered()) await outbox.delivered(row)
}

const executionOf = async (machine: CycleMachine): Promise<string> => (await head(machine)).execution ?? ''

/**
 * What a scenario leaves behind, but for what the repair itself told: a restarted file is queued once more, the same; a
 * restarted wait looks at its deadline once more; a mail of a step is named by its run.
 */
async function leftButRepair(machine: CycleMachine) {
  const { history, messages, mails, ...rest } = await left(machine)
  const repair = ['cycle_restarted', 'queued_again', 'waited']
  return {
    ...rest,
    history: history.filter(({ event }) => !repair.includes(event)),
    messages: [...new Set(messages)],
    mails: mails.map((id) => id.replace(/c\d+-r\d+-\d+/, 'step')),
  }
}

/** Restarts after every act in which there is something to restart, or where `only` says so. */
const restarted = (
  machine: CycleMachine,
  only: (execution: string) => boolean = () => true,
): CycleMachine => ({
  ...machine,
  settle: async () => {
    await machine.settle()
    const { execution } = (await machine.store.head(key)) ?? {}
    if (execution === undefined || !only(execution)) return
    await restartCycle(machine, operator, about)
    await machine.settle()
  },
})

// Day 300 counts from the start of a run, and a restart begins another.
const ways = Object.entries(scenarios).filter(([name]) => !/300|nobody knows/.test(name))

test.each(ways)('%s: with the cycle restarted after every act it ends as without', async (_, scenario) => {
  const [plain, machine] = [await cycleMachine(database()), await cycleMachine(database())]
  await scenario(plain)
  await scenario(restarted(machine))
  expect(await leftButRepair(machine)).toEqual(await leftButRepair(plain))
  await holds(machine)
})

/** Deadlines and checks after a restart count from it, so that reminders may be others than without. */
async function endOf(machine: CycleMachine) {
  const { versions, exports, messages } = await leftButRepair(machine)
  const { edit, erp } = await head(machine)
  return { edit, erp, versions, exports, messages }
}

describe.each(['before', 'after'] as const)('with every step broken once, %s its work,', (when) => {
  test.each(ways)('and restarted, %s ends with the same files, versions and state', async (_, scenario) => {
    const [plain, machine] = [await cycleMachine(database()), await cycleMachine(database())]
    await scenario(plain)
    for (const name of Object.keys(steps) as (keyof typeof steps)[])
      machine.breakOnce(name, 'Broken.Test', when)
    const broken = restarted(machine, (execution) => machine.status(execution) === 'FAILED')
    // One act may break several steps, one after the other.
    const runOf = async (): Promise<number> => (await machine.store.head(key))?.run ?? 0
    const settle = async (): Promise<void> => {
      const run = await runOf()
      await broken.settle()
      if ((await runOf()) !== run) await settle()
    }
    const { time } = machine
    const pass = async (ms: number): Promise<void> => {
      const until = time.now() + ms
      for (let next = time.next(); next !== undefined && next <= until; next = time.next()) {
        await machine.pass(next - time.now())
        await settle()
      }
      await machine.pass(until - time.now())
    }
    await scenario({ ...machine, settle, pass })
    expect(await endOf(machine)).toEqual(await endOf(plain))
    await holds(machine)
  })
})

test('an execution that was stopped after the decision goes on with it', async () => {
  const machine = await sentOn(database())
  const before = await executionOf(machine)
  stop(machine, before)
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  await restartCycle(machine, operator, about)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting', run: 2 })
  expect(machine.messages).toHaveLength(1)
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('the run before it is stopped as superseded, and history tells who restarted it and why', async () => {
  const machine = await exportedOn(database())
  const before = await executionOf(machine)
  const answer = await restartCycle(machine, operator, about)
  await machine.settle()
  expect(answer).toMatchObject({ superseded: before, asked: 'Wait for posting' })
  expect([machine.status(before), machine.standsIn(answer.execution)]).toEqual([
    'ABORTED',
    'Wait for posting',
  ])
  const rows = await machine.store.history(key, { limit: 1000 })
  expect(rows.at(-1)).toMatchObject({
    event: 'cycle_restarted',
    by: 'otto',
    detail: { ...answer, reason: 'Stopped by mistake.' },
  })
})

test('where no cycle is open there is nothing to restart and nothing to tell', async () => {
  const machine = await clinicOn(database())
  for (const repair of [restartCycle, tellAgain])
    await expect(repair(machine, operator, about)).rejects.toMatchObject({
      refusal: { code: 'NO_CYCLE_OPEN' },
    })
})

test('a reason is asked for', async () => {
  const machine = await sentOn(database())
  for (const repair of [restartCycle, tellAgain])
    await expect(repair(machine, operator, { key, reason: ' ' })).rejects.toMatchObject({
      refusal: { code: 'REASON_MISSING' },
    })
})

test('a decision whose row was lost is told again, once', async () => {
  const machine = await sentOn(database())
  await accept({
    ...machine,
    settle: async () => {
      await loseRows(machine)
    },
  })
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'sent' })
  expect(await tellAgain(machine, operator, about)).toMatchObject({ signal: 'accepted' })
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  await expect(tellAgain(machine, operator, about)).rejects.toMatchObject({
    refusal: { code: 'NOTHING_TO_TELL' },
  })
  await holds(machine)
})

/** What comes of an act while no file can be put. */
async function withoutBucket(machine: CycleMachine, act: (machine: CycleMachine) => Promise<void>) {
  const put = vi
    .spyOn(machine.objects, 'putFile')
    .mockRejectedValue(new Broken('Store', 'The bucket is gone.'))
  await act(machine)
  put.mockRestore()
}

test('a cycle that broke between the accept and its file carries the accept out when it goes on', async () => {
  const machine = await sentOn(database())
  await withoutBucket(machine, accept)
  expect(await head(machine)).toMatchObject({ erp: 'accepted' })
  await restartCycle(machine, operator, about)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  const signals = await machine.store.signals(key, 1)
  expect(signals.filter(({ carried_out }) => !carried_out)).toEqual([])
  await holds(machine)
})

test('a cycle that broke while an export was prepared again after findings carries the retry out when it goes on', async () => {
  const machine = await sentOn(database())
  await masterData(machine, ['L'])
  await accept(machine)
  expect(await head(machine)).toMatchObject({ erp: 'export_failed' })
  await masterData(machine)
  await withoutBucket(machine, retry)
  expect(await head(machine)).toMatchObject({ erp: 'accepted' })
  await restartCycle(machine, operator, about)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  const signals = await machine.store.signals(key, 1)
  expect(signals.filter(({ carried_out }) => !carried_out)).toEqual([])
  await holds(machine)
})

test('a wait that is redriven shortly before its approval ends is over when that ends', async () => {
  const machine = await sentOn(database())
  const execution = await executionOf(machine)
  await machine.pass(days(29))
  stop(machine, execution)
  machine.engine.redriveExecution({ executionArn: machine.arnOf(execution) })
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'sent', execution })
  await machine.pass(days(2))
  expect(await head(machine)).toMatchObject({ erp: 'expired' })
  await holds(machine)
})

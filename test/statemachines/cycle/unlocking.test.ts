import { expect, test } from 'vitest'
import { unlockBudget } from '../../../functions/cycle/unlock-budget.ts'
import type { BudgetChange } from '../../../shared/domain/budget-change.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { Later } from '../../../shared/store/errors.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { altered, nextTask } from './altered.ts'
import { asked, changedLines, clinic, clinicLines, command, head, key, manager } from './clinic.ts'
import { holds } from './invariants.ts'
import { type CycleMachine, cycleMachine } from './machine.ts'

const database = useMemoryDatabase()

/** A locked budget with as many approved changes as asked, which together put 15,000.00 on the second line. */
async function lockedWithChanges(machine: CycleMachine, count: number): Promise<void> {
  await clinic(machine, changedLines)
  await command(machine, 'lock')
  const amounts = Array.from({ length: count }, (_, i) => (i === 0 ? 1_500_000 - (count - 1) : 1))
  const at = machine.clock.now()
  const changes = amounts.map((amount, i): BudgetChange => ({
    number: i + 1,
    title: 'More concrete',
    description: '',
    status: 'approved',
    lines: [{ code: clinicLines[1]!.code, amount: cents(amount), comment: '' }],
    from_sage: false,
    approved_in: 1,
    created_by: manager,
    created_at: at,
    updated_by: manager,
    updated_at: at,
  }))
  await altered(machine, { last_change: count }, { changes })
}

/** What the unlock wrote into the history, and what it says of the changes. */
const events = async ({ store }: CycleMachine) =>
  (await store.history(key, { limit: 100 }))
    .filter(({ event }) => ['changes_deleted', 'unlocked'].includes(event))
    .map(({ event, detail }) => [event, detail['budget_changes']])

const standing = async ({ store }: CycleMachine) =>
  (await store.changes(key)).filter(({ status }) => status !== 'void').length

test.each([1, 20, 21, 45])(
  'an unlock that deletes %i changes leaves none and ends Unlocked',
  async (count) => {
    const machine = await cycleMachine(database())
    await lockedWithChanges(machine, count)
    const { execution = '' } = await head(machine)
    await command(machine, 'unlock', { budget_changes: 'delete' })
    expect(await head(machine)).toMatchObject({ edit: 'unlocked', erp: 'not_sent', changes: 0 })
    const last = { command: 'unlock', outcome: 'done', budget_changes: 'delete' }
    expect(await machine.store.lastCommand(key)).toMatchObject(last)
    expect([await standing(machine), machine.states(execution).at(-1)]).toEqual([0, 'Unlocked'])
    expect(await machine.store.lines(key, (await head(machine)).manifest)).toEqual(clinicLines)
    await holds(machine)
  },
)

test('an unlock that does not ask for it deletes nothing', async () => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, 2)
  await command(machine, 'unlock')
  expect([await standing(machine), (await head(machine)).changes]).toEqual([2, 1_500_000])
  expect(await events(machine)).toEqual([['unlocked', 'preserved']])
  await holds(machine)
})

test('the history says that changes were deleted, and who deleted them counts as an editor', async () => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, 21)
  await command(machine, 'unlock', { budget_changes: 'delete' })
  expect(await events(machine)).toEqual([
    ['changes_deleted', undefined],
    ['changes_deleted', undefined],
    ['unlocked', 'deleted'],
  ])
  expect(await machine.store.editors(key)).toEqual([{ person: manager, send: 0 }])
})

const busy = async () => await Promise.reject(new Later('The unlock was not stored.'))

test.each([
  [20, 20],
  [21, 1],
  [45, 5],
])('of %i changes the last %i are deleted together with the unlock, or not at all', async (count, last) => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, count)
  await asked(machine, key, 'unlock', { budget_changes: 'delete' })
  const unlock = unlockBudget(
    { ...machine, store: { ...machine.store, decideOver: busy } },
    await nextTask(machine),
  )
  await expect(unlock).rejects.toMatchObject({ name: 'Later.Busy' })
  expect([(await head(machine)).edit, await standing(machine)]).toEqual(['locked', last])
})

test('an unlock of a run that was superseded deletes nothing', async () => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, 21)
  await asked(machine, key, 'unlock', { budget_changes: 'delete' })
  const unlock = unlockBudget(machine, { ...(await nextTask(machine)), execution: 'another' })
  await expect(unlock).rejects.toMatchObject({ name: 'Broken.Superseded' })
  expect(await standing(machine)).toBe(21)
})

test('a deletion that the ledger speaks against is refused in the step, and the budget stays locked', async () => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, 25)
  const ledger = await machine.objects.putJson(key.company, [])
  await altered(machine, { ledger })
  const { execution = '' } = await head(machine)
  await command(machine, 'unlock', { budget_changes: 'delete' })
  expect([await standing(machine), machine.standsIn(execution)]).toEqual([25, 'Wait to be sent'])
  expect(await machine.store.lastCommand(key)).toMatchObject({
    outcome: 'refused',
    code: 'LEDGER_NOT_EMPTY',
  })
  await holds(machine)
})

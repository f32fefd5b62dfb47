import { expect, test } from 'vitest'
import type { BudgetChange } from '../../../shared/domain/budget-change.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { changedLines, clinic, clinicLines, command, head, key, manager } from './clinic.ts'
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
  await machine.store.decide(key, (before) => {
    if (!before) throw new Error('no budget')
    return {
      answer: undefined,
      commit: {
        head: { ...before, last_change: count },
        changes,
        history: [{ event: 'waited', by: manager, detail: {} }],
      },
    }
  })
}

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
  await holds(machine)
})

test('a deletion that the ledger speaks against is refused in the step, and the budget stays locked', async () => {
  const machine = await cycleMachine(database())
  await lockedWithChanges(machine, 25)
  const ledger = await machine.objects.putJson(key.company, [])
  await machine.store.decide(key, (before) => {
    if (!before) throw new Error('no budget')
    return {
      answer: undefined,
      commit: { head: { ...before, ledger }, history: [{ event: 'waited', by: 'system', detail: {} }] },
    }
  })
  const { execution = '' } = await head(machine)
  await command(machine, 'unlock', { budget_changes: 'delete' })
  expect([await standing(machine), machine.standsIn(execution)]).toEqual([25, 'Wait to be sent'])
  expect(await machine.store.lastCommand(key)).toMatchObject({
    outcome: 'refused',
    code: 'LEDGER_NOT_EMPTY',
  })
  await holds(machine)
})

import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { tellCommand } from '../../../shared/store/workflow.ts'
import type { Commit } from '../../../shared/store/budget-store.ts'
import {
  accept,
  amounts,
  approver,
  changedLines,
  clinic,
  command,
  declare,
  failure,
  giveBack,
  head,
  key,
  manager,
  masterData,
  receipt,
  reject,
  rejectSome,
  retry,
  sent,
  totals,
} from './clinic.ts'
import { days, second } from './days.ts'
import { type CycleMachine, machineArn } from './machine.ts'

export const secondApprover = PersonId.parse('bert')

/** A policy of two steps: Anna, then Bert. */
export async function twoSteps({ companies }: CycleMachine): Promise<void> {
  const bert = {
    id: secondApprover,
    name: 'Bert',
    email: 'bert@example.com',
    subjects: ['sub-bert'],
    roles: ['accounting_approver' as const],
    active: true,
  }
  await companies.putPerson(key.company, bert, 'system')
  const steps = [approver, secondApprover].map((one) => ({
    name: `Step of ${one}`,
    approvers: [one],
    accepts: 1,
  }))
  await companies.putPolicy(key.company, { ...defaultPolicy, steps }, 'system')
}

/** A budget that waited to be sent until shortly before its run's day 300, and is sent then. */
export async function sentLate(machine: CycleMachine): Promise<string> {
  await clinic(machine)
  await command(machine, 'lock')
  await machine.pass(days(299))
  await masterData(machine)
  await totals(machine, [])
  await command(machine, 'send')
  return (await head(machine)).execution ?? ''
}

/** A send that is stored while the relay stands still, so that the run's day 300 comes first. */
export async function sendUntold({ store, clock }: CycleMachine): Promise<void> {
  await store.decide(key, (before) => {
    if (!before) throw new Error('no budget')
    const at = clock.now()
    const pending = { ...before, pending: { command: 'send' as const, by: manager, at } }
    const history: Commit['history'] = [{ event: 'send_asked', by: manager, detail: {} }]
    return { answer: undefined, commit: { ...tellCommand(key, pending, 'send', at), history } }
  })
}

async function sentOnDay300(machine: CycleMachine): Promise<void> {
  await clinic(machine)
  await command(machine, 'lock')
  await machine.pass(days(299))
  await masterData(machine)
  // A wait that was opened again after a lost answer ends as much later as its repeat came.
  const due = machine.time.next() ?? 0
  await machine.pass(due - second - machine.time.now())
  await sendUntold(machine)
  await machine.time.advanceTo(due)
  await machine.settle()
}

/** Everything that can happen to an export before it is settled. */
async function longWay(machine: CycleMachine): Promise<void> {
  await sent(machine, changedLines)
  await masterData(machine, ['L'])
  await accept(machine)
  await masterData(machine)
  await retry(machine)
  await failure(machine)
  await retry(machine)
  await machine.pass(days(1.5))
  await receipt(machine)
  await totals(machine, amounts(changedLines, 2))
  await totals(machine, amounts(changedLines))
  await receipt(machine)
  await machine.pass(days(3.5))
  await rejectSome(machine, changedLines[1]!)
  await receipt(machine)
  await declare(machine)
}

/** Ways through the cycle that together enter every state and take every Catch. */
export const scenarios: Readonly<Record<string, (machine: CycleMachine) => Promise<void>>> = {
  'a lock that is refused': async (machine) => {
    await clinic(machine, [])
    await command(machine, 'lock')
  },
  'a send that is refused, a retrieve and an unlock': async (machine) => {
    await clinic(machine)
    await command(machine, 'lock')
    await masterData(machine, ['L'])
    await command(machine, 'send')
    await masterData(machine)
    await command(machine, 'send')
    await command(machine, 'retrieve')
    await command(machine, 'unlock')
  },
  'an unlock that is refused, and nobody comes for 300 days': async (machine) => {
    await clinic(machine)
    await command(machine, 'unlock')
    await machine.pass(days(301))
  },
  'a reject in the second step': async (machine) => {
    await clinic(machine)
    await twoSteps(machine)
    await command(machine, 'lock')
    await command(machine, 'send')
    await accept(machine)
    await reject(machine, 'Too low', secondApprover)
  },
  'nobody decides': async (machine) => {
    await sent(machine)
    await machine.pass(days(31))
  },
  'an approver is reminded, another is asked, and nobody decides': async (machine) => {
    await clinic(machine)
    await twoSteps(machine)
    const reminder = { after: 'P2D', every: 'P2D' }
    const escalation = { after: 'P4D', to: secondApprover }
    const step = { name: 'Accounting', approvers: [approver], accepts: 1, reminder, escalation }
    await machine.companies.putPolicy(key.company, { ...defaultPolicy, steps: [step] }, 'system')
    await command(machine, 'lock')
    await command(machine, 'send')
    await machine.pass(days(31))
  },
  'a failed export is returned': async (machine) => {
    await sent(machine)
    await accept(machine)
    await failure(machine)
    await giveBack(machine)
  },
  'an export that fails, is late, is imported twice, is corrected, and is posted': longWay,
  'a failed export on day 300': async (machine) => {
    await sentLate(machine)
    await accept(machine)
    await failure(machine)
    await machine.pass(days(2))
    await retry(machine)
  },
  'a send that comes with day 300': sentOnDay300,
  'an execution that asks for what nobody knows': async (machine) => {
    await clinic(machine)
    const input = JSON.stringify({ v: 1, ...key, cycle: 9, run: 1, asked: 'something else' })
    machine.engine.startExecution({ stateMachineArn: machineArn, name: 'not-understood', input })
    await machine.settle()
  },
}

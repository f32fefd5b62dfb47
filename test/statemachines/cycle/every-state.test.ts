import { expect, test } from 'vitest'
import { readDefinition } from '../../../statemachines/diagram.ts'
import type { HistoryEvent } from '../../../local/engine/journal.ts'
import { undocumented } from '../engine/documented-history.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { second } from './days.ts'
import { holds } from './invariants.ts'
import { left } from './left.ts'
import { type CycleMachine, cycleMachine, machineArn, steps } from './machine.ts'
import { scenarios } from './scenarios.ts'

const database = useMemoryDatabase()

type Step = keyof typeof steps
const stepNames = Object.keys(steps) as Step[]

/** Time for the first retry of a step after every act. */
const patient = (machine: CycleMachine, before: () => void = () => {}): CycleMachine => ({
  ...machine,
  settle: async () => {
    before()
    await machine.pass(5 * second)
  },
})

/** Every step's first answer is lost after its work is done, and so is every wait's. */
function losing(machine: CycleMachine): CycleMachine {
  for (const name of stepNames) machine.breakOnce(name, 'Lambda.Unknown', 'after')
  return patient(machine, () => {
    machine.breakOnce('OpenWaitFunction', 'Lambda.Unknown', 'after')
  })
}

const executionsOf = ({ engine }: CycleMachine): string[] =>
  engine.listExecutions({ stateMachineArn: machineArn }).executions.map(({ name }) => name)

const entered = new Set<string>()
const taken = new Set<string>()
const lost = new Set<string>()
const histories: HistoryEvent[][] = []

const historyOf = (machine: CycleMachine, execution: string): HistoryEvent[] => [
  ...machine.engine.getExecutionHistory({ executionArn: machine.arnOf(execution), maxResults: 1_000 }).events,
]

function collect(machine: CycleMachine): void {
  for (const execution of executionsOf(machine)) {
    const states = machine.states(execution)
    for (const [i, state] of states.entries()) {
      entered.add(state)
      taken.add(`${state} -> ${states[i + 1] ?? ''}`)
    }
  }
}

test.each(Object.entries(scenarios))(
  '%s: with every answer lost once it ends as without',
  async (_, scenario) => {
    const [plain, faulty] = [await cycleMachine(database()), await cycleMachine(database())]
    await scenario(patient(plain))
    await scenario(losing(faulty))
    collect(plain)
    for (const machine of [plain, faulty])
      for (const execution of executionsOf(machine)) histories.push(historyOf(machine, execution))
    for (const { name } of faulty.calls) lost.add(name)
    expect(await left(faulty)).toEqual(await left(plain))
    await holds(plain)
    await holds(faulty)
  },
  120_000,
)

interface State {
  readonly Type: string
  readonly Catch?: readonly { readonly Next: string }[]
}
const states = Object.entries((readDefinition() as { States: Record<string, State> }).States)

test('every state of the definition was entered', () => {
  expect(states.map(([name]) => name).filter((name) => !entered.has(name))).toEqual([])
})

test('every Catch of the definition was taken', () => {
  const catches = states.flatMap(([name, state]) =>
    (state.Catch ?? []).map(({ Next }) => `${name} -> ${Next}`),
  )
  expect(catches.filter((each) => !taken.has(each))).toEqual([])
})

test('the answer of every step was lost at least once', () => {
  expect(stepNames.filter((name) => !lost.has(name))).toEqual([])
})

test('every history is as the API documents it', () => {
  expect(histories.flatMap(undocumented)).toEqual([])
  const types = new Set(histories.flat().map(({ type }) => type))
  for (const type of ['TaskSubmitted', 'TaskFailed', 'TaskTimedOut', 'ExecutionFailed', 'ExecutionSucceeded'])
    expect(types).toContain(type)
})

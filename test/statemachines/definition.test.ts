import { existsSync, readFileSync } from 'node:fs'
import aslValidator from 'asl-validator'
import { expect, test } from 'vitest'
import { arrowsOf, readDefinition, readmeWithDiagram } from '../../statemachines/diagram.ts'

interface Catcher {
  ErrorEquals: string[]
  Next: string
  Assign?: Record<string, unknown>
}
interface State {
  Type: 'Task' | 'Choice' | 'Succeed' | 'Fail'
  Resource?: string
  Next?: string
  End?: boolean
  Default?: string
  Assign?: Record<string, unknown>
  Choices?: { Condition: string; Next: string; Assign?: Record<string, unknown> }[]
  Catch?: Catcher[]
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[]
  TimeoutSeconds?: number | string
  Arguments?: { FunctionName?: string; Payload?: Record<string, unknown> }
}

const definition = readDefinition() as { StartAt: string; States: Record<string, State> }
const states = Object.entries(definition.States)
const tasks = states.filter(([, state]) => state.Type === 'Task')
const waits = tasks.filter(([, state]) => state.Resource?.endsWith('.waitForTaskToken'))
const steps = tasks.filter(([, state]) => state.Resource === 'arn:aws:states:::lambda:invoke')
const later = [
  'Later.Busy',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  // A function whose process ended, of too little memory for one: newer runtimes tell it so.
  'Runtime.ExitError',
  'Sandbox.Timedout',
]

test('the validator of the language accepts the definition', () => {
  expect(aslValidator(definition).errors).toEqual([])
})

test.each(steps)(
  '%s is tried again after a passing fault and after its time limit, and after nothing else',
  (_, state) => {
    expect(state.Retry?.map(({ ErrorEquals }) => ErrorEquals)).toEqual([[...later, 'States.Timeout']])
  },
)

test.each(waits)('%s is tried again after a passing fault, never after its time is up', (_, state) => {
  expect(state.Retry?.map(({ ErrorEquals }) => ErrorEquals)).toEqual([later])
})

test.each(waits)('%s catches that its time is up and nothing else', (name, state) => {
  expect([name, state.Catch?.map(({ ErrorEquals }) => ErrorEquals)]).toEqual([name, [['States.Timeout']]])
})

test.each(steps)('%s lets nothing but a named refusal leave by a Catch', (_, state) => {
  const caught = (state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals)
  expect(caught.filter((error) => !/^Refused\.[A-Z][a-z]+$/.test(error))).toEqual([])
})

test('every task has a time limit', () => {
  expect(tasks.filter(([, state]) => state.TimeoutSeconds === undefined)).toEqual([])
})

test('a broken answer ends as a failure: only Choices lead to it, as their default', () => {
  const leads = arrowsOf(definition).filter(({ to }) => to === 'Not understood')
  expect(new Set(leads.map(({ label }) => label))).toEqual(new Set(['anything else']))
  expect(definition.States['Not understood']?.Type).toBe('Fail')
})

test('every step has a file named as its state, and its function is named so too', () => {
  const named = steps.map(([name, state]) => ({
    file: existsSync(`functions/cycle/${name.toLowerCase().replaceAll(' ', '-')}.ts`),
    fn: state.Arguments?.FunctionName,
    state: name,
  }))
  const expected = steps.map(([name]) => ({
    file: true,
    fn: `\${${name
      .split(' ')
      .map((word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase())
      .join('')}Function}`,
    state: name,
  }))
  expect(named).toEqual(expected)
})

test('payloads carry what earlier releases promised: fields are only ever added', () => {
  const promised = ['v', 'company', 'project', 'cycle', 'run', 'execution', 'started', 'state']
  for (const [name, state] of [...steps, ...waits])
    expect([name, ...Object.keys(state.Arguments?.Payload ?? {})]).toEqual(
      expect.arrayContaining([name, ...promised]),
    )
})

const variablesIn = (value: unknown): string[] =>
  [...JSON.stringify(value ?? {}).matchAll(/\$([a-z]\w*)\b(?!\()/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'states')

test('on every path each variable is assigned before it is used', () => {
  const faults = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string, assigned: ReadonlySet<string>): void => {
    const id = `${name}|${[...assigned].toSorted().join(',')}`
    if (seen.has(id)) return
    seen.add(id)
    const state = definition.States[name]
    if (state === undefined) throw new Error(`no state ${name}`)
    const { Assign, Catch, Choices, ...rest } = state
    const conditions = Choices?.map(({ Condition }) => Condition)
    for (const used of variablesIn([rest, Assign, conditions]))
      if (!assigned.has(used)) faults.add(`${name}: $${used}`)
    const after = (more?: Record<string, unknown>): Set<string> =>
      new Set([...assigned, ...Object.keys(more ?? {})])
    if (state.Next !== undefined) visit(state.Next, after(Assign))
    if (state.Default !== undefined) visit(state.Default, after(Assign))
    for (const choice of Choices ?? []) visit(choice.Next, after(choice.Assign))
    for (const catcher of Catch ?? []) visit(catcher.Next, after(catcher.Assign))
  }
  visit(definition.StartAt, new Set())
  expect([...faults]).toEqual([])
  expect(seen.size).toBeGreaterThanOrEqual(states.length)
})

test('an accepted cycle of one part costs at most 16 transitions, the start included', () => {
  const path = [
    'What was asked',
    'Lock budget',
    'Wait to be sent',
    'Sent or unlocked',
    'Send to ERP',
    'Wait for decision',
    'What was decided',
    'Export budget',
    'Queue for Sage',
    'Wait for receipt',
    'Taken or failed',
    'Record receipt',
    'Wait for posting',
    'Posted or not',
    'Close cycle',
  ]
  const arrows = new Set(arrowsOf(definition).map(({ from, to }) => `${from} > ${to}`))
  const missing = path.slice(1).filter((to, i) => !arrows.has(`${path[i]} > ${to}`))
  expect(missing).toEqual([])
  expect(definition.States['Close cycle']?.End).toBe(true)
  expect(path.length + 1).toBeLessThanOrEqual(16)
})

test('the README holds the diagram of the definition', () => {
  const readme = readFileSync('statemachines/README.md', 'utf8')
  expect(readmeWithDiagram(readme, definition)).toBe(readme)
})

test('the README names every state', () => {
  const readme = readFileSync('statemachines/README.md', 'utf8')
  const table = readme.slice(readme.indexOf('## States'), readme.indexOf('## How waits work'))
  expect(states.map(([name]) => name).filter((name) => !table.includes(name))).toEqual([])
})

import { expect, test } from 'vitest'
import {
  BudgetHead,
  BudgetVersion,
  endedOf,
  EndedExecution,
  LastCommand,
  PendingCommand,
  Project,
  StepCommand,
  stepUnderWay,
} from '../../shared/domain/budget-head.ts'
import { commandInWords, commands } from '../../shared/domain/command.ts'
import { givenHead, hash, noon } from '../given.ts'

const asStored = (value: object): unknown => JSON.parse(JSON.stringify(value))

const pending = { command: 'unlock', by: 'pam', at: noon, request: 'r1', budget_changes: 'delete' }
const ended = { run: 2, status: 'FAILED', redrives: 1, at: noon, error: 'States.Timeout' }
const whole = {
  ...givenHead(),
  execution: 'clinic-c1-r2',
  ended,
  pending,
  approval_step: 2,
  open_export: 1,
  ledger: hash('1'),
  confirmed: 'declared',
  done: {
    execution: 'clinic-c1-r2',
    step: 3,
    state: 'Lock',
    output: { outcome: 'done', until: noon, refused: 'X' },
  },
  creator: 'pam',
  sender: 'pam',
}

test('a head is read as it was stored', () => {
  for (const confirmed of ['declared', 'verified'])
    expect(BudgetHead.parse(asStored({ ...whole, confirmed }))).toEqual({ ...whole, confirmed })
})

test.each(['FAILED', 'TIMED_OUT', 'ABORTED'])('an execution that %s is read as it was stored', (status) => {
  expect(EndedExecution.parse(asStored({ ...ended, status }))).toEqual({ ...ended, status })
})

test.each(['lock', 'unlock', 'send', 'retrieve'])(
  'a %s that is under way is read as it was stored',
  (command) => {
    expect(StepCommand.parse(command)).toBe(command)
    expect(PendingCommand.parse(asStored({ ...pending, command }))).toEqual({ ...pending, command })
  },
)

test.each(['pending', 'done', 'refused'])('a last command that is %s is read as it was stored', (outcome) => {
  const last = {
    command: 'unlock',
    outcome,
    by: 'pam',
    at: noon,
    budget_changes: 'delete',
    code: 'X',
    sentence: 'No.',
    what_to_do: 'Wait.',
    findings: [{ code: 'X' }],
  }
  expect(LastCommand.parse(asStored(last))).toEqual(last)
})

test.each(['lock', 'send', 'manual', 'named'])('a version made by %s is read as it was stored', (why) => {
  const version = {
    number: 1,
    hash: hash('1'),
    lines: 2,
    original: 3,
    changes: 4,
    by: 'pam',
    at: noon,
    why,
    name: 'A',
  }
  expect(BudgetVersion.parse(asStored(version))).toEqual(version)
})

test('a project is read as it was stored', () => {
  const project = {
    project: 'clinic',
    name: 'Clinic',
    job: { sage_company: 'east', number: '24-1007' },
    settings: { one_sided_changes: true },
    address: { street: 'Main St 1', city: 'Salem', state: 'OR', zip: '97301' },
    sub_jobs: [{ sub_job: 'SITE', description: 'Site work' }],
    created_by: 'pam',
    created_at: noon,
  }
  expect(Project.parse(asStored(project))).toEqual(project)
})

test('an execution has ended that the budget counts on, and no earlier one', () => {
  const head = BudgetHead.parse({ ...whole, run: 2 })
  const { execution: _execution, ...between } = head
  const { ended: _ended, ...running } = head
  expect([endedOf(head), endedOf({ ...head, run: 3 }), endedOf(between), endedOf(running)]).toEqual([
    ended,
    undefined,
    undefined,
    undefined,
  ])
})

test('the step under way is the first until another was opened', () => {
  const sent = { sent_version: 3, send: 2 }
  expect([stepUnderWay(sent), stepUnderWay({ ...sent, approval_step: 2 })]).toEqual([
    { version: 3, send: 2, step: 1 },
    { version: 3, send: 2, step: 2 },
  ])
})

test('every command has words', () => {
  expect(Object.entries(commandInWords).flatMap(([command, words]) => (words ? [command] : []))).toEqual([
    ...commands,
  ])
})

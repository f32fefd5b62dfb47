import { describe, expect, test } from 'vitest'
import { EditState, ErpState } from '../../shared/domain/budget-head.ts'
import { type Command, commands } from '../../shared/domain/command.ts'
import {
  allowed,
  commandsOf,
  frozen,
  type OpenStep,
  settled,
  shownState,
  stepOver,
} from '../../shared/domain/lifecycle.ts'
import { Role } from '../../shared/domain/person.ts'
import { codeOf, givenApproval, givenHead, hash, id, noon, refused } from '../given.ts'
import { columns, stateRows } from './state-table.ts'

const exported = [
  'exporting',
  'export_failed',
  'exported',
  'partly_posted',
  'mismatch',
  'synced',
  'update_pending',
]

const rows = stateRows.map(({ edit, erp, refuses }) => ({
  edit,
  erp,
  head: givenHead({
    edit,
    erp,
    export: exported.includes(erp) ? 1 : 0,
    ledger: settled(erp) ? hash('1') : undefined,
  }),
  expected: refuses,
}))

test('the table has every edit state with every state of accounting, and every command', () => {
  const states = EditState.options.flatMap((edit) => ErpState.options.map((erp) => `${edit} ${erp}`))
  expect(new Set(rows.map(({ edit, erp }) => `${edit} ${erp}`))).toEqual(new Set(states))
  expect(new Set([...columns, 'save_version'])).toEqual(new Set(commands))
})

describe('what the head alone allows', () => {
  test.each(rows)('$edit and $erp', ({ head, expected }) => {
    expect(Object.fromEntries(columns.map((name) => [name, codeOf(allowed(head, name))]))).toEqual(expected)
  })
})

describe('nothing is taken up while another command is under way', () => {
  test.each(rows)('$edit and $erp', ({ head }) => {
    const pending = { command: 'lock' as const, by: id('pam'), at: noon }
    const codes = commands.map((name) => codeOf(allowed({ ...head, pending }, name)))
    expect(new Set(codes)).toEqual(new Set(['COMMAND_PENDING']))
  })
})

test.each(rows)('a version is saved by name while $edit and $erp', ({ head }) => {
  expect(allowed(head, 'save_version')).toBeUndefined()
})

test.each(['lock', 'send'] as const)('a budget without lines is not taken by %s', (command) => {
  const head = givenHead({ lines: 0, edit: command === 'lock' ? 'unlocked' : 'locked' })
  expect(codeOf(allowed(head, command))).toBe('NO_LINES')
})

test('import from Sage stays closed when the only export was returned', () => {
  const head = givenHead({ erp: 'rejected', export: 1 })
  expect(codeOf(allowed(head, 'import_from_sage'))).toBe('LEDGER_NOT_EMPTY')
})

test('opening entries alone do not close import from Sage', () => {
  expect(allowed(givenHead({ ledger: givenHead().manifest }), 'import_from_sage')).toBeUndefined()
})

test('opening entries keep the budget changes: an unlock preserves them', () => {
  const head = givenHead({ edit: 'locked', ledger: hash('1') })
  expect([allowed(head, 'unlock'), codeOf(allowed(head, 'unlock_deleting_changes'))]).toEqual([
    undefined,
    'LEDGER_NOT_EMPTY',
  ])
})

test('why import from Sage is closed says that it is for good', () => {
  const { sentence } = refused(allowed(givenHead({ export: 1 }), 'import_from_sage'))
  expect(sentence).toContain('closed for good')
})

test('a settled budget without differences names the finding that it has nothing to export', () => {
  const answer = refused(allowed(givenHead({ edit: 'locked', erp: 'synced' }), 'send'))
  expect(answer.findings?.map(({ code, severity }) => [code, severity])).toEqual([
    ['NOTHING_TO_EXPORT', 'error'],
  ])
})

test.each(ErpState.options)('%s is frozen exactly while accounting has it', (erp) => {
  const withAccounting: readonly ErpState[] = [
    'sent',
    'accepted',
    'exporting',
    'export_failed',
    'exported',
    'partly_posted',
    'mismatch',
  ]
  expect(frozen(erp)).toBe(withAccounting.includes(erp))
})

test.each(ErpState.options)('%s is settled only when synced or waiting for an update', (erp) => {
  expect(settled(erp)).toBe(erp === 'synced' || erp === 'update_pending')
})

const allowedTo = (but: Parameters<typeof givenHead>[0], ...roles: Role[]) =>
  commandsOf(givenHead(but), roles)
    .filter((view) => view.allowed)
    .map((view) => view.command)

describe('the list of commands', () => {
  test('names every command once', () => {
    expect(commandsOf(givenHead(), ['viewer']).map((view) => view.command)).toEqual([...commands])
  })

  test('allows a viewer nothing', () => {
    expect(allowedTo({}, 'viewer')).toEqual([])
  })

  test('allows an estimator to edit an unlocked budget and no more', () => {
    expect(allowedTo({}, 'estimator')).toEqual([
      'edit_lines',
      'import_file',
      'restore_version',
      'save_version',
    ])
  })

  test('allows a project manager everything but unlocking in a locked budget', () => {
    expect(allowedTo({ edit: 'locked' }, 'project_manager')).toEqual([
      'save_version',
      'send',
      'make_change',
      'edit_change',
      'approve_change',
      'reopen_change',
      'void_change',
      'add_zero_line',
    ])
  })

  test('leaves an approver the decision', () => {
    expect(allowedTo({ edit: 'locked', erp: 'sent' }, 'accounting_approver')).toEqual([
      'accept',
      'reject',
      'reassign',
      'resend_mail',
    ])
  })

  const steps = [
    { name: 'Accounting', approvers: [], accepts: 1 },
    { name: 'Controller', approvers: [], accepts: 1 },
  ]
  const decisive: readonly Command[] = ['accept', 'reject', 'reassign', 'resend_mail']

  test.each<[string, Partial<OpenStep['approval']>, string | undefined, string | undefined]>([
    ['is open', {}, undefined, undefined],
    ['is out of time', { until: noon }, 'APPROVAL_ENDED', undefined],
    [
      'was accepted, with another to come',
      { outcome: 'accepted', step: 1 },
      'COMMAND_PENDING',
      'COMMAND_PENDING',
    ],
    ['was accepted, being the last', { outcome: 'accepted', step: 2 }, 'APPROVAL_ENDED', 'APPROVAL_ENDED'],
    ['was rejected', { outcome: 'rejected', step: 1 }, 'APPROVAL_ENDED', 'APPROVAL_ENDED'],
  ])('knows of a step that %s', (_, but, decision, retrieve) => {
    const head = givenHead({ edit: 'locked', erp: 'sent' })
    const open = { approval: givenApproval({ steps, ...but }), at: noon }
    const codes = new Map(
      commandsOf(head, ['accounting_approver', 'project_manager', 'company_admin'], open).map((view) => [
        view.command,
        view.code,
      ]),
    )
    expect(decisive.map((command) => codes.get(command))).toEqual(decisive.map(() => decision))
    expect(codes.get('retrieve')).toBe(retrieve)
  })

  test.each([
    ['accepted', 'accepted.'],
    ['rejected', 'rejected.'],
    ['retrieved', 'retrieved by the project.'],
    ['expired', 'not decided in time.'],
  ] as const)('tells of an approval that was %s: it has ended, %s', (outcome, words) => {
    expect(stepOver(givenApproval({ outcome }))?.sentence).toBe(`The approval has ended: ${words}`)
  })

  test('tells of a missing role before it tells of the state', () => {
    const view = commandsOf(givenHead(), ['viewer']).find(({ command }) => command === 'unlock')
    expect(view?.code).toBe('NOT_ALLOWED')
  })

  test('says of everything refused why, and what to do', () => {
    const silent = rows
      .flatMap(({ head }) => commandsOf(head, [...Role.options]))
      .filter((view) => !view.allowed)
      .filter(
        ({ code, sentence, what_to_do }) => !code || !sentence?.endsWith('.') || !what_to_do?.endsWith('.'),
      )
    expect(silent).toEqual([])
  })
})

test.each([
  ['not_sent', 'Not sent to accounting yet'],
  ['sent', 'Waiting for accounting to decide'],
  ['retrieved', 'Retrieved by the project'],
  ['rejected', 'Rejected'],
  ['expired', 'Not decided in time'],
  ['accepted', 'Accepted, export being prepared'],
  ['exporting', 'On its way to Sage'],
  ['export_failed', 'Export failed'],
  ['exported', 'With accounting, not posted yet'],
  ['partly_posted', 'Some lines not posted'],
  ['mismatch', 'Sage shows other figures'],
  ['update_pending', 'Changes not yet sent to Sage'],
] as const)('%s is shown as %s', (erp, expected) => {
  expect(shownState(givenHead({ erp }))).toBe(expected)
})

test('a budget posted on the word of a person is told apart from one checked in Sage', () => {
  expect(shownState({ erp: 'synced', confirmed: 'declared' }, 'Paul Post')).toBe(
    'Posted in Sage (confirmed by Paul Post)',
  )
  expect(shownState({ erp: 'synced', confirmed: 'verified' })).toBe('Posted in Sage (checked in Sage)')
  expect(shownState({ erp: 'synced', confirmed: 'declared' })).toBe('Posted in Sage (confirmed by a person)')
  expect(shownState(givenHead({ erp: 'synced' }))).toBe('Posted in Sage')
  expect(shownState({ erp: 'update_pending', confirmed: 'verified' })).toBe('Changes not yet sent to Sage')
})

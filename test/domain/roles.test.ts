import { describe, expect, test } from 'vitest'
import { Role } from '../../shared/domain/person.ts'
import { authorisation, mayDo, type Operation } from '../../shared/domain/roles.ts'
import { codeOf, refused } from '../given.ts'

const letters: Readonly<Record<string, Role>> = {
  V: 'viewer',
  E: 'estimator',
  P: 'project_manager',
  B: 'budget_admin',
  A: 'accounting_approver',
  S: 'accounting_poster',
  C: 'company_admin',
  K: 'connector',
  O: 'operator',
  U: 'auditor',
}

/** Written by hand from domain.md, sections 3 and 9: the roles that may, those that come with another role included. */
const table: Record<Operation, string> = {
  view_budget: 'V E P B A S C O U',
  view_history: 'B A C O U',
  view_erp: 'A S C O U',
  view_exports: 'V E P B A S C O U',
  view_export: 'V E P B A S C K O U',
  view_company: 'C O U',
  view_master_data: 'V E P B A S C K O U',
  view_operations: 'O',
  edit_lines: 'E P B',
  import_file: 'E P B',
  restore_version: 'E P B',
  save_version: 'E P B',
  import_from_sage: 'P B',
  lock: 'P B',
  send: 'P B',
  retrieve: 'P B',
  make_change: 'P B',
  edit_change: 'P B',
  approve_change: 'P B',
  reopen_change: 'P B',
  void_change: 'P B',
  add_zero_line: 'P B',
  unlock: 'B',
  unlock_deleting_changes: 'B',
  save_project: 'B',
  accept: 'A',
  reject: 'A',
  reassign: 'A C',
  resend_mail: 'A C',
  retry: 'A O',
  return: 'A',
  download_part: 'S K',
  confirm_posted: 'S',
  report_stop: 'S',
  reject_lines: 'S K',
  close: 'S',
  acknowledge: 'S',
  declare_lost: 'O',
  claim_export: 'K',
  report_receipt: 'K',
  report_failure: 'K',
  report_read_back: 'K',
  save_person: 'C',
  save_policy: 'C',
  save_sage_company: 'C',
  save_master_data: 'C K',
  upload_totals: 'S C',
  repair: 'O',
}

const operations = Object.keys(authorisation) as Operation[]

describe('who may do what', () => {
  test.each(operations)('%s', (operation) => {
    const may = Role.options.filter((role) => !mayDo({ active: true, roles: [role] }, operation))
    const expected = table[operation].split(' ').map((letter) => letters[letter]!)
    expect(new Set(may)).toEqual(new Set(expected))
  })
})

test('somebody inactive may do nothing, whatever the roles', () => {
  const inactive = { active: false, roles: [...Role.options] }
  expect(new Set(operations.map((operation) => codeOf(mayDo(inactive, operation))))).toEqual(
    new Set(['NOT_ALLOWED']),
  )
})

test('somebody without a role may do nothing', () => {
  const nobody = { active: true, roles: [] }
  expect(new Set(operations.map((operation) => codeOf(mayDo(nobody, operation))))).toEqual(
    new Set(['NOT_ALLOWED']),
  )
})

test('two roles may do what either may', () => {
  const both = { active: true, roles: ['estimator', 'accounting_poster'] satisfies Role[] }
  expect(mayDo(both, 'edit_lines')).toBeUndefined()
  expect(mayDo(both, 'confirm_posted')).toBeUndefined()
})

test('a refusal names the role that is missing', () => {
  expect(refused(mayDo({ active: true, roles: ['viewer'] }, 'retry')).sentence).toBe(
    'This needs the role accounting approver or operator.',
  )
})

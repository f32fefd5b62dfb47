import type { Command } from './command.ts'
import type { Person, Role } from './person.ts'
import { type Refusal, refusal } from './refusal.ts'

/** Everything the API lets somebody do: the commands of a budget, and what stands around them. */
export type Operation =
  | Command
  | 'view_budget'
  | 'view_history'
  | 'save_project'
  | 'view_erp'
  | 'view_exports'
  | 'view_export'
  | 'download_part'
  | 'acknowledge'
  | 'claim_export'
  | 'report_receipt'
  | 'report_failure'
  | 'report_read_back'
  | 'view_company'
  | 'save_person'
  | 'save_policy'
  | 'save_sage_company'
  | 'view_master_data'
  | 'save_master_data'
  | 'upload_totals'
  | 'view_operations'
  | 'repair'

/**
 * The authorisation matrix (domain: roles): who may do what, with the least role that may.
 * A role that includes another (`includes`) may do what that one may.
 */
export const authorisation = {
  view_budget: ['viewer'],
  view_history: ['budget_admin', 'accounting_approver', 'company_admin', 'auditor'],
  edit_lines: ['estimator'],
  import_file: ['estimator'],
  restore_version: ['estimator'],
  save_version: ['estimator'],
  import_from_sage: ['project_manager'],
  lock: ['project_manager'],
  send: ['project_manager'],
  retrieve: ['project_manager'],
  make_change: ['project_manager'],
  edit_change: ['project_manager'],
  approve_change: ['project_manager'],
  reopen_change: ['project_manager'],
  void_change: ['project_manager'],
  add_zero_line: ['project_manager'],
  unlock: ['budget_admin'],
  unlock_deleting_changes: ['budget_admin'],
  save_project: ['budget_admin'],
  view_erp: ['accounting_approver', 'accounting_poster', 'company_admin', 'auditor'],
  accept: ['accounting_approver'],
  reject: ['accounting_approver'],
  reassign: ['accounting_approver', 'company_admin'],
  resend_mail: ['accounting_approver', 'company_admin'],
  declare_lost: ['operator'],
  retry: ['accounting_approver', 'operator'],
  return: ['accounting_approver'],
  view_exports: ['viewer'],
  view_export: ['viewer', 'connector'],
  download_part: ['accounting_poster', 'connector'],
  confirm_posted: ['accounting_poster'],
  report_stop: ['accounting_poster'],
  reject_lines: ['accounting_poster', 'connector'],
  close: ['accounting_poster'],
  acknowledge: ['accounting_poster'],
  claim_export: ['connector'],
  report_receipt: ['connector'],
  report_failure: ['connector'],
  report_read_back: ['connector'],
  view_company: ['company_admin', 'auditor'],
  save_person: ['company_admin'],
  save_policy: ['company_admin'],
  save_sage_company: ['company_admin'],
  view_master_data: ['viewer', 'connector'],
  save_master_data: ['company_admin', 'connector'],
  upload_totals: ['accounting_poster', 'company_admin'],
  view_operations: ['operator'],
  repair: ['operator'],
} as const satisfies Record<Operation, readonly Role[]>

/** Roles that come with a role, directly. A connector has only what is named for it. */
const includes: Record<Role, readonly Role[]> = {
  viewer: [],
  estimator: ['viewer'],
  project_manager: ['estimator'],
  budget_admin: ['project_manager'],
  accounting_approver: ['viewer'],
  accounting_poster: ['viewer'],
  company_admin: ['viewer'],
  connector: [],
  auditor: ['viewer'],
  operator: ['auditor'],
}

/** The roles given and all that come with them. */
export function rolesHeld(roles: Iterable<Role>): ReadonlySet<Role> {
  const held = new Set<Role>()
  const add = (role: Role): void => {
    held.add(role)
    includes[role].forEach(add)
  }
  for (const role of roles) add(role)
  return held
}

const inWords = (role: Role): string => role.replaceAll('_', ' ')

/** Whether a person of the directory may do this; the state of the budget is another question (`allowed`). */
export function mayDo(person: Pick<Person, 'active' | 'roles'>, operation: Operation): Refusal | undefined {
  if (!person.active)
    return refusal(
      'NOT_ALLOWED',
      'You are no longer active in the directory of this company.',
      'Ask a company admin to make you active again.',
    )
  const held = rolesHeld(person.roles)
  const needed = authorisation[operation]
  if (needed.some((role) => held.has(role))) return undefined
  return refusal(
    'NOT_ALLOWED',
    `This needs the role ${needed.map(inWords).join(' or ')}.`,
    'Ask a company admin for the role, or ask somebody who has it to do this.',
  )
}

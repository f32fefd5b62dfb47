import { key } from '../../statemachines/cycle/clinic.ts'
import type { SignIn } from '../../functions/api/api-event.ts'

/** Those of both companies who sign in, each with the role that the issuer gives. */
export const roles = {
  paula: 'project_manager',
  bob: 'budget_admin',
  anna: 'accounting_approver',
  ben: 'accounting_approver',
  peter: 'accounting_poster',
  otto: 'operator',
  vera: 'viewer',
  wes: 'budget_admin',
  'agent-nw': 'connector',
} as const

/** People are known by a subject of the directory, agents by their own. */
export const signIn = (who: string, role: string, company: string = key.company): SignIn => ({
  sub: role === 'connector' ? who : `sub-${who}`,
  groups: [`${company}:${role}`],
})

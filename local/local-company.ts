import type { Role } from '../shared/domain/person.ts'

// The company that the stack on one machine begins with: made-up people, one Sage company, one project.

export const company = 'northwind'
export const sageCompany = 'nw-main'
/** Name of the Sage data folder: in the simulator, in the agent's drop folder, in the comment line of files. */
export const sageFolder = 'NORTHWIND'
/** A second Sage company: it has a queue and nothing else, for the reader of docs/sage.md to set up with an agent. */
export const readersSageCompany = 'nw-marine'
/** The agents that the templates of one machine are synthesized with, wherever that is done: else each undoes the other's. */
export const agents = [sageCompany, readersSageCompany].map((sage) => ({ company, sage }))
export const project = 'clinic'
export const job = '24-1007'

export interface LocalPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly roles: readonly Role[]
}

export const people = {
  ada: { id: 'ada', name: 'Ada Admin', email: 'ada@northwind.example', roles: ['company_admin'] },
  paula: {
    id: 'paula',
    name: 'Paula Park',
    email: 'paula@northwind.example',
    roles: ['project_manager', 'budget_admin'],
  },
  anna: { id: 'anna', name: 'Anna Ames', email: 'anna@northwind.example', roles: ['accounting_approver'] },
  peter: { id: 'peter', name: 'Peter Price', email: 'peter@northwind.example', roles: ['accounting_poster'] },
  otto: { id: 'otto', name: 'Otto Ober', email: 'otto@northwind.example', roles: ['operator', 'auditor'] },
} as const satisfies Record<string, LocalPerson>
export type PersonName = keyof typeof people

/** The subject of a person's sign-in tokens on this machine. */
export const subjectOf = (person: LocalPerson): string => `local-${person.id}`

/** What the token of an agent is issued with, by the Sage company it serves: it is no person of the directory. */
export const agentToken = (sage: string) => ({
  subject: `agent-${sage}`,
  groups: [`${company}:connector`],
  expiresInSeconds: 365 * 86_400,
})

/** The groups of those tokens. */
export const groupsOf = ({ roles }: LocalPerson): string[] => roles.map((role) => `${company}:${role}`)

import type { ApprovalStep } from '../domain/approval.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { PersonId } from '../domain/ids.ts'
import type { Person, Role } from '../domain/person.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import type { MailKind, MailRequest, OutboxMessage } from '../store/outbox.ts'

export type About = Pick<MailRequest, 'approval' | 'export' | 'undelivered'>

/**
 * One mail of a kind to each person, in one message, so that a transaction never grows with the directory.
 * `occasion` tells two mails of a kind apart (`v7-s2-1`, `e3-p1-a2`): the id is derived from it, so that a repeated
 * step sends the same mail and not another.
 */
export function mails(
  mail: MailKind,
  people: Iterable<PersonId>,
  occasion: string,
  about: About = {},
): OutboxMessage[] {
  const to = [...new Set(people)]
  return to.length === 0 ? [] : [{ kind: 'mail', mail: { id: `${mail}/${occasion}`, mail, to, ...about } }]
}

/** The project side that hears how a send ended: its sender, and who stored the first line. */
export const projectSide = (head: Pick<BudgetHead, 'sender' | 'creator'>): PersonId[] =>
  [head.sender, head.creator].filter((person) => person !== undefined)

export const peopleWith = (people: readonly Person[], role: Role): PersonId[] =>
  people.filter((person) => person.active && person.roles.includes(role)).map((person) => person.id)

/** The posters named for the Sage company, or everyone with the role. */
export const postersOf = (people: readonly Person[], sage: SageCompany | undefined): PersonId[] =>
  sage === undefined || sage.posters.length === 0 ? peopleWith(people, 'accounting_poster') : sage.posters

export const occasionOf = (approval: ApprovalStep): string =>
  `v${String(approval.version)}-s${String(approval.send)}-${String(approval.step)}`

export const aboutApproval = ({ version, send, step }: ApprovalStep): About => ({
  approval: { version, send, step },
})

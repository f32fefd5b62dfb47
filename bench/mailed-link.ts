import { randomBytes } from 'node:crypto'
import { sageCompany } from './sage-company.ts'
import { approval, approver, key } from '../test/statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../test/statemachines/cycle/machine.ts'
import { formatCents } from '../shared/domain/cents.ts'
import { dayIn } from '../shared/domain/entry-date.ts'
import type { ProjectKey } from '../shared/domain/ids.ts'
import { Secret } from '../shared/domain/secret.ts'
import { referenceHash } from '../shared/mail/links.ts'
import { pageMark } from '../shared/pages/form.ts'

/** A link as the mailer makes one for the approver of the open approval, and the form of its page when accepted. */
export async function mailedLink(machine: CycleMachine, of: ProjectKey = key) {
  const reference = randomBytes(32).toString('base64url')
  const hash = referenceHash(new Secret(reference))
  if (!hash) throw new Error('That is no reference')
  const { version, send, step, version_hash, export_hash, parts, ticks } = await approval(machine, of)
  await machine.companies.putLink(hash, {
    kind: 'review',
    ...of,
    person: approver,
    approval: { version, send, step },
    made_at: machine.clock.now(),
    sage_company: sageCompany.id,
    delegators: [],
  })
  const mark = pageMark(new Secret(reference), version_hash, export_hash)
  const form = new URLSearchParams({ choice: 'accept', version_hash, export_hash, mark })
  form.set('entry_date', dayIn(sageCompany.time_zone, machine.clock.now()))
  for (const { part, total } of parts) form.append(`part_${String(part)}`, formatCents(total))
  for (const tick of ticks) form.append('tick', tick)
  return {
    reference,
    path: `/review/${reference}`,
    form: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    },
  }
}

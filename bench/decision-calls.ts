import { randomBytes } from 'node:crypto'
import { requestEvent } from './api-request.ts'
import type { Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { type Recorded, recordCalls } from './recorded-calls.ts'
import { sageCompany } from './sage-company.ts'
import { approval, approver, clinicLines, command, head, key } from '../test/statemachines/cycle/clinic.ts'
import { review } from '../functions/review/index.ts'
import { dayIn } from '../shared/domain/entry-date.ts'
import { formatCents } from '../shared/domain/cents.ts'
import { pageMark } from '../shared/pages/form.ts'
import { Secret } from '../shared/domain/secret.ts'
import { referenceHash } from '../shared/mail/links.ts'

const reference = randomBytes(32).toString('base64url')

/** An approver accepts from the mailed link; all calls of the function until its answer. */
export const decisionCalls: Measure = async () => {
  return await withCycleOf(
    clinicLines,
    (database) => ({ database, watch: recordCalls(database.document) }),
    async (machine, record) => {
      await command(machine, 'lock')
      await command(machine, 'send')
      const open = await approval(machine)
      const { version, send, step, version_hash, export_hash, parts, ticks } = open
      const hash = referenceHash(new Secret(reference))
      if (!hash) throw new Error('That is no reference')
      await machine.companies.putLink(hash, {
        kind: 'review',
        ...key,
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
      const recorded = await record(async () => {
        const answer = await review(
          machine,
          requestEvent({
            method: 'POST',
            path: `/review/${reference}`,
            parameters: { reference },
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: form.toString(),
          }),
        )
        if (answer.statusCode !== 303) throw new Error(`Not recorded: ${String(answer.statusCode)}`)
      })
      const { outcome } = await approval(machine)
      if (outcome !== 'accepted' || (await head(machine)).signal === 0) throw new Error('Nothing was decided')
      return figures(recorded)
    },
  )
}

const figures = ({ names, rounds }: Recorded): Awaited<ReturnType<Measure>> => [
  {
    bar: 'AWS calls before a decision is answered',
    unit: 'calls',
    at_most: 3,
    figure: names.length,
    of: `${names.join(', ')}; ${String(rounds)} of them one after the other`,
  },
]

import { randomBytes } from 'node:crypto'
import { requestEvent } from './api-request.ts'
import type { Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { type Recorded, recordCalls } from './recorded-calls.ts'
import { sageCompany } from './sage-company.ts'
import { approval, approver, clinicLines, command, head, key } from '../test/statemachines/cycle/clinic.ts'
import { review } from '../functions/review/index.ts'
import { formatCents } from '../shared/domain/cents.ts'
import { pageMark } from '../shared/pages/form.ts'
import { referenceHash } from '../shared/mail/links.ts'

const reference = randomBytes(32).toString('base64url')

/** An approver accepts from the mailed link, with the largest directory that a company of ours would have. */
export const decisionCalls: Measure = async () => {
  let record: ReturnType<typeof recordCalls> = async () => await Promise.reject(new Error('Nothing is recorded'))
  return await withCycleOf(
    clinicLines,
    (database) => {
      record = recordCalls(database.document)
      return database
    },
    async (machine) => {
      await command(machine, 'lock')
      await command(machine, 'send')
      const open = await approval(machine)
      const { version, send, step, version_hash, export_hash, parts, ticks } = open
      const hash = referenceHash(reference)
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
      const form = new URLSearchParams([
        ['choice', 'accept'],
        ['version_hash', version_hash],
        ['export_hash', export_hash],
        ['mark', pageMark(reference, version_hash, export_hash)],
        ...parts.map(({ part, total }) => [`part_${String(part)}`, formatCents(total)]),
        ...ticks.map((tick) => ['tick', tick]),
      ])
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
      const { decision } = { decision: (await approval(machine)).outcome }
      if (decision !== 'accepted' || (await head(machine)).signal === 0) throw new Error('Nothing was decided')
      return figures(recorded)
    },
  )
}

const figures = ({ names, rounds }: Recorded): Awaited<ReturnType<Measure>> => [
  {
    bar: 'AWS calls before a decision is answered, one after the other',
    unit: 'rounds',
    at_most: 3,
    figure: rounds,
    of: `${String(names.length)} calls: ${names.join(', ')}`,
  },
]

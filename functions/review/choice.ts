import * as z from 'zod'
import { Approval } from '../../shared/domain/approval.ts'
import { parseCents } from '../../shared/domain/cents.ts'
import type { AcceptChoice, RejectChoice, Shown } from '../../shared/domain/decide.ts'
import { Day } from '../../shared/domain/ids.ts'
import { type Refusal, refusal } from '../../shared/domain/refusal.ts'

const Ticks = z.array(Approval.shape.ticks.element)

/** What the form shows to have been looked at: hashes, and the total of each part. */
function shownOf(form: URLSearchParams): Shown | undefined {
  const parts: { part: number; total: Shown['parts'][number]['total'] }[] = []
  for (const [name, value] of form) {
    const [, part] = /^part_(\d{1,2})$/.exec(name) ?? []
    if (part === undefined) continue
    const total = parseCents(value)
    if (total === undefined) return undefined
    parts.push({ part: Number(part), total })
  }
  return { version_hash: form.get('version_hash') ?? '', export_hash: form.get('export_hash') ?? '', parts }
}

/** The one choice that a form holds. A form without a choice, or with another word for one, decides nothing. */
export function choiceOf(form: URLSearchParams): AcceptChoice | RejectChoice | Refusal {
  const shown = shownOf(form)
  const choices = form.getAll('choice')
  if (!shown || choices.length !== 1)
    return refusal(
      'INVALID_INPUT',
      'No choice was made.',
      'Choose accept or reject, then record the decision.',
    )
  if (choices[0] === 'reject')
    return { choice: 'reject', reason: form.get('reason') ?? '', shown, by: 'link' }
  if (choices[0] !== 'accept')
    return refusal(
      'INVALID_INPUT',
      'This choice is not known.',
      'Choose accept or reject, then record the decision.',
    )
  const ticks = Ticks.safeParse(form.getAll('tick'))
  const given = form.get('entry_date') ?? ''
  const day = Day.safeParse(given)
  if (!ticks.success || (given !== '' && !day.success))
    return refusal(
      'INVALID_INPUT',
      'The date or a tick is not understood.',
      'Choose the date and tick the boxes again.',
    )
  return { choice: 'accept', shown, ticks: ticks.data, entry_date: day.data, by: 'link' }
}

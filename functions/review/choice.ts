import * as z from 'zod'
import { Approval } from '../../shared/domain/approval.ts'
import { parseCents } from '../../shared/domain/cents.ts'
import type { AcceptChoice, RejectChoice, Shown } from '../../shared/domain/decide.ts'
import { Day } from '../../shared/domain/ids.ts'
import { type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { codeHash } from '../../shared/mail/confirmation-code.ts'
import { choiceIn } from '../../shared/pages/form.ts'
import { commentsIn, type LineComment } from './line-comments.ts'

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

/** What a person had filled in, as it was typed; a form that comes back holds it again. */
export interface Typed {
  readonly choice: string
  readonly ticks: readonly string[]
  readonly entry_date: string
  readonly reason: string
  readonly code: string
  /** To lines of this page and of others, without those left blank. */
  readonly comments: readonly LineComment[]
}

/** A form that nobody has filled in: no choice is made beforehand, and the date is the day it is. */
export const nothingTyped = (today: Day): Typed => ({
  choice: '',
  ticks: [],
  entry_date: today,
  reason: '',
  code: '',
  comments: [],
})

export const typedIn = (form: URLSearchParams): Typed => ({
  choice: choiceIn(form),
  ticks: form.getAll('tick'),
  entry_date: form.get('entry_date') ?? '',
  reason: form.get('reason') ?? '',
  code: form.get('code')?.trim() ?? '',
  comments: commentsIn(form) ?? [],
})

/** The one choice that a form holds. A form without a choice, or with another word for one, decides nothing. */
export function choiceOf(form: URLSearchParams): AcceptChoice | RejectChoice | Refusal {
  const shown = shownOf(form)
  const { choice, reason, ...typed } = typedIn(form)
  if (!shown || choice === '')
    return refusal(
      'INVALID_INPUT',
      'No choice was made.',
      'Choose accept or reject, then record the decision.',
    )
  if (choice === 'reject') return rejection(form, { choice, reason, shown, by: 'link' })
  if (choice !== 'accept')
    return refusal(
      'INVALID_INPUT',
      'This choice is not known.',
      'Choose accept or reject, then record the decision.',
    )
  const ticks = Ticks.safeParse(typed.ticks)
  if (!ticks.success)
    return refusal('INVALID_INPUT', 'A tick is not understood.', 'Tick the boxes again.', {
      places: [{ pointer: '/ticks', code: 'INVALID_INPUT', sentence: 'This tick is not known.' }],
    })
  const day = Day.safeParse(typed.entry_date)
  if (!day.success) return noDate(typed.entry_date)
  const code = typed.code === '' ? undefined : codeHash(typed.code)
  return { choice, shown, ticks: ticks.data, entry_date: day.data, code, by: 'link' }
}

function rejection(form: URLSearchParams, choice: RejectChoice): RejectChoice | Refusal {
  const comments = commentsIn(form)
  return comments
    ? { ...choice, comments }
    : refusal('INVALID_INPUT', 'A comment names no line.', 'Write it to a line of the page again.')
}

/** The page shows a date, so that none is a date that somebody took away: it is not replaced by today's. */
const noDate = (given: string): Refusal => {
  const sentence =
    given === ''
      ? 'The date of the entries in Sage is missing.'
      : 'The date of the entries in Sage is not understood.'
  return refusal('INVALID_INPUT', sentence, 'Choose the date under which Sage takes the entries.', {
    places: [{ pointer: '/entry_date', code: 'INVALID_INPUT', sentence }],
  })
}

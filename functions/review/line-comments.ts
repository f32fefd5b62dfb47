import * as z from 'zod'
import { type BudgetCode, budgetCode } from '../../shared/domain/budget-code.ts'
import type { Decision } from '../../shared/domain/approval.ts'

export type LineComment = Decision['comments'][number]

/** Name of the field that holds the comment to a line; names its budget code, so that no look at the lines is needed. */
export const commentField = ({ cost_code, cost_type, sub_job }: BudgetCode): string =>
  ['comment', cost_code, cost_type, sub_job].map((part) => encodeURIComponent(part.toWellFormed())).join('/')

const part = z.string().max(100)
const FieldName = z.tuple([z.literal('comment'), part.min(1), part, part])

/** The comments that a form holds, in its order, blank ones left out; undefined where a name is none of ours. */
export function commentsIn(form: URLSearchParams): LineComment[] | undefined {
  const comments: LineComment[] = []
  for (const [name, comment] of form) {
    if (!name.startsWith('comment/') || comment.trim() === '') continue
    const code = codeIn(name)
    if (!code) return undefined
    comments.push({ code, comment })
  }
  return comments
}

function codeIn(name: string): BudgetCode | undefined {
  const read = FieldName.safeParse(name.split('/').map(decoded))
  if (!read.success) return undefined
  const [, cost_code, cost_type, sub_job] = read.data
  return budgetCode(sub_job, cost_code, cost_type)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

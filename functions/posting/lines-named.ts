import { type BudgetCode, keyOf, showCode } from '../../shared/domain/budget-code.ts'
import type { ExportEntry, ExportPart } from '../../shared/domain/export.ts'
import { type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { longestRejectReason, type RejectedLine } from '../../shared/exporting/reject-lines.ts'

export type ByWords = ReadonlyMap<string, readonly BudgetCode[]>

/** Codes are compared as they are shown, never taken apart: two can look alike. */
export function codesByWords(entries: readonly ExportEntry[]): ByWords {
  const byWords = new Map<string, readonly BudgetCode[]>()
  for (const { code } of entries) {
    const words = showCode(code)
    byWords.set(words, [...(byWords.get(words) ?? []), code])
  }
  return byWords
}

/** What was typed, line by line, without the empty ones. */
export const wordsIn = (text: string | null): string[] =>
  (text ?? '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** INVALID_INPUT for words that do not name one line, once. */
export const notOne = (words: string, alike: boolean): Refusal =>
  refusal(
    'INVALID_INPUT',
    alike ? `${words} is two lines of this file.` : `${words} is named twice.`,
    'Name each line once. What cannot be named here can be recorded through the API.',
  )

const namedAtMost = 5
const longestNamed = 60

/** LINE_NOT_SENT with the first of the words that name no line. */
export const notThere = (part: ExportPart, unknown: readonly string[], what = 'line'): Refusal =>
  refusal(
    'LINE_NOT_SENT',
    `File ${String(part.part)} has no such ${what}: ${unknown
      .slice(0, namedAtMost)
      .map((words) => words.slice(0, longestNamed))
      .join(', ')}${unknown.length > namedAtMost ? ' ...' : ''}.`,
    'Write one budget code on each line, as it is shown in Sage: SITE.31-2000.S, or 03-3000.L without an extra.',
  )

/** Lines by their codes, each with what stands behind it as the reason. Refused like the lines of a close, or TOO_LARGE. */
export function linesByCode(
  part: ExportPart,
  entries: readonly ExportEntry[],
  text: string | null,
): RejectedLine[] | Refusal {
  const shown = codesByWords(entries)
  const longest = [...shown.keys()].reduce((most, { length }) => Math.max(most, length), 0)
  const named = new Map<string, RejectedLine>()
  const unknown: string[] = []
  for (const line of wordsIn(text)) {
    const words = codeAtStart(line, shown, longest)
    const [code, another] = shown.get(words) ?? []
    const reason = line.slice(words.length).trim()
    if (!code) unknown.push(line)
    else if (another || named.has(keyOf(code))) return notOne(words, another !== undefined)
    else if (reason.length > longestRejectReason) return tooLong(words)
    else named.set(keyOf(code), { code, ...(reason !== '' && { reason }) })
  }
  return unknown.length === 0 ? [...named.values()] : notThere(part, unknown)
}

/** A code may hold blanks as well: the longest that is followed by one, or by nothing. */
function codeAtStart(line: string, shown: ByWords, longest: number): string {
  for (let end = Math.min(line.length, longest); end > 0; end -= 1)
    if ((end === line.length || /\s/.test(line.charAt(end))) && shown.has(line.slice(0, end)))
      return line.slice(0, end)
  return ''
}

export const tooLong = (of: string): Refusal =>
  refusal(
    'TOO_LARGE',
    `The reason of ${of} is longer than ${String(longestRejectReason)} characters.`,
    'Say it in fewer words.',
  )

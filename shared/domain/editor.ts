import * as z from 'zod'
import { PersonId } from './ids.ts'

/** Who changed a line or a budget change since the last settled version, and after which send last: 0 before the first. */
export const Editor = z.strictObject({ person: PersonId, send: z.int() })
export type Editor = z.infer<typeof Editor>

/** The editors with people who edit after send number `send`; undefined when they stand so already. */
export function withEditors(
  editors: readonly Editor[],
  people: readonly PersonId[],
  send: number,
): readonly Editor[] | undefined {
  const last = new Map(editors.map((editor) => [editor.person, editor.send]))
  if (people.every((person) => last.get(person) === send)) return undefined
  for (const person of people) last.set(person, send)
  return [...last].map(([person, after]) => ({ person, send: after }))
}

/** Who stays an editor when send number `send` is settled: what they did after it, its version does not hold. */
export const editorsAfter = (editors: readonly Editor[], send: number): readonly Editor[] =>
  editors.filter((editor) => editor.send >= send)

export const peopleOf = (editors: readonly Editor[]): PersonId[] => editors.map(({ person }) => person)

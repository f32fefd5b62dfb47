import { commandInWords } from '../../shared/domain/command.ts'
import { errorsInWords } from '../../shared/domain/finding.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import { Role } from '../../shared/domain/person.ts'
import { authorisation, mayDo } from '../../shared/domain/roles.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'
import { fileIs, type UnderWay, waysOut } from '../../shared/exporting/list-under-way.ts'

/** What an export waits for. */
export type WaitsFor = 'somebody' | 'posting' | 'connector'

/** Whether nothing was heard of the file for so long that operators were mailed. */
const overdue = ({ head }: UnderWay, at: Instant): boolean =>
  Date.parse(receiptDue(head.erp_since)) <= Date.parse(at)

/** What somebody saw of the file that is not as it should be; undefined: nothing. */
const seen = ({ due }: UnderWay) =>
  due?.observation?.kind === 'awaiting_posting' ? undefined : due?.observation

export function waitsFor(row: UnderWay, at: Instant): WaitsFor {
  if (row.head.erp === 'exporting') return overdue(row, at) ? 'somebody' : 'connector'
  return row.head.erp === 'exported' && !seen(row) ? 'posting' : 'somebody'
}

export interface WayOut {
  /** What happened; nothing where all goes as it should. */
  readonly says: readonly string[]
  readonly what_to_do: string
}

const messagesShown = 5

/** What happened to an export, and what leads out of it, in words. */
export function wayOut(row: UnderWay, at: Instant): WayOut {
  const { head, due, refused } = row
  const observation = seen(row)
  if (observation) return { says: [observation.sentence], what_to_do: observation.what_to_do }
  if (refused)
    return {
      says: [refused.sentence ?? '', ...errorsInWords(refused.findings).slice(0, messagesShown)],
      what_to_do: refused.what_to_do ?? '',
    }
  if (head.erp === 'export_failed')
    return {
      says: due?.failure?.messages.slice(0, messagesShown) ?? [],
      what_to_do: 'Put it right, then retry the export; or return it to the project, or close it.',
    }
  if (head.erp === 'partly_posted')
    return {
      says: [],
      what_to_do: 'Post the rest in Sage, or close the export line by line.',
    }
  if (head.erp === 'mismatch')
    return { says: [], what_to_do: 'Correct it in Sage, or close the export line by line.' }
  if (head.erp === 'exported')
    return { says: [], what_to_do: 'Import the file in Sage, post the entries, and confirm the posting.' }
  if (!overdue(row, at))
    return { says: [], what_to_do: 'Nothing: the connector fetches the file and says when it is written.' }
  return {
    says: [
      due && fileIs(due) === 'taken'
        ? 'The connector took the file and said no more of it.'
        : 'The connector did not fetch the file.',
    ],
    what_to_do: 'See whether the connector runs. If it will say nothing more of this file, declare it lost.',
  }
}

/** `retry the export (you)`: everything that is possible now, with who may do it. */
export const possibleNow = (row: UnderWay, roles: readonly Role[]): string[] =>
  waysOut(row.head, Role.options)
    .filter(({ allowed }) => allowed)
    .map(({ command }) => {
      const mine = mayDo({ active: true, roles: [...roles] }, command) === undefined
      const others = authorisation[command].filter((role) => role !== 'connector')
      return `${commandInWords[command]} (${mine ? 'you' : others.map((role) => role.replaceAll('_', ' ')).join(' or ')})`
    })

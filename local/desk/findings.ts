import { html } from 'hono/html'
import * as z from 'zod'
import type { Html } from './frame.ts'

const Finding = z.looseObject({
  code: z.string(),
  severity: z.enum(['error', 'warning']).optional(),
  budget_code: z.string().optional(),
  sentence: z.string(),
  what_to_do: z.string().optional(),
})
export type Finding = z.infer<typeof Finding>

/** Findings of the API, whoever carries them: the pre-check, a refusal, the last command. */
export const findingsIn = (found: readonly unknown[] = []): Finding[] =>
  found.flatMap((each) => {
    const { success, data } = Finding.safeParse(each)
    return success ? [data] : []
  })

const most = 20

/** What was found, in words; the code stands small beside it, for whoever looks it up. */
export function findingList(findings: readonly Finding[]): Html {
  if (findings.length === 0) return html``
  return html`<ul>
    ${findings
      .slice(0, most)
      .map(
        ({ code, severity, budget_code, sentence, what_to_do }) =>
          html`<li>
            ${severity === 'warning' ? 'Warning: ' : ''}${budget_code === undefined ? '' : `${budget_code}: `}${sentence}
            ${what_to_do ?? ''} <small class="soft">${code}</small>
          </li>`,
      )}
    ${findings.length > most ? html`<li>And ${findings.length - most} more.</li>` : ''}
  </ul>`
}

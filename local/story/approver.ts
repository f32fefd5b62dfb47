import { people, type PersonName } from '../local-company.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { until } from '../sample.ts'

// The approver with a mail program and a browser: reads the mail, opens its link, fills in the form.

export interface OpenedPage {
  readonly url: string
  readonly fields: URLSearchParams
  readonly ticks: readonly string[]
}

/** The newest mail to a person whose subject begins so, beyond those that were there before. */
export async function mailTo(runtime: Runtime, name: PersonName, subject: string, seen: ReadonlySet<string>) {
  const { email } = people[name]
  return await until(`a mail "${subject}" to ${name}`, () =>
    runtime
      .readMailbox()
      .find((mail) => !seen.has(mail.id) && mail.to.includes(email) && mail.subject.startsWith(subject)),
  )
}

export const mailsSoFar = (runtime: Runtime): ReadonlySet<string> =>
  new Set(runtime.readMailbox().map(({ id }) => id))

/** The link of a mail, as it stands in the plain text. */
export function linkIn(text: string | undefined): string {
  const url = /https?:\/\/\S+/.exec(text ?? '')?.[0]
  if (url === undefined) throw new Error('The mail has no link.')
  return url
}

/** Opens a page by GET and reads its form, as a browser does. */
export async function openPage(url: string): Promise<OpenedPage> {
  const answer = await fetch(url)
  const body = await answer.text()
  if (!answer.ok)
    throw new Error(`${String(answer.status)} at the link: ${body.replaceAll(/<[^>]*>/g, ' ').slice(0, 300)}`)
  const fields = new URLSearchParams()
  for (const [, name = '', value = ''] of body.matchAll(
    /<input\s+type="(?:hidden|date)"\s+name="([^"]*)"\s+value="([^"]*)"/g,
  ))
    fields.append(name, value)
  const ticks = [...body.matchAll(/<input\s+type="checkbox"\s+name="tick"\s+value="([^"]*)"/g)].map(
    ([, tick = '']) => tick,
  )
  return { url, fields, ticks }
}

/** Sends the form with a choice; answers the page that comes back. */
export async function choose(
  page: OpenedPage,
  choice: Readonly<Record<string, string>>,
  ticks: readonly string[] = [],
): Promise<string> {
  const form = new URLSearchParams(page.fields)
  for (const [name, value] of Object.entries(choice)) form.set(name, value)
  for (const tick of ticks) form.append('tick', tick)
  const answer = await fetch(page.url, {
    method: 'POST',
    headers: { origin: new URL(page.url).origin, 'sec-fetch-site': 'same-origin' },
    body: form,
  })
  const body = await answer.text()
  const title = /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? body
  if (!answer.ok) throw new Error(`The form was answered ${String(answer.status)}: ${title}`)
  return title
}

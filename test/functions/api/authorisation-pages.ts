import { board } from '../../../functions/board/index.ts'
import { posting } from '../../../functions/posting/index.ts'
import { review } from '../../../functions/review/index.ts'
import { stepUnderWay } from '../../../shared/domain/budget-head.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import { pageMark } from '../../../shared/pages/form.ts'
import type { Link } from '../../../shared/store/company-store.ts'
import { filled, type Page, pageEvent } from '../page-event.ts'
import { board as boardRows, type BoardRow, codeIn, type PageRow, pages } from './authorisation-matrix.ts'
import type { Here } from './budget-in-states.ts'
import type { SignIn } from './api-event.ts'
import type { LocalApi } from './local-api.ts'
import type { StillTable } from './still-table.ts'
import { boardEvent, publicUrl } from './visitor.ts'
import { Secret } from '../../../shared/domain/secret.ts'
import { keyOf } from './workflow-by-hand.ts'

/** What the pages show of the budget as it stands: the approval sent last, and the first export. */
async function shownOf({ store, clock }: LocalApi, project: string) {
  const key = keyOf(project)
  const of = stepUnderWay((await store.head(key))!)
  const [approval, open, parts] = await Promise.all([
    store.approval(key, of),
    store.export(key, 1),
    store.parts(key, 1),
  ])
  const { version_hash = '', export_hash = '' } = approval ?? {}
  const seen = parts.find(({ part }) => part === open?.current_part)?.observation
  const drift = seen?.kind === 'drift' ? [seen.at] : []
  const due = [open?.id ?? '', String(open?.current_part), String(open?.attempt), ...drift] as const
  const linkTo = (kind: Link['kind'], person: string): Link => ({
    kind,
    ...key,
    person: PersonId.parse(person),
    made_at: clock.now(),
    ...(kind === 'review' ? { approval: of } : { export: 1 }),
  })
  return {
    review: { page: review, there: approval, marked: [version_hash, export_hash] },
    posting: { page: posting, there: open, marked: due },
    typed: { version_hash, export_hash },
    linkTo,
  } as const
}
type Shown = Awaited<ReturnType<typeof shownOf>>

// What was mailed; whose it is, the link behind it says.
const reference = 'A'.repeat(43)

/** The page of a route behind a link; a form is filled in as it is shown, and carries the mark of what stands. */
async function pageOf(
  api: LocalApi,
  { route, kind, form }: PageRow,
  shown: Shown,
  link: Link | undefined,
): Promise<Page> {
  const companies = { ...api.companies, link: async () => await Promise.resolve(link) }
  const { page, marked } = shown[kind]
  const method = route.startsWith('HEAD') ? 'HEAD' : 'GET'
  const look = { method, reference, ...(route.includes('{part}') && { part: '1' }) } as const
  const looked = await page({ ...api, companies }, pageEvent(look))
  if (!form) return looked
  const [first, ...rest] = marked
  const typed = { ...shown.typed, ...form, mark: pageMark(new Secret(reference), first, ...rest) }
  const sent = pageEvent({ ...look, form: filled(looked, Object.entries(typed)) })
  return await page({ ...api, companies }, sent)
}

/** Whose links a page is asked with, and what each is answered. A link is made once there is something to show. */
function holdersOf({ kind, person, answers, others }: PageRow, { linkTo, ...shown }: Shown, state: string) {
  const [another, otherPage] =
    kind === 'review' ? (['pat', 'posting'] as const) : (['ann', 'review'] as const)
  const holders = [
    { who: 'who was asked', link: linkTo(kind, person), expected: codeIn(answers, state) },
    { who: 'a person with another role', link: linkTo(kind, another), expected: codeIn(others, state) },
    { who: 'a person without a role', link: linkTo(kind, 'nora'), expected: codeIn(others, state) },
    { who: 'a person switched off', link: linkTo(kind, 'ivan'), expected: '403' },
  ]
  return [
    ...(shown[kind].there ? holders : []),
    { who: 'the holder of a link to another page', link: linkTo(otherPage, person), expected: '404' },
    { who: 'the holder of a reference that was never made', link: undefined, expected: '404' },
  ]
}

/** Pages that are answered otherwise than the matrix has it, each as a line. */
export async function wrongPages(
  api: LocalApi,
  table: StillTable,
  { project, state }: Here,
): Promise<string[]> {
  const shown = await shownOf(api, project)
  const lines: string[] = []
  for (const row of pages)
    for (const { who, link, expected } of holdersOf(row, shown, state)) {
      const before = table.writes()
      const status = String((await pageOf(api, row, shown, link)).statusCode)
      const told = `${row.route} by ${who}, ${state}: ${status}`
      if (status !== expected) lines.push(`${told} instead of ${String(expected)}`)
      else if (status !== '303' && table.writes() > before) lines.push(`${told}, and something was written`)
    }
  return lines
}

/** The status of a page of the board for a verified token, or without one. */
async function boardStatus(
  api: LocalApi,
  { route }: BoardRow,
  project: string,
  as?: SignIn,
): Promise<number> {
  const { sub, groups } = as ?? { sub: '', groups: [] }
  const claims = { sub, 'cognito:groups': groups, exp: 4_000_000_000 }
  const address = 'https://issuer.example/authorize'
  const issuer = {
    client: 'board',
    description: async () =>
      await Promise.resolve({ authorization_endpoint: address, token_endpoint: address, jwks_uri: address }),
    exchange: async () => await Promise.resolve(undefined),
    claimsOf: async () => await Promise.resolve(claims),
  }
  const path = route.replace(/^\w+ /, '').replace('{project}', project)
  const event = boardEvent(route, path, as ? ['__Host-board=verified'] : [])
  return (await board({ ...api, issuer, publicUrl }, event)).statusCode ?? 0
}

/** Pages of the board that are answered otherwise than the matrix has it, each as a line. */
export async function wrongBoard(
  api: LocalApi,
  table: StillTable,
  project: string,
  who: readonly { readonly by: string; readonly as?: SignIn; readonly expected: (row: BoardRow) => number }[],
): Promise<string[]> {
  const lines: string[] = []
  for (const row of boardRows)
    for (const { by, as, expected } of who) {
      const before = table.writes()
      const status = await boardStatus(api, row, project, as)
      const told = `${row.route} by ${by}: ${String(status)}`
      if (status !== expected(row)) lines.push(`${told} instead of ${String(expected(row))}`)
      else if (table.writes() > before) lines.push(`${told}, and something was written`)
    }
  return lines
}

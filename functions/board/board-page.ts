import { html } from 'hono/html'
import { showCents } from '../../shared/domain/cents.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import { shownState } from '../../shared/domain/lifecycle.ts'
import type { Role } from '../../shared/domain/person.ts'
import { modeInWords } from '../../shared/domain/shown-as.ts'
import { type FileIs, fileIs, type UnderWay } from '../../shared/exporting/list-under-way.ts'
import { ageInWords, bothWays, fileOf, planned, whenToStop } from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import { possibleNow, type WaitsFor, waitsFor, wayOut } from './way-out.ts'

/** Who looks. */
export interface Viewer {
  readonly name: string
  readonly roles: readonly Role[]
  readonly mayPost: boolean
}

export interface Board {
  readonly exports: readonly UnderWay[]
  /** Cursor of the next page. */
  readonly next: string | undefined
  /** Time zones by Sage company. */
  readonly zones: ReadonlyMap<string, string>
  readonly viewer: Viewer
  /** Goes with every address. */
  readonly company: string
  readonly at: Instant
}

const groups: Readonly<Record<WaitsFor, string>> = {
  somebody: 'Somebody has to look',
  posting: 'To be posted in Sage',
  connector: 'On the way to Sage',
}

/** Every export under way: those that need somebody first, each with its file, its age and its way out. */
export function boardPage(board: Board): Html {
  const { exports, next, company, at } = board
  const by = Map.groupBy(exports, (row) => waitsFor(row, at))
  const counted = (['somebody', 'posting', 'connector'] as const).flatMap((group) => {
    const rows = by.get(group) ?? []
    return rows.length === 0 ? [] : [{ group, rows }]
  })
  return html`<header>
      <h1>Exports and posting</h1>
      <p>
        ${
          exports.length === 0
            ? 'No export is under way: all that was accepted is posted or closed.'
            : `${counted.map(({ group, rows }) => `${groups[group]}: ${String(rows.length)}`).join('. ')}.`
        }
      </p>
      <nav aria-label="Sign-in">${signOutOf(board.viewer)}</nav>
    </header>
    ${counted.map(({ group, rows }) => list(group, rows, board))}
    ${
      next === undefined
        ? ''
        : html`<nav aria-label="Pages">
            <a href="/board${company}${company === '' ? '?' : '&'}cursor=${next}">Next page</a>
          </nav>`
    }`
}

/** Who is signed in, and the way to end that. */
export const signOutOf = ({ name }: Viewer): Html => html`<a href="/board/sign_out">Sign out ${name}</a>`

const list = (group: WaitsFor, rows: readonly UnderWay[], board: Board): Html =>
  html`<section>
    <h2>${groups[group]}</h2>
    <div class="scroll" role="region" aria-label="${groups[group]}" tabindex="0">
      <table class="stack board">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">File</th>
            <th scope="col" class="n">Lines</th>
            <th scope="col" class="n">Total</th>
            <th scope="col" class="n">Attempt</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => line(row, board))}
        </tbody>
      </table>
    </div>
  </section>`

function line(row: UnderWay, { zones, viewer, company, at }: Board): Html {
  const { head, project, open, due, parts } = row
  return html`<tr>
    <th scope="row">
      <a href="/board/jobs/${head.project}${company}">${project?.name ?? head.project}</a>
      <small>Job ${project?.job?.number ?? 'not linked'}, export ${row.id}</small>
      <small>${shownState(head)}</small>
      <small
        >For ${ageInWords(head.erp_since, at)}, since
        ${whenToStop(head.erp_since, zones.get(project?.job?.sage_company ?? ''))}</small
      >
    </th>
    <td>
      ${
        due === undefined
          ? 'No file was made'
          : html`${fileOf(due, planned(parts))}<small>${modeInWords[due.mode]}</small
              ><small>${whereIs(due)}</small>`
      }
    </td>
    <td class="n">${due?.entries ?? ''}</td>
    <td class="n">
      ${due ? showCents(due.total) : ''}${due && bothWays(due) ? html`<small>${bothWays(due)}</small>` : ''}
    </td>
    <td class="n">${open?.attempt ?? ''}</td>
    <td class="wide">${howOut(row, viewer, company, at)}</td>
  </tr>`
}

const fileInWords: Readonly<Record<Exclude<FileIs, 'delivered'>, string>> = {
  queued: 'Not fetched yet',
  taken: 'Taken by the connector',
  failed: 'Could not be written',
}

function whereIs(due: ExportPart): string | undefined {
  const is = fileIs(due)
  return is === 'delivered' ? due.receipt?.where : fileInWords[is]
}

/** What happened, what to do, who may do what, and for a poster the way to where it is said. */
export function howOut(row: UnderWay, { roles, mayPost }: Viewer, company: string, at: Instant): Html {
  const { says, what_to_do } = wayOut(row, at)
  const ways = possibleNow(row, roles)
  const delivered = row.due?.receipt !== undefined && row.head.erp !== 'exporting'
  return html`${says.map((sentence) => html`<p>${sentence}</p>`)}
    <p><strong>${what_to_do}</strong></p>
    ${waitsFor(row, at) !== 'somebody' || ways.length === 0 ? '' : html`<p class="soft">Possible now: ${ways.join('; ')}.</p>`}
    ${
      mayPost && delivered
        ? html`<form class="plain" method="post" action="/board/jobs/${row.head.project}/posting${company}">
            <button type="submit">Open the posting page</button>
          </form>`
        : ''
    }`
}

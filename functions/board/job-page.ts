import { html } from 'hono/html'
import { keyOf } from '../../shared/domain/budget-code.ts'
import { type Cents, plus, showCents } from '../../shared/domain/cents.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import type { Amounts, ReportFigures, ReportRow } from '../../shared/domain/job-report.ts'
import { shownState } from '../../shared/domain/lifecycle.ts'
import { fileIs, type UnderWay } from '../../shared/exporting/list-under-way.ts'
import type { ReportOfJob } from '../../shared/exporting/report-of-job.ts'
import { ageInWords, whenToStop } from '../../shared/mail/words.ts'
import type { Html } from '../../shared/pages/frame.ts'
import { howOut, signOutOf, type Viewer } from './board-page.ts'

export interface JobShown {
  readonly report: ReportOfJob
  readonly row: UnderWay
  /** Of the Sage company; absent where it is not known. */
  readonly timeZone: string | undefined
  readonly viewer: Viewer
  /** Goes with every address. */
  readonly company: string
  /** As the address asks for it; any number. */
  readonly page: number
  readonly at: Instant
}

/** What Sage shows of one job against what came from here, in all and by code, to the cent. */
export function jobPage(shown: JobShown): Html {
  const { report, row, timeZone, company } = shown
  const { project, head, asOf } = report
  return html`<header>
      <h1>${project.name}: budget and Sage</h1>
      <p class="soft">
        Job
        ${project.job?.number ?? 'not linked'}${report.export === undefined ? '' : `, export ${report.export}`}.
        ${shownState(head)}.
        ${asOf === undefined ? 'Sage’s totals of this job were never read.' : html`Sage’s totals as of ${whenToStop(asOf, timeZone)}.`}
      </p>
      <nav aria-label="Places">
        <a href="/board${company}">Exports and posting</a>
        <a href="/board/jobs/${project.project}/report.csv${company}">The report as a file (CSV)</a>
        ${signOutOf(shown.viewer)}
      </nav>
    </header>
    ${isUnderWay(row) ? underWay(shown) : ''} ${inAll(report.sums)} ${byCode(shown)}`
}

const isUnderWay = ({ head, refused }: UnderWay): boolean =>
  head.open_export !== undefined || (head.erp === 'export_failed' && refused !== undefined)

const linesShown = 50 // the API lists all of them

function underWay({ row, timeZone, viewer, company, at }: JobShown): Html {
  const failed = row.due && fileIs(row.due) === 'failed' ? (row.due.failure?.lines ?? []) : []
  return html`<section>
    <h2>What to do</h2>
    <p class="soft">
      ${shownState(row.head)}. For ${ageInWords(row.head.erp_since, at)}, since
      ${whenToStop(row.head.erp_since, timeZone)}.
    </p>
    ${howOut(row, viewer, company, at)}
    ${
      failed.length === 0
        ? ''
        : html`<ul>
            ${failed.slice(0, linesShown).map(({ code, message }) => html`<li><code>${keyOf(code)}</code>: ${message}</li>`)}
          </ul>`
    }
  </section>`
}

const total = ({ original, changes }: Amounts): Cents => plus(original, changes)

/** One below zero is seen to be. */
const amount = (value: Cents | undefined): Html | string => {
  if (value === undefined) return 'not known'
  return value < 0 ? html`<span class="minus">${showCents(value)}</span>` : showCents(value)
}

/** The figures of the report in the order in which they add up. */
const figures: readonly (readonly [
  name: string,
  meaning: string,
  of: (figures: ReportFigures) => Amounts | undefined,
])[] = [
  ['Taken', 'of what was sent from here, posted', ({ taken }) => taken],
  ['Made in Sage, acknowledged', 'by a poster', ({ made }) => made?.acknowledged],
  ['Made in Sage, not acknowledged', 'a poster has to look', ({ made }) => made?.not_acknowledged],
  ['Difference', 'what none of these explains', ({ difference }) => difference],
]

const figureRow = (name: string, meaning: string, of: Amounts | undefined, kind = ''): Html =>
  html`<tr class="${kind}">
    <th scope="row">${name}<small>${meaning}</small></th>
    <td class="n">${amount(of?.original)}</td>
    <td class="n">${amount(of?.changes)}</td>
    <td class="n">${amount(of && total(of))}</td>
  </tr>`

const inAll = (sums: ReportFigures): Html =>
  html`<section>
    <h2>In all</h2>
    <div class="scroll" role="region" aria-label="In all" tabindex="0">
      <table class="stack figures">
        <thead>
          <tr>
            <td></td>
            <th scope="col" class="n">Original estimate</th>
            <th scope="col" class="n">Approved changes</th>
            <th scope="col" class="n">Total</th>
          </tr>
        </thead>
        <tbody>
          ${figures.map(([name, meaning, of]) => figureRow(name, meaning, of(sums)))}
          ${figureRow('In Sage', 'the sum of the lines above', sums.sage, 'total')}
          ${figureRow('On its way', 'sent, neither posted nor closed: not in the sum', sums.open)}
        </tbody>
      </table>
    </div>
  </section>`

const rowsAPage = 100

const isNothing = (of: Amounts | undefined): boolean => !of || (of.original === 0 && of.changes === 0)

/** Whether somebody has to look at this code. */
const stands = ({ made, difference }: ReportRow): boolean =>
  !isNothing(made?.not_acknowledged) || !isNothing(difference)

function byCode({ report: { rows, project }, company, page: wanted }: JobShown): Html {
  if (rows.length === 0)
    return html`<section><p>Nothing was sent to this job, and Sage shows nothing of it.</p></section>`
  const standing = rows.filter(stands)
  const all = [...standing, ...rows.filter((row) => !stands(row))]
  const pages = Math.ceil(all.length / rowsAPage)
  const page = Math.min(Math.max(1, Math.trunc(wanted) || 1), pages)
  const address = `/board/jobs/${project.project}${company}${company === '' ? '?' : '&'}page=`
  return html`<section id="codes">
    <h2>By code</h2>
    <p class="soft">
      ${rows.length}
      codes${standing.length === 0 ? '' : `; those that somebody has to look at (${String(standing.length)}) come first, shaded`}.
      In Sage = taken + made in Sage + difference.
      ${pages === 1 ? '' : `Page ${String(page)} of ${String(pages)}.`}
    </p>
    <div class="scroll" role="region" aria-label="By code" tabindex="0">
      <table class="stack report">
        <thead>
          <tr>
            <th scope="col">Cost code</th>
            <th scope="col" class="n">In Sage</th>
            <th scope="col" class="n">Taken</th>
            <th scope="col" class="n">Made in Sage</th>
            <th scope="col" class="n">Difference</th>
            <th scope="col" class="n">On its way</th>
          </tr>
        </thead>
        <tbody>
          ${all.slice((page - 1) * rowsAPage, page * rowsAPage).map(codeRow)}
        </tbody>
      </table>
    </div>
    ${
      pages === 1
        ? ''
        : html`<nav aria-label="Pages of codes">
            ${page > 1 ? html`<a href="${address}${page - 1}#codes">Previous page</a>` : ''}
            ${page < pages ? html`<a href="${address}${page + 1}#codes">Next page</a>` : ''}
          </nav>`
    }
  </section>`
}

function codeRow(row: ReportRow): Html {
  const { code, made } = row
  const madeInAll = made && {
    original: plus(made.acknowledged.original, made.not_acknowledged.original),
    changes: plus(made.acknowledged.changes, made.not_acknowledged.changes),
  }
  return html`<tr class="${stands(row) ? 'moved' : ''}">
    <th scope="row">
      ${code.cost_code}<small
        >Category ${code.cost_type}${code.sub_job === '' ? '' : `, extra ${code.sub_job}`}</small
      >
    </th>
    <td class="n">${amounts(row.sage)}</td>
    ${[row.taken, madeInAll, row.difference, row.open].map(
      (of) => html`<td class="n">${of && isNothing(of) ? '' : amounts(of)}</td>`,
    )}
  </tr>`
}

/** The total, and under it the two boxes, unless all of it is an original estimate. */
const amounts = (of: Amounts | undefined): Html =>
  html`${amount(of && total(of))}${of && of.changes !== 0 ? html`<small>original ${showCents(of.original)}</small><small>changes ${showCents(of.changes)}</small>` : ''}`

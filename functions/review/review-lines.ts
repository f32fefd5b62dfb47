import { html } from 'hono/html'
import type { ReviewSheet, SheetRow } from '../../shared/approving/review-sheet.ts'
import { compareKeys, divisionOf, keyOf, showCode } from '../../shared/domain/budget-code.ts'
import { type Cents, cents, showCents } from '../../shared/domain/cents.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'
import type { Html } from '../../shared/pages/frame.ts'
import type { Typed } from './choice.ts'
import { faulty } from './faulty.ts'
import { commentField, type LineComment } from './line-comments.ts'

/** Rows a page: a 50,000-line budget then opens in one request of at most 60 KB. */
const rowsAPage = 75

/** Cents that this export sends of a line, in both modes. */
export const exported = (row: Figures): Cents => cents(row.as_original + row.as_change)

const moves = (row: Figures): boolean => row.as_original + row.as_change !== 0

const revised = (row: Figures): Cents => cents(row.original + row.changes)

/** Cents that Sage holds of a line once this export is posted. */
export const inSage = (row: Figures): Cents => cents(row.already_sent + exported(row))

interface Group {
  readonly division: string
  /** Lines that this export changes, or lines that it leaves. */
  readonly moved: boolean
  readonly rows: readonly SheetRow[]
  /** Of all its rows, on this page and on others. */
  readonly sum: Figures
}

type Figures = Omit<SheetRow, 'code' | 'description'>

/** What of the sheet is shown, and on which of how many pages (from 1). */
export interface LinesShown {
  readonly sections: readonly {
    readonly group: Group
    readonly rows: readonly SheetRow[]
  }[]
  readonly page: number
  readonly pages: number
  readonly moved: number
  readonly all: number
}

/** Lines that this export changes come first, then the others; each of the two grouped by division. */
export function linesShown({ rows }: ReviewSheet, pageNumber: number): LinesShown {
  const moved = rows.filter(moves)
  const still = rows.filter((row) => !moves(row))
  const pages = Math.max(1, Math.ceil(rows.length / rowsAPage))
  const page = Math.min(Math.max(1, pageNumber), pages)
  let before = (page - 1) * rowsAPage
  let left = rowsAPage
  const sections: LinesShown['sections'][number][] = []
  for (const group of [...byDivision(moved, true), ...byDivision(still, false)]) {
    const here = group.rows.slice(before, before + left)
    before = Math.max(0, before - group.rows.length)
    left -= here.length
    if (here.length > 0) sections.push({ group, rows: here })
  }
  return { sections, page, pages, moved: moved.length, all: rows.length }
}

function byDivision(rows: readonly SheetRow[], moved: boolean): Group[] {
  return [...Map.groupBy(rows, ({ code }) => divisionOf(code.cost_code))]
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([division, members]) => ({ division, moved, rows: members, sum: sumOf(members) }))
}

const figures = ['original', 'changes', 'already_sent', 'as_original', 'as_change'] as const

/** The figures of many lines as those of one. */
export function sumOf(rows: readonly SheetRow[]): Figures {
  const sum = { original: 0, changes: 0, already_sent: 0, as_original: 0, as_change: 0 }
  for (const row of rows) for (const figure of figures) sum[figure] += row[figure]
  return {
    original: cents(sum.original),
    changes: cents(sum.changes),
    already_sent: cents(sum.already_sent),
    as_original: cents(sum.as_original),
    as_change: cents(sum.as_change),
  }
}

/** Turning the page sends the form along, so that what was typed stays; it records nothing. */
const turn = (page: number, words: string): Html =>
  html`<button class="turn" form="decision" name="turn" formnovalidate formaction="?page=${page}#lines">
    ${words}
  </button>`

export function lines(shown: LinesShown, typed: Typed, fault: Refusal | undefined): Html {
  const { sections, page, pages, moved, all } = shown
  const shaded = moved < all
  const comments = new Map(
    typed.comments.map(({ code, comment }, i) => [
      keyOf(code),
      { comment, faulty: faulty(fault, `/comments/${String(i)}/comment`) },
    ]),
  )
  return html`<section id="lines">
    <h2>Lines</h2>
    <p class="soft">
      This export changes ${moved} of ${all} lines; they come first${shaded ? ', shaded' : ''}.
      ${pages === 1 ? '' : html`Page ${page} of ${pages}. Turning the page keeps what you typed, and records nothing.`}
    </p>
    <div class="scroll" role="region" aria-label="Lines" tabindex="0">
      <table class="stack lines">
        <thead>
          <tr>
            <th scope="col">Cost code</th>
            <th scope="col">Category</th>
            <th scope="col">Extra</th>
            <th scope="col" class="n">Original</th>
            <th scope="col" class="n">Changes</th>
            <th scope="col" class="n">Revised</th>
            <th scope="col" class="n">Already sent</th>
            <th scope="col" class="n">Now as original</th>
            <th scope="col" class="n">Now as change</th>
            <th scope="col" class="n">Sage after posting</th>
          </tr>
        </thead>
        <tbody>
          ${sections.map(
            ({ group, rows }) =>
              html`${heading(group, rows[0])}${rows.map((row) => line(row, shaded && moves(row), comments.get(keyOf(row.code))))}`,
          )}
        </tbody>
      </table>
    </div>
    ${
      pages === 1
        ? ''
        : html`<nav aria-label="Pages of lines">
            ${page > 1 ? turn(page - 1, 'Previous page') : ''}${page < pages ? turn(page + 1, 'Next page') : ''}
          </nav>`
    }
    <nav aria-label="Back"><a href="#decision">Your decision</a></nav>
  </section>`
}

/** The subtotal of a division stands in its heading; on a later page it is said again, of all its lines. */
function heading({ division, moved, rows, sum }: Group, first: SheetRow | undefined): Html {
  const count = `${String(rows.length)} ${rows.length === 1 ? 'line' : 'lines'}`
  const words = `${count}${moved ? '' : ', unchanged'}${first === rows[0] ? '' : ', continued'}`
  return html`<tr class="division">
    <th scope="row">Division ${division}<small>${words}</small></th>
    <td></td>
    <td></td>
    ${cellsOf(sum)}
  </tr>`
}

const amount = (value: Cents): string => (value === 0 ? '' : showCents(value))

const cellsOf = (row: Figures): Html =>
  html`<td class="n">${showCents(row.original)}</td>
    <td class="n">${amount(row.changes)}</td>
    <td class="n">${showCents(revised(row))}</td>
    <td class="n">${amount(row.already_sent)}</td>
    <td class="n">${amount(row.as_original)}</td>
    <td class="n">${amount(row.as_change)}</td>
    <td class="n">${showCents(inSage(row))}</td>`

function line(
  row: SheetRow,
  shaded: boolean,
  typed?: { readonly comment: string; readonly faulty: Html | '' },
): Html {
  const { cost_code, cost_type, sub_job } = row.code
  return html`<tr class="${shaded ? 'moved' : ''}">
    <th scope="row">
      ${cost_code}<small>${row.description}</small>
      <textarea
        class="says"
        form="decision"
        placeholder="Comment"
        name="${commentField(row.code)}"
        aria-label="Comment on ${showCode(row.code)}"
        ${typed?.faulty}
      >
${typed?.comment ?? ''}</textarea>
    </th>
    <td>${cost_type}</td>
    <td>${sub_job}</td>
    ${cellsOf(row)}
  </tr>`
}

/** What was typed to lines that are not on this page; `index` among all comments. */
export function commentsElsewhere(
  { sections }: LinesShown,
  { comments }: Typed,
): readonly (LineComment & { readonly index: number })[] {
  const here = new Set(sections.flatMap(({ rows }) => rows.map(({ code }) => keyOf(code))))
  return comments
    .map((comment, index) => ({ ...comment, index }))
    .filter(({ code }) => !here.has(keyOf(code)))
}

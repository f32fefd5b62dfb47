import { html } from 'hono/html'
import type { ReviewSheet, SheetRow } from '../../shared/approving/review-sheet.ts'
import { divisionOf } from '../../shared/domain/budget-code.ts'
import { type Cents, cents, showCents } from '../../shared/domain/cents.ts'
import type { Html } from '../../shared/pages/frame.ts'

/** Rows a page: a 50,000-line budget then opens in one request of at most 60 KB. */
const rowsAPage = 100

/** Cents that this export sends of a line, in both modes. */
export const exported = (row: SheetRow): Cents => cents(row.as_original + row.as_change)

const revised = (row: SheetRow): Cents => cents(row.original + row.changes)

/** Cents that Sage holds of a line once this export is posted. */
export const inSage = (row: SheetRow): Cents => cents(row.already_sent + exported(row))

/** What of the sheet is shown: `pageNumber` is 1-based. */
interface LinesShown {
  readonly sheet: ReviewSheet
  readonly pageNumber: number
}

/** Lines that this export moves come first, then the others; each part grouped by division. */
export function lines({ sheet, pageNumber }: LinesShown): Html {
  const moved = sheet.rows.filter((row) => exported(row) !== 0)
  const still = sheet.rows.filter((row) => exported(row) === 0)
  const all = [...moved, ...still]
  const pages = Math.max(1, Math.ceil(all.length / rowsAPage))
  const current = Math.min(Math.max(1, pageNumber), pages)
  const shown = all.slice((current - 1) * rowsAPage, current * rowsAPage)
  return html`<section id="lines">
    <h2>Lines</h2>
    <p class="soft">
      This export changes ${moved.length} of ${all.length} lines; they come
      first${still.length === 0 ? '' : ', shaded'}. Page ${current} of ${pages}.
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
          ${shown.map((row, i) => html`${heading(row, shown[i - 1])}${line(row)}`)}
        </tbody>
      </table>
    </div>
    ${
      pages === 1
        ? ''
        : html`<nav aria-label="Pages of lines">
            ${current > 1 ? html`<a href="?page=${current - 1}#lines">Previous page</a>` : ''}
            ${current < pages ? html`<a href="?page=${current + 1}#lines">Next page</a>` : ''}
          </nav>`
    }
  </section>`
}

function heading(row: SheetRow, before: SheetRow | undefined): Html {
  const division = divisionOf(row.code.cost_code)
  const same =
    before !== undefined &&
    divisionOf(before.code.cost_code) === division &&
    (exported(before) === 0) === (exported(row) === 0)
  return same
    ? html``
    : html`<tr class="division">
        <th scope="colgroup" colspan="10">Division ${division}${exported(row) === 0 ? ', unchanged' : ''}</th>
      </tr>`
}

const amount = (value: Cents): string => (value === 0 ? '' : showCents(value))

function line(row: SheetRow): Html {
  return html`<tr class="${exported(row) === 0 ? '' : 'moved'}">
    <th scope="row">${row.code.cost_code}<small>${row.description}</small></th>
    <td>${row.code.cost_type}</td>
    <td>${row.code.sub_job}</td>
    <td class="n">${showCents(row.original)}</td>
    <td class="n">${amount(row.changes)}</td>
    <td class="n">${showCents(revised(row))}</td>
    <td class="n">${amount(row.already_sent)}</td>
    <td class="n">${amount(row.as_original)}</td>
    <td class="n">${amount(row.as_change)}</td>
    <td class="n">${showCents(inSage(row))}</td>
  </tr>`
}

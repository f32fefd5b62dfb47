import { html } from 'hono/html'
import { asMoney } from '../amounts.ts'
import type { EntryKind } from '../company-tables.ts'

/** A piece of a page. Everything put into one is escaped. */
export type Html = ReturnType<typeof html>

const menu = [
  ['import', 'Tools > Import Estimates'],
  ['entries', 'Tasks > Post Entries'],
  ['transactions', 'Posted entries'],
  ['totals', 'Job totals'],
  ['setup', 'Setup'],
  ['faults', 'Faults'],
] as const
export type MenuItem = (typeof menu)[number][0]

/** Address of a page of one company. */
export const at = (company: string, ...segments: readonly (string | number)[]): string =>
  ['/sage/companies', ...[company, ...segments].map((segment) => encodeURIComponent(segment))].join('/')

export interface Frame {
  readonly title: string
  readonly company?: string
  readonly item?: MenuItem
  readonly content: Html
}

export async function page({ title, company, item, content }: Frame): Promise<string> {
  const place = company === undefined ? '' : `${company} - `
  const whole = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - ${place}Sage simulator</title>
        <link rel="stylesheet" href="/sage/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the page</a>
        <header class="top">
          <div>
            <p class="brand"><a href="/sage/companies">Sage 300 CRE Job Cost, simulated</a></p>
            ${company === undefined ? '' : html`<p class="company">Company: ${company}</p>`}
            <p class="company"><a href="/desk">Back to the desk</a></p>
          </div>
        </header>
        ${company === undefined ? '' : menuOf(company, item)}
        <main id="main">
          <h1>${title}</h1>
          ${content}
        </main>
        <footer class="foot">
          A simulator with the assumptions listed in its manual. What passes here is not thereby shown to work
          with Sage.
        </footer>
      </body>
    </html>`
  return whole.toString()
}

const menuOf = (company: string, item: MenuItem | undefined): Html =>
  html`<nav class="menu" aria-label="Job Cost">
    <ul>
      ${menu.map(
        ([segment, words]) =>
          html`<li>
            <a href="${at(company, segment)}" ${segment === item ? html`aria-current="page"` : ''}
              >${words}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`

/** What Sage says no to, with the way back to the window in which it was asked. */
export async function refusedPage(sentence: string, path = ''): Promise<string> {
  const [company, place] = wayBack(path)
  return await page({
    title: 'Sage did not do that',
    ...(company === undefined ? {} : { company }),
    content: html`<div class="note stop" role="alert"><p>${sentence}</p></div>
      <p>
        ${
          company === undefined || place === undefined
            ? html`<a href="/sage/companies">All companies</a>`
            : html`<a href="${at(company, place[0])}">Back to ${place[1]}</a>`
        }
      </p>`,
  })
}

function wayBack(path: string): readonly [company?: string, place?: (typeof menu)[number]] {
  const [, company, segment] = /^\/sage\/companies\/([\w-]+)\/([\w-]+)/.exec(path) ?? []
  const place = menu.find(([name]) => name === segment)
  return company === undefined || place === undefined ? [] : [company, place]
}

export const kindWords: Record<EntryKind, string> = {
  original_estimate: 'Original estimate',
  approved_estimate_change: 'Approved estimate change',
  approved_scheduled_value_change: 'Approved scheduled value',
}

export const kindMark = (kind: EntryKind): Html =>
  html`<span class="mark ${kind === 'original_estimate' ? '' : 'change'}">${kindWords[kind]}</span>`

export const closedMark = (closed: boolean): Html =>
  closed ? html`<span class="mark closed">Closed</span>` : html`Open`

/** `2025-06-02 08:00:00 UTC`. */
export const moment = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`

/** `label` names the cell where a stacked table has lost its head. */
export const money = (amount: number, label = ''): Html =>
  html`<td class="number" data-label="${label}">${asMoney(amount)}</td>`

export interface Column {
  readonly name: string
  readonly number?: true
}

/** A table that scrolls by itself on a narrow screen, and by keyboard. */
export const table = (caption: string, columns: readonly Column[], rows: readonly Html[]): Html =>
  tableOf('', caption, columns, rows)

/** A table each row of which becomes a small block on a narrow screen; its cells are named by `data-label`. */
export const stackedTable = (
  caption: string,
  columns: readonly Column[],
  rows: readonly Html[],
  foot?: Html,
): Html => tableOf('stack', caption, columns, rows, foot)

const tableOf = (
  kind: '' | 'stack',
  caption: string,
  columns: readonly Column[],
  rows: readonly Html[],
  foot?: Html,
): Html =>
  html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="${kind}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ name, number }) => html`<th scope="col" class="${number ? 'number' : ''}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
      ${
        foot
          ? html`<tfoot>
              ${foot}
            </tfoot>`
          : ''
      }
    </table>
  </div>`

const rowsPerPage = 200

export interface Slice<Row> {
  readonly rows: readonly Row[]
  readonly number: number
  readonly pages: number
}

/** The rows of one page of a long table. */
export function sliceOf<Row>(rows: readonly Row[], query: URLSearchParams): Slice<Row> {
  const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage))
  const asked = Number(query.get('page') ?? '1')
  const number = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1
  return { rows: rows.slice((number - 1) * rowsPerPage, number * rowsPerPage), number, pages }
}

/** Links to the other pages, which keep what else the query says. */
export function pager({ number, pages }: Slice<unknown>, query: URLSearchParams): Html {
  if (pages === 1) return html``
  const to = (target: number): string => {
    const next = new URLSearchParams(query)
    next.set('page', String(target))
    return `?${next.toString()}`
  }
  return html`<nav class="actions" aria-label="Pages">
    ${number > 1 ? html`<a href="${to(number - 1)}">Earlier rows</a>` : ''}
    <span>Page ${String(number)} of ${String(pages)}</span>
    ${number < pages ? html`<a href="${to(number + 1)}">Further rows</a>` : ''}
  </nav>`
}

export interface TextField {
  readonly label: string
  readonly name: string
  readonly value?: string
  readonly hint?: string
  readonly type?: 'text' | 'date' | 'number'
  readonly required?: boolean
}

/** A labelled field; `id` keeps it apart from a field of the same name in another form of the page. */
export function textField(form: string, field: TextField): Html {
  const id = `${form}-${field.name}`
  return html`<div class="field">
    <label for="${id}">${field.label}</label>
    <input
      id="${id}"
      name="${field.name}"
      type="${field.type ?? 'text'}"
      value="${field.value ?? ''}"
      ${field.required === true ? html`required` : ''}
      ${field.hint === undefined ? '' : html`aria-describedby="${id}-hint"`}
    />
    ${field.hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${field.hint}</p>`}
  </div>`
}

export interface Choice {
  readonly value: string
  readonly words: string
}

export function selectField(
  form: string,
  {
    label,
    name,
    choices,
    value,
  }: { label: string; name: string; choices: readonly Choice[]; value?: string },
): Html {
  const id = `${form}-${name}`
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <select id="${id}" name="${name}">
      ${choices.map(
        (choice) =>
          html`<option value="${choice.value}" ${choice.value === value ? html`selected` : ''}>
            ${choice.words}
          </option>`,
      )}
    </select>
  </div>`
}

export function tickField(
  form: string,
  {
    label,
    name,
    value = '1',
    checked = false,
  }: { label: string; name: string; value?: string; checked?: boolean },
): Html {
  const id = `${form}-${name}-${value}`
  return html`<div class="tick">
    <input type="checkbox" id="${id}" name="${name}" value="${value}" ${checked ? html`checked` : ''} />
    <label for="${id}">${label}</label>
  </div>`
}

import { createHash } from 'node:crypto'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

// One sheet for every page that a mailed link opens: no outside resource, no script, phone first.
const sheet = `
:root{--ink:#1b2733;--soft:#4a5a6a;--line:#cfd8e0;--ground:#f3f5f7;--act:#0b5cab;--warn:#7a2e00;--good:#1d6b35}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
header,section,form{background:#fff;border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.4rem;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 .5rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th.n,td.n{text-align:right;white-space:nowrap}
tr.division th{background:var(--ground);font-weight:600}
tr.moved td,tr.moved th{background:#eef5fc}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;font-weight:600;overflow-wrap:anywhere}
fieldset{border:1px solid var(--line);border-radius:6px;margin:0 0 1rem;padding:.75rem 1rem}
legend{font-weight:600;padding:0 .25rem}
label{display:block;margin:.35rem 0}
input[type=radio],input[type=checkbox]{width:1.15rem;height:1.15rem;vertical-align:-.2rem;margin-right:.5rem}
input[type=date],textarea,input[type=text],select{font:inherit;padding:.4rem;border:1px solid #6b7b8b;border-radius:4px;max-width:100%}
textarea{width:100%;min-height:5rem}
button,.button{font:inherit;font-weight:600;background:var(--act);color:#fff;border:0;border-radius:6px;padding:.7rem 1.4rem;text-decoration:none;display:inline-block}
.loud{border:3px solid var(--warn);padding:.75rem 1rem;font-size:1.25rem;font-weight:700;margin:0 0 1rem}
.note{border-left:4px solid var(--act);padding:.25rem .75rem;margin:0 0 .75rem}
.bad{border-left-color:var(--warn)}
nav a{margin-right:1rem}
a{color:var(--act)}
`

const sheetHash = createHash('sha256').update(sheet).digest('base64')

/** Nothing runs, nothing is fetched, nothing is kept, nothing is told to another house. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${sheetHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
}

/** A whole page, as the answer of the public routes. */
export async function page(
  status: number,
  title: string,
  content: Html,
): Promise<APIGatewayProxyStructuredResultV2> {
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(sheet)}
        </style>
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`
  return { statusCode: status, headers, body: body.toString() }
}

/** A page that says one thing, and what to do next. */
export const messagePage = async (
  status: number,
  title: string,
  ...sentences: readonly string[]
): Promise<APIGatewayProxyStructuredResultV2> =>
  await page(
    status,
    title,
    html`<header>
      <h1>${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
    </header>`,
  )

/** Unknown, malformed and foreign references look alike. */
export const unknownLink = async (): Promise<APIGatewayProxyStructuredResultV2> =>
  await messagePage(
    404,
    'This link is not valid',
    'It may be incomplete, or it was never one of ours. Open it from the mail again, or copy the whole address.',
  )

/** Back to the same address by GET, so that a reload sends nothing again. */
export const seeAgain = (path: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 303,
  headers: { ...headers, location: path },
  body: '',
})

/** A form that another site sent, or that was not made for this page. */
export const notFromHere = async (): Promise<APIGatewayProxyStructuredResultV2> =>
  await messagePage(
    403,
    'Nothing was changed',
    'This form was not sent from our page. Open the link in the mail and choose there.',
  )

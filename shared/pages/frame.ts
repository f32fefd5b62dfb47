import { createHash } from 'node:crypto'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { colours } from './colours.ts'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

// On a phone a row of a wide table becomes a small block; its cells are named here, not in every row.
const columns = ['Category', 'Extra', 'Original', 'Changes', 'Revised', 'Already sent', 'Now as original']
const labels = [...columns, 'Now as change', 'Sage after posting']
  .map((label, i) => `.lines td:nth-child(${String(i + 2)}):before{content:"${label}"}`)
  .join('')

// One sheet for every page that a mailed link opens: no outside resource, no script, phone first.
// Fields that belong to a choice stay hidden until it is made, where the browser can tell; else all of them show.
const sheet = `${colours}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1rem}
header,section,form{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.15rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}
p:last-child,ol:last-child,ul:last-child{margin-bottom:0}
ol,ul{padding-left:1.5rem;margin:0 0 .75rem}
.told{max-width:44rem;margin:0 auto}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 .5rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{font-size:.9rem;vertical-align:bottom}
tbody th{font-weight:600}
td small{display:block;white-space:normal}
th small{display:block;font-size:.875rem;font-weight:400;color:var(--soft)}
th.n,td.n{text-align:right;white-space:nowrap}
tr.division>*{background:var(--ground);font-weight:600}
.moved th,.moved td{background:var(--moved)}
.says{min-height:2.75rem;min-width:11rem;font-weight:400}
nav .turn{margin:.75rem 0 0}
.scroll+p{margin-top:.6rem}
#fault{scroll-margin-top:4rem}
.sums{display:grid;gap:0 3rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));margin:.75rem 0}
.sums table{margin:0 0 .5rem}
.sums th{font-weight:400}
.sums tr>:first-child,.files tr>:first-child,.seen tr>:first-child{padding-left:0}
.sums tr>:last-child,.files tr>:last-child,.seen tr>:last-child{padding-right:0}
.sums tr.total>*{font-weight:700;border-top:2px solid var(--ink);border-bottom:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0 0 1rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:600;overflow-wrap:anywhere}
li{margin:0 0 .25rem}
fieldset{border:1px solid var(--line);border-radius:6px;margin:0 0 1rem;padding:.75rem 1rem;min-width:0}
legend{font-weight:600;padding:0 .25rem}
label{display:block;margin:.35rem 0}
label.pick{margin:0;padding:.65rem 0 .65rem 1.75rem;text-indent:-1.75rem}
summary{padding:.65rem 0;cursor:pointer}
input[type=radio],input[type=checkbox]{width:1.2rem;height:1.2rem;vertical-align:-.2rem;margin:0 .55rem 0 0;accent-color:var(--act)}
input[type=date],textarea,input[type=text],select{display:block;font:inherit;color:inherit;background:var(--paper);min-height:2.75rem;padding:.5rem;margin:.2rem 0 0;border:1px solid var(--edge);border-radius:4px;max-width:min(100%,48rem)}
input[type=file]{display:block;font:inherit;padding:.6rem 0;max-width:100%}
textarea,input[type=text]{width:100%}
textarea{min-height:6rem;resize:vertical}
::placeholder{color:var(--soft);opacity:1}
button,.button{font:inherit;font-weight:600;background:var(--act);color:var(--on-act);border:0;border-radius:6px;padding:.7rem 1.4rem;text-decoration:none;display:inline-block;cursor:pointer}
button:hover,.button:hover{background:var(--deep)}
.second{background:var(--paper);color:var(--act);border:2px solid var(--act);margin:.75rem 0 0}
.second:hover{background:var(--ground)}
input[name=code]{max-width:12rem}
/* The calendar of a date field takes the focus without showing it. */:focus-visible,input[type=date]:focus-within{outline:3px solid var(--focus);outline-offset:2px}
.loud{display:flex;gap:.9rem;align-items:center;border:3px solid var(--warn);border-radius:6px;background:var(--pale);padding:.75rem 1rem;font-size:1.25rem;line-height:1.35;font-weight:700;margin:.75rem 0 1rem}
.box{flex:none;width:2rem;height:2rem;border:3px solid var(--ink);border-radius:4px;background:var(--paper)}
.ticked:after{content:"";display:block;width:.6rem;height:1.2rem;margin:-.1rem auto 0;border:solid var(--ink);border-width:0 4px 4px 0;transform:rotate(45deg)}
.note{border-left:4px solid var(--act);padding:.25rem .75rem;margin:0 0 .75rem}
.bad{border-left-color:var(--warn);background:var(--pale)}
nav{display:flex;flex-wrap:wrap;gap:0 1.25rem}
nav a{padding:.65rem 0}
a{color:var(--act)}
@media (max-width:40rem){main{padding:.5rem}header,section,form{padding:.9rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}button,.button{width:100%;text-align:center}
.stack,.stack tbody{display:block}.stack{position:relative}.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:grid;grid-template-columns:repeat(3,minmax(auto,1fr));gap:.15rem .6rem;border-bottom:1px solid var(--line);padding:.5rem 0}
.stack th,.stack td{border:0;padding:0}.stack td:empty{display:none}
.stack td:before{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}.stack tr.moved{background:var(--moved)}
.files th,.files td:nth-child(2),.files td:nth-child(5){grid-column:1/-1}.files td.n:nth-child(3){text-align:left}.files td:nth-child(4){grid-column:2/-1}
.lines tr{padding:.5rem}.lines tr.division{background:var(--ground)}.says{min-width:0}
.lines th{grid-area:span 2/span 2}.lines td:nth-child(2),.lines td:nth-child(3),.lines td:nth-child(6),.lines td:nth-child(10){grid-column:3;text-align:right}.lines td:nth-child(4),.lines td:nth-child(7){grid-column:1}.lines td:nth-child(5),.lines td:nth-child(8),.lines td:nth-child(9){grid-column:2}.lines .division th{grid-area:auto/1/auto/-1}
.seen th{grid-column:1/-1}.seen td:nth-child(2):before{content:"Sent"}.seen td:nth-child(3):before{content:"In originals"}.seen td:nth-child(4):before{content:"In changes"}
.files td:nth-child(2):before{content:"As"}.files td:nth-child(3):before{content:"Lines"}.files td:nth-child(4):before{content:"Total"}.files td:nth-child(5):before{content:"State"}
${labels}}
@supports selector(:has(*)){${['accept', 'reject', 'rejects', 'stopped', 'wrong_box', 'close', 'acknowledge']
  .map((choice) => `form:has([value=${choice}]:checked) .if-${choice}`)
  .join(',')}{display:block}[class^=if-]{display:none}
main:not(:has([value=reject]:checked)) .says{display:none}}
`

/** A style that comes with a page, and the headers that let a browser apply it. */
export interface Style {
  readonly element: Html
  readonly headers: Readonly<Record<string, string>>
}

/** The style of all pages, with what some have besides. Nothing runs, is fetched, is kept, or is told to another house. */
export function styleWith(more: string): Style {
  const whole = sheet + more
  return {
    // Element and hash are made of the same bytes: white space around the sheet would change the hash, and no browser
    // would apply it.
    element: raw(`<style>${whole}</style>`),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(whole).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    },
  }
}

const plain = styleWith('')

/** A whole page, as the answer of the public routes. */
export async function page(
  status: number,
  title: string,
  content: Html,
  { element, headers }: Style = plain,
): Promise<APIGatewayProxyStructuredResultV2> {
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${element}
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
  ...sentences: readonly (string | Html)[]
): Promise<APIGatewayProxyStructuredResultV2> =>
  await page(
    status,
    title,
    html`<header class="told">
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

/** Back to the same address, or on to another, by GET, so that a reload sends nothing again. */
export const seeAgain = (location: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 303,
  headers: { ...plain.headers, location },
  body: '',
})

/** A form that another site sent, or that was not made for this page. */
export const notFromHere = async (): Promise<APIGatewayProxyStructuredResultV2> =>
  await messagePage(
    403,
    'Nothing was changed',
    'This form was not sent from our page. Open the link in the mail and choose there.',
  )

import { html, raw } from 'hono/html'
import { colours } from '../../shared/pages/colours.ts'

/** A piece of a page; what is put into it is escaped. */
export type Html = ReturnType<typeof html>

const sheet = `${colours}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif}
body>header{background:#12324f;color:#fff}
body>header>div{max-width:76rem;margin:0 auto;padding:.25rem 1rem;display:flex;flex-wrap:wrap;gap:0 2rem;align-items:baseline}
body>header strong{padding:.5rem 0}
nav{display:flex;flex-wrap:wrap;gap:0 1.25rem}
nav a{padding:.65rem 0}
body>header a{color:#fff}
nav a[aria-current]{font-weight:700;text-decoration-thickness:3px;text-underline-offset:.25em}
main{max-width:76rem;margin:0 auto;padding:1rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.4rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}
section>p:last-child,section>ol:last-child,details p:last-child{margin-bottom:0}
ol,ul{padding-left:1.5rem;margin:0 0 .75rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
summary{padding:.65rem 0;cursor:pointer}
td summary{padding:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroll{position:relative}
details{margin:0}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.sums{max-width:26rem;margin:0 0 1rem}
.sums th{font-weight:400}
.sums tr:last-child>*{font-weight:700;border-top:2px solid var(--ink);border-bottom:0}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th.n,td.n{text-align:right;white-space:nowrap}
td.once{white-space:nowrap}
.actions{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:0 0 .75rem}
button,.button{font:inherit;font-weight:600;background:var(--act);color:var(--on-act);border:0;border-radius:6px;padding:.65rem 1rem;text-decoration:none;cursor:pointer;display:inline-block}
button:hover,.button:hover{background:var(--deep)}
button.quiet{background:var(--paper);color:var(--act);box-shadow:inset 0 0 0 1px var(--act)}
button.quiet:hover{background:var(--ground)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
a{color:var(--act)}
li{margin:0 0 .35rem}
pre{background:var(--ground);padding:.75rem;overflow-x:auto;margin:.25rem 0;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
iframe{display:block;width:100%;height:44rem;border:1px solid var(--line);border-radius:6px;color-scheme:light;background:white}
.mails .unread a{font-weight:700}
.mails .unread td:nth-child(2):before{content:"";display:inline-block;width:.6rem;height:.6rem;border-radius:50%;background:var(--act);margin-right:.5rem}
.chips{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;padding:0;margin:0}
.chips li{background:var(--ground);border:1px solid var(--line);border-radius:999px;padding:.1rem .7rem;margin:0}
.chips li.now{background:var(--act);color:var(--on-act);border-color:var(--act)}
.next{border-left:5px solid var(--act);background:var(--moved);padding:.75rem 1rem;margin:0 0 1rem}
.next p:last-child,.next .actions{margin:0}
.note{border-left:5px solid var(--act);padding:.5rem .75rem;margin:0 0 1rem;background:var(--paper)}
.bad{border-left-color:var(--warn);background:var(--pale)}
@media (max-width:40rem){td summary{padding:.65rem 0}.stack,.stack tbody{display:block}.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:grid;grid-template-columns:1fr 1fr;border-bottom:1px solid var(--line);padding:.35rem 0}.stack td{border:0;padding:.15rem .4rem}.stack td:empty{display:none}
.stack td:not([data-label]){grid-column:1/-1}.mails td:nth-child(4):not([data-label]){grid-area:1/2;text-align:right}.mails td:nth-child(1):not([data-label]){grid-area:1/1}.mails tr{grid-template-columns:1fr auto}.mails a{padding:.6rem 0}.mails td:first-child{overflow-wrap:anywhere}.mails td:nth-child(3){color:var(--soft)}.mails td:nth-child(3):before{content:"to "}.stack [data-label]:before{content:attr(data-label);display:block;font-size:.8rem;color:var(--soft)}}
@media (max-width:34rem){main{padding:.5rem}section{padding:.9rem}.actions form,.actions .button,.actions button{width:100%;text-align:center}}
`

// In the order of the tour.
const places = [
  ['/desk', 'Budgets'],
  ['/desk/mailbox', 'Mailbox'],
  ['/board', 'Board'],
  ['/sage/companies', 'Sage'],
  ['/desk/executions', 'Executions'],
] as const

/** A page of the desk. `path` marks the place in the menu. */
export async function page(path: string, title: string, content: Html): Promise<string> {
  const whole = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - desk</title>
        ${raw(`<style>${sheet}</style>`)}
      </head>
      <body>
        <header>
          <div>
            <strong>sage-budget-export, on this machine</strong>
            <nav aria-label="Desk">
              ${places.map(
                ([at, name]) =>
                  html`<a href="${at}" ${path === at ? raw('aria-current="page"') : ''}>${name}</a>`,
              )}
            </nav>
          </div>
        </header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`
  return whole.toString()
}

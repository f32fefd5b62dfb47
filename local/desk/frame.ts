import { html, raw } from 'hono/html'

/** A piece of a page; what is put into it is escaped. */
export type Html = ReturnType<typeof html>

const sheet = `
:root{--ink:#1b2733;--soft:#4a5a6a;--line:#cfd8e0;--ground:#f3f5f7;--act:#0b5cab;--warn:#7a2e00;--good:#1d6b35}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif}
body>header{background:#12324f;color:#fff;padding:.75rem 1rem;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline}
body>header a{color:#fff}
body>header a[aria-current]{font-weight:700;text-decoration-thickness:3px}
main{max-width:76rem;margin:0 auto;padding:1rem}
section{background:#fff;border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.4rem;margin:.5rem 0 1rem}
h2{font-size:1.1rem;margin:0 0 .5rem}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th.n,td.n{text-align:right;white-space:nowrap}
form{display:inline}
button{font:inherit;background:var(--act);color:#fff;border:0;border-radius:6px;padding:.35rem .8rem;margin:0 .25rem .25rem 0}
button:disabled{background:#e1e6eb;color:#4a5a6a}
a{color:var(--act)}
pre{background:var(--ground);padding:.75rem;overflow-x:auto;margin:.25rem 0;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
iframe{width:100%;height:46rem;border:1px solid var(--line);border-radius:6px;background:#fff}
.chips{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;padding:0;margin:0}
.chips li{background:var(--ground);border:1px solid var(--line);border-radius:999px;padding:.1rem .7rem}
.chips li.now{background:var(--act);color:#fff;border-color:var(--act)}
.note{border-left:4px solid var(--act);padding:.25rem .75rem;margin:0 0 1rem;background:#fff}
.bad{border-left-color:var(--warn)}
`

const places = [
  ['/desk', 'Budgets'],
  ['/desk/mailbox', 'Mailbox'],
  ['/desk/executions', 'Executions'],
  ['/sage', 'Sage'],
] as const

/** A page of the desk. `path` marks the place in the menu. */
export async function page(path: string, title: string, content: Html): Promise<string> {
  const whole = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - desk</title>
        <style>
          ${raw(sheet)}
        </style>
      </head>
      <body>
        <header>
          <strong>sage-budget-export, on this machine</strong>
          <nav aria-label="Desk">
            ${places.map(
              ([at, name]) =>
                html`<a href="${at}" ${path === at ? raw('aria-current="page"') : ''}>${name}</a>${' '}`,
            )}
          </nav>
        </header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`
  return whole.toString()
}

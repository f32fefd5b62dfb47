/** The desk's only style sheet; served at `/sage/style.css`. Every text colour has a contrast of 4.5 or more. */
export const deskStyle = `
:root {
  color-scheme: light;
  --ink: #1b2420; --quiet: #52605a; --paper: #ffffff; --ground: #f2f5f3; --line: #cfd8d3;
  --leaf: #00603c; --leaf-dark: #00472c; --leaf-pale: #e3f1ea; --warn: #7a4100; --warn-pale: #fff3df;
  --stop: #a01622; --stop-pale: #fdeced;
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, 'Segoe UI', sans-serif }
a { color: var(--leaf) }
a:hover { color: var(--leaf-dark) }
:focus-visible { outline: 3px solid #1d6fd6; outline-offset: 2px }
.skip { position: absolute; left: -100rem }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; z-index: 1 }
.top { background: var(--leaf-dark); color: #fff }
.top > div, main, .foot { max-width: 76rem; margin: 0 auto; padding: 0 1rem }
.top > div { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding-top: .75rem; padding-bottom: .75rem }
.top a { color: #fff }
.brand { margin: 0; font-weight: 650 }
.brand a { text-decoration: none }
.top .company { margin: 0; color: #d8ece1 }
.menu { background: var(--paper); border-bottom: 1px solid var(--line) }
.menu ul { max-width: 76rem; margin: 0 auto; padding: 0 1rem; list-style: none; display: flex; flex-wrap: wrap }
.menu a { display: block; padding: .65rem .85rem; text-decoration: none; border-bottom: 3px solid transparent }
.menu a:hover { background: var(--leaf-pale) }
.menu a[aria-current] { border-color: var(--leaf); font-weight: 600; color: var(--ink) }
main { padding-top: 1.5rem; padding-bottom: 2rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.15rem; margin: 0 0 .75rem }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1.1rem 1.25rem; margin: 0 0 1.25rem }
.cards { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)) }
.cards .card { margin: 0 }
.note { border-left: 5px solid var(--leaf); background: var(--leaf-pale); padding: .75rem 1rem; margin: 0 0 1.25rem }
.note.warn { border-color: var(--warn); background: var(--warn-pale) }
.note.stop { border-color: var(--stop); background: var(--stop-pale) }
.note p:first-child { margin-top: 0 } .note p:last-child { margin-bottom: 0 }
.scroll { position: relative; overflow-x: auto; margin: 0 0 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 650; padding: .7rem }
tbody tr:last-child > * { border-bottom: 0 } td a, th a { white-space: nowrap }
th, td { text-align: left; padding: .45rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { background: var(--ground); font-size: .875rem; white-space: nowrap }
tfoot td, tfoot th { font-weight: 650; border-top: 2px solid var(--ink) }
.number { text-align: right; white-space: nowrap }
.code { white-space: nowrap }
form { margin: 0 }
label, .label { display: block; font-weight: 600; margin: 0 0 .25rem }
.hint { color: var(--quiet); font-size: .9rem; margin: .2rem 0 0 }
.field { margin: 0 0 1rem }
.fields { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)) }
input:not([type=checkbox], [type=radio], [type=file]), select { width: 100%; font: inherit; color: inherit; min-height: 2.75rem; padding: .5rem .6rem; border: 1px solid #77857d; border-radius: .3rem; background: var(--paper) }
input[type=file] { font: inherit; max-width: 100%; padding: .6rem 0 }
input[type=checkbox], input[type=radio] { width: 1.2rem; height: 1.2rem; flex: none; margin: .15rem 0 0; accent-color: var(--leaf) }
.tick { display: flex; gap: .6rem; align-items: flex-start; padding: .65rem 0 }
.tick label { font-weight: 400; margin: 0; overflow-wrap: anywhere }
.box { border: 2px solid var(--leaf); border-radius: .4rem; padding: .1rem .9rem; margin: 0 0 1rem }
.box label { font-weight: 650 }
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 0 0 1rem; padding: .6rem .9rem .2rem; min-width: 0 }
legend { font-weight: 600; padding: 0 .3rem }
button, .button { font: inherit; font-weight: 600; background: var(--leaf); color: #fff; border: 0; border-radius: .35rem; padding: .65rem 1.1rem; cursor: pointer; text-decoration: none; display: inline-block }
button:hover, .button:hover { background: var(--leaf-dark); color: #fff }
button.quiet { background: var(--paper); color: var(--leaf); box-shadow: inset 0 0 0 1px var(--leaf) }
button.quiet:hover { background: var(--leaf-pale) }
button.stop { background: var(--stop) }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: .25rem 0 1rem }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0 }
.facts.card { margin: 0 0 1.25rem } .facts dt { color: var(--quiet) } .facts dd { margin: 0; overflow-wrap: anywhere }
.mark { display: inline-block; border-radius: .25rem; padding: 0 .45rem; font-size: .875rem; font-weight: 600; background: var(--leaf-pale); color: var(--leaf-dark); white-space: nowrap }
.mark.change { background: var(--warn-pale); color: var(--warn) }
.mark.closed { background: var(--stop-pale); color: var(--stop) }
.foot { color: var(--quiet); font-size: .875rem; padding-bottom: 2rem }
@media (max-width: 40rem) {
  .stack, .stack tbody, .stack tfoot, .stack caption { display: block } .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  .stack tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); border-bottom: 1px solid var(--line); padding: .35rem .3rem }
  .stack th, .stack td { border: 0; padding: .15rem .4rem } .stack .number { text-align: right } .stack td:empty { display: none }
  .stack [data-label]::before { content: attr(data-label); display: block; font-size: .8rem; font-weight: 400; color: var(--quiet) }
  .stack .mark { white-space: normal }
  .stack tfoot th { grid-column: 1 / -1 }
}
@media (max-width: 34rem) {
  .facts { grid-template-columns: 1fr; gap: 0 } .facts dd { margin-bottom: .5rem }
  main { padding-top: 1rem } .card { padding: .9rem }
}
`

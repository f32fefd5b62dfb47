import { styleWith } from '../../shared/pages/frame.ts'

const named = (table: string, columns: readonly string[]): string =>
  columns.map((name, i) => `.${table} td:nth-child(${String(i + 2)}):before{content:"${name}"}`).join('')

// On a phone a row becomes a block whose cells are named here.
export const style = styleWith(`
.wide{min-width:20rem}.wide p{margin:0 0 .4rem}
.plain{border:0;background:none;padding:0;margin:.6rem 0}
.minus{color:var(--warn)}
.figures .total>*{font-weight:700;border-top:2px solid var(--ink)}
@media (max-width:40rem){.wide{min-width:0}
.board th,.board td:nth-child(2),.board .wide{grid-column:1/-1}.board tr{padding:.75rem 0;gap:.4rem .6rem}.board td.n{text-align:left}
.figures .total{border-top:2px solid var(--ink)}.figures .total>*{border:0}.figures th,.report th{grid-column:1/-1}.figures td,.report td{text-align:left}.report tr{padding:.5rem}
${named('board', ['File', 'Lines', 'Total', 'Attempt', 'What to do'])}
${named('report', ['In Sage', 'Taken', 'Made in Sage', 'Difference', 'On its way'])}
${named('figures', ['Original estimate', 'Approved changes', 'Total'])}}`)

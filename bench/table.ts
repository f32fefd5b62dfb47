import type { Figure, Section } from './bar.ts'

/** One run of the bench: when, on what, and what came of it. */
export interface Run {
  readonly at: string
  /** With a plus where files differed from it. */
  readonly commit: string
  readonly machine: { readonly processor: string; readonly processors: number; readonly gigabytes: number }
  readonly node: string
  /** Processes that waited for a processor in the minute before, as the system counts them. */
  readonly load_before: number
  readonly load_after: number
  readonly figures: readonly (Figure & { readonly measure: string })[]
  readonly sections: readonly (Section & { readonly measure: string })[]
  readonly unmeasured: readonly { readonly measure: string; readonly why: string }[]
}

const rounded = (figure: number): string => {
  if (Number.isInteger(figure)) return String(figure)
  return figure >= 100 ? figure.toFixed(0) : figure < 0.01 ? figure.toFixed(6) : figure.toFixed(2)
}

/** How much of the bar is left, in percent of it; below zero it does not hold. */
const margin = ({ figure, at_most }: Figure): string => `${((1 - figure / at_most) * 100).toFixed(0)} %`
const holds = ({ figure, at_most }: Figure): boolean => figure <= at_most

const columns = ['bar', 'at most', 'figure', 'margin', 'verdict'] as const
const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
const cellsOf = (figure: Figure): readonly string[] => [
  figure.bar,
  `${String(figure.at_most)} ${figure.unit}`,
  `${rounded(figure.figure)} ${figure.unit}`,
  margin(figure),
  holds(figure) ? 'holds' : 'FAILS',
]

/** The table as a terminal shows it. */
export function table(run: Run): string {
  const bars = run.figures.length === 0 ? [] : aligned([columns, ...run.figures.map(cellsOf)])
  const sections = run.sections.flatMap(({ heading, columns: names, rows }) => [
    '',
    heading,
    ...aligned([names, ...rows]),
  ])
  const unmeasured = run.unmeasured.map(({ measure, why }) => `${measure} could not be measured: ${why}`)
  return [...bars, ...sections, ...unmeasured, '', conditions(run), closing(run)].join('\n')
}

/** Whether all was measured, and every bar holds. */
export const held = ({ figures, unmeasured }: Run): boolean => unmeasured.length === 0 && figures.every(holds)

/** The last line, which says how it came out. */
function closing({ figures, unmeasured }: Run): string {
  const missing = unmeasured.map(({ measure }) => measure).join(', ')
  if (missing) return `Not measured: ${missing}.`
  if (figures.length === 0) return 'No bar here; the figures are above.'
  const failed = figures.filter((figure) => !holds(figure)).length
  const all = String(figures.length)
  if (failed > 0) return `${String(failed)} of ${all} bars FAIL.`
  return figures.length === 1 ? 'The bar holds.' : `All ${all} bars hold.`
}

const conditions = ({ node, load_before, load_after }: Run): string =>
  `Node ${node.slice(1)}; load average ${load_before.toFixed(1)} before, ${load_after.toFixed(1)} after.`

const repeat = ({ measure }: { readonly measure: string }): string => `\`npm run bench -- ${measure}\``

const markdownRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const markdownTable = (names: readonly string[], rows: readonly (readonly string[])[]): string =>
  [markdownRow(names), markdownRow(names.map(() => '---')), ...rows.map(markdownRow)].join('\n')

const sectionOf = (section: Run['sections'][number]): string => {
  const { heading, words, columns: names, rows, chart } = section
  const picture = chart ? [`![${chart.title}](pictures/${chart.name}.svg)`] : []
  return [
    `## ${heading}`,
    words,
    markdownTable(names, rows),
    ...picture,
    `Repeat it: ${repeat(section)}`,
  ].join('\n\n')
}

/** `docs/performance.md` as this run makes it. */
export function performancePage(run: Run): string {
  const bars = run.figures.map((figure) => [...cellsOf(figure), figure.of, repeat(figure)])
  return `# Performance

Written by \`npm run bench -- --save\`; do not edit. A bar that does not hold fails \`npm run bench\`.

Measured ${run.at.slice(0, 10)} at commit ${run.commit} on ${String(run.machine.processors)} processors (${run.machine.processor}) with ${String(run.machine.gigabytes)} GB. ${conditions(run)}
Times are the fastest of several runs, each after a collection of garbage; imports are medians, latencies percentiles, and some sections say otherwise. Every ratio has both of its sides from the same run: read ratios before
seconds, and nothing into the last digit. Write units are those that the local database reports
(\`ReturnConsumedCapacity: INDEXES\`), transactions and indexes included; nothing here was measured on AWS.

${markdownTable(['Bar', 'At most', 'Figure', 'Margin', 'Verdict', 'Of what', 'Repeat it'], bars)}

Tightened in November 2026: new bytes of adjacent changes from 3 to 2 %, the difference of two versions from 20 to 15 % and
from 300 to 200 ms, the review page from 500 to 300 ms, the memory of an export from 512 to 350 MB, the import through the API from 15 to 8 s, the Sage file from 8 to 6 times a bare parse. Loosened: the cost at 50,000 lines from
$0.0008 to $0.0009 ([why](adr/0023-what-a-budget-may-cost.md)).

${run.sections.map(sectionOf).join('\n\n')}

## How it is counted

- **Lines** are made up, the same in every run: sectioned cost codes, sub jobs as buildings, five cost types, two lines
  in three with a quantity and a unit cost. Random figures compress worse than those of real budgets.
- **Lock** goes through the API's own function, the relay, the workflow's definition on the strict local engine, the
  step, and the wait that follows; every write in between is counted.
- **Transitions** are the states that one execution entered, its retries, and one for its start.
- **Calls before a decision is answered** are all that the client makes while the review function answers the form of
  an approver. A person who became a delegate after the mail, and anybody who may not decide, takes one more: before a
  no the whole directory is read.
- **Import** is the loading of a bundle in a process of its own, against a plain bundle of the
  DynamoDB client; the median over rounds in which both were loaded.
- **The local stack** is its own process and those that it starts, with all their resident memory.
`
}

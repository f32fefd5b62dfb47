import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { agentMemory } from './agent-memory.ts'
import { approvalEngines } from './approval-engines.ts'
import { bundles } from './bundles.ts'
import { type Figure, isFigure, type Measure, type Section } from './bar.ts'
import { callsInSequence } from './calls-in-sequence.ts'
import { svgOf } from './chart.ts'
import { cost } from './cost.ts'
import { decisionCalls } from './decision-calls.ts'
import { difference } from './difference.ts'
import { exportOfMany } from './export-of-many.ts'
import { latency } from './latency.ts'
import { lineItems } from './line-items.ts'
import { lineWrites } from './line-writes.ts'
import { localStack } from './local-stack.ts'
import { lockWrites } from './lock-writes.ts'
import { commitNow, machine } from './measured-on.ts'
import { reviewPage } from './review-page.ts'
import { sageFile } from './sage-file.ts'
import { scale } from './scale.ts'
import { performancePage, type Run, table } from './table.ts'
import { transitions } from './transitions.ts'

// `npm run bench`: measures every bar and fails when one does not hold. A name measures that one: `node bench/bench.ts difference`.
// `--save` keeps the result by its date and writes docs/performance.md.

const measures: Readonly<Record<string, Measure>> = {
  'sage-file': sageFile,
  'export-of-many': exportOfMany,
  bundles,
  'line-writes': lineWrites,
  'line-items': lineItems,
  difference,
  'lock-writes': lockWrites,
  transitions,
  'decision-calls': decisionCalls,
  'calls-in-sequence': callsInSequence,
  'review-page': reviewPage,
  scale,
  'agent-memory': agentMemory,
  cost,
  latency,
  'local-stack': localStack,
  'approval-engines': approvalEngines,
}

const results = join(import.meta.dirname, 'results')

async function run(names: readonly string[]): Promise<Run> {
  const at = new Date().toISOString()
  const load_before = loadavg()[0] ?? 0
  const figures: (Figure & { measure: string })[] = []
  const sections: (Section & { measure: string })[] = []
  const unmeasured: { measure: string; why: string }[] = []
  for (const name of names) {
    const measure = measures[name]
    if (!measure) throw new Error(`There is no bar ${name}; there are ${Object.keys(measures).join(', ')}.`)
    process.stderr.write(`${name} ...\n`)
    try {
      for (const measured of await measure())
        if (isFigure(measured)) figures.push({ measure: name, ...measured })
        else sections.push({ measure: name, ...measured })
    } catch (error) {
      // The others are measured all the same; what could not be measured does not hold.
      unmeasured.push({ measure: name, why: String(error) })
    }
  }
  return {
    at,
    commit: commitNow(),
    machine,
    node: process.version,
    load_before,
    load_after: loadavg()[0] ?? 0,
    figures,
    sections,
    unmeasured,
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { save: { type: 'boolean', default: false } },
})
const all = positionals.length === 0
const result = await run(all ? Object.keys(measures) : positionals)
console.log(table(result))
mkdirSync(results, { recursive: true })
const json = `${JSON.stringify(result, null, 2)}\n`
writeFileSync(join(results, 'last.json'), json)
if (values.save) {
  if (!all || result.unmeasured.length > 0) throw new Error('Only a run of all bars is saved.')
  writeFileSync(join(results, `${result.at.slice(0, 10)}.json`), json)
  const docs = join(import.meta.dirname, '../docs')
  writeFileSync(join(docs, 'performance.md'), performancePage(result))
  for (const { chart } of result.sections)
    if (chart) writeFileSync(join(docs, 'pictures', `${chart.name}.svg`), svgOf(chart))
}
// Workers of what was measured may hold the process; everything is written.
const hold = result.figures.every(({ figure, at_most }) => figure <= at_most)
process.exit(hold && result.unmeasured.length === 0 ? 0 : 1)

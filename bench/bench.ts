import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
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
import { held, performancePage, type Run, table } from './table.ts'
import { transitions } from './transitions.ts'
import { refuse } from '../test/model/command-line.ts'

// `npm run bench`: measures every bar and fails when one does not hold. A name measures that one: `node bench/bench.ts difference`.
// `--save` keeps the result of all by its date and writes docs/performance.md.

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

async function run(chosen: readonly (readonly [string, Measure])[]): Promise<Run> {
  const at = new Date().toISOString()
  const load_before = loadavg()[0] ?? 0
  const figures: (Figure & { measure: string })[] = []
  const sections: (Section & { measure: string })[] = []
  const unmeasured: { measure: string; why: string }[] = []
  for (const [name, measure] of chosen) {
    process.stderr.write(`${name} ... `)
    const began = performance.now()
    try {
      for (const measured of await measure())
        if (isFigure(measured)) figures.push({ measure: name, ...measured })
        else sections.push({ measure: name, ...measured })
    } catch (error) {
      // The others are measured all the same; what could not be measured does not hold.
      unmeasured.push({ measure: name, why: String(error) })
    }
    process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0)} s\n`)
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

const usage = `npm run bench -- [--save | NAME ...], where a name is of ${Object.keys(measures).join(', ')}.`
const words = process.argv.slice(2)
if (words.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const save = words.length === 1 && words[0] === '--save'
const names = save ? [] : words
const unknown = names.filter((name) => !Object.hasOwn(measures, name))
if (unknown.length > 0) refuse(`Not understood: ${unknown.join(' ')}\n${usage}`)
const all = Object.entries(measures)
const result = await run(names.length === 0 ? all : all.filter(([name]) => names.includes(name)))
console.log(table(result))
mkdirSync(results, { recursive: true })
const json = `${JSON.stringify(result, null, 2)}\n`
writeFileSync(join(results, 'last.json'), json)
if (save) {
  if (result.unmeasured.length > 0) refuse('Nothing was saved, since not everything was measured.')
  writeFileSync(join(results, `${result.at.slice(0, 10)}.json`), json)
  const docs = join(import.meta.dirname, '../docs')
  writeFileSync(join(docs, 'performance.md'), performancePage(result))
  for (const { chart } of result.sections)
    if (chart) writeFileSync(join(docs, 'pictures', `${chart.name}.svg`), svgOf(chart))
}
// Workers of what was measured may hold the process; everything is written.
process.exit(held(result) ? 0 : 1)

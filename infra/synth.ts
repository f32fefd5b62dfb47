import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { bundlePrograms } from './bundle.ts'

// `npm run synth`: bundles, writes the templates with the CDK's command line, and tells what it wrote. Arguments go on to
// it, such as `-c stage=prod`.

const given = process.argv.slice(2)
const { values } = parseArgs({
  args: given,
  options: { output: { type: 'string', short: 'o', default: 'cdk.out' } },
  strict: false,
})
const folder = String(values.output)

const Template = z.object({ Resources: z.record(z.string(), z.unknown()) })

// With several stacks it ends by asking for one to print, although nothing was to be printed.
const notForUs = /^Supply a stack id /

function tell(stream: Readable): void {
  createInterface(stream).on('line', (line) => {
    if (!notForUs.test(line)) console.log(line)
  })
}

function tellTemplates(): void {
  const suffix = '.template.json'
  for (const name of readdirSync(folder).filter((each) => each.endsWith(suffix))) {
    const { Resources } = Template.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))
    console.log(`  ${join(folder, name)}: ${String(Object.keys(Resources).length)} resources`)
  }
}

await bundlePrograms({
  onBuild: () => {
    console.log('Building the bundles of the functions (once, about 20 s) ...')
  },
})
console.log('Writing the templates (about 10 s) ...')
const cdk = spawn('cdk', ['synth', '--quiet', ...given], { stdio: ['inherit', 'pipe', 'pipe'] })
tell(cdk.stdout)
tell(cdk.stderr)
await once(cdk, 'close')
if (cdk.exitCode === 0) tellTemplates()
process.exitCode = cdk.exitCode ?? 1

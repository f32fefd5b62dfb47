import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { grantsContext, grantsPage } from './grants.ts'
import { synthesize } from './synthesize.ts'

// `npm run grants`: writes infra/grants.md from the templates.

const folder = await synthesize({ output: 'dist/grants', context: grantsContext })
const templates = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .map((name): [string, unknown] => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
)
writeFileSync(join(import.meta.dirname, 'grants.md'), grantsPage(templates))
console.log('Written: infra/grants.md')

import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { programs } from '../../infra/bundle.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const checkout = join(import.meta.dirname, '../..')
let root: string
let synthesize: typeof import('../../infra/synthesize.ts').synthesize

// A checkout of its own with programs of one line, so that nothing here waits for, or disturbs, the real bundles.
beforeAll(async () => {
  root = temporaryFolder('synthesize')
  for (const path of [
    'infra',
    'shared/sage/agent-queue-name.ts',
    'statemachines',
    'cdk.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ])
    cpSync(join(checkout, path), join(root, path), { recursive: true })
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'))
  for (const { entry } of programs) {
    mkdirSync(dirname(join(root, entry)), { recursive: true })
    writeFileSync(join(root, entry), 'export const handler = (): string => "hello"')
  }
  ;({ synthesize } = (await import(
    join(root, 'infra/synthesize.ts')
  )) as typeof import('../../infra/synthesize.ts'))
})

beforeEach(() => {
  // Neither an account, nor a region, nor credentials; the rules have a test of their own.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('CDK_VALIDATION', 'false')
  return () => vi.unstubAllEnvs()
})

const made = (): number => statSync(join(root, 'small.out/manifest.json')).mtimeMs
const stacks = (): string[] =>
  readdirSync(join(root, 'cdk.out')).filter((name) => name.endsWith('.template.json'))

test('all templates come out of a clean checkout without an AWS account', async () => {
  await synthesize()
  expect(stacks().toSorted((a, b) => a.localeCompare(b))).toEqual([
    'sage-budget-export-local-api.template.json',
    'sage-budget-export-local-cycle.template.json',
    'sage-budget-export-local-data.template.json',
    'sage-budget-export-local-operations.template.json',
  ])
})

/** Writes what an assembly consists of, in a moment: whether it is written again is all that the other tests ask. */
const smallApp = `
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
const folder = process.env['CDK_OUTDIR']!
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'manifest.json'), '{}')
writeFileSync(join(folder, 'small.template.json'), JSON.stringify({ Resources: {} }))
`

async function smallSynthesis(): Promise<void> {
  const app = join(root, 'infra/app.ts')
  if (readFileSync(app, 'utf8') !== smallApp) writeFileSync(app, smallApp)
  await synthesize({ output: 'small.out' })
}

test('nothing is synthesized again while no input has changed', async () => {
  await smallSynthesis()
  const before = made()
  await smallSynthesis()
  expect(made()).toBe(before)
})

test('a changed definition is synthesized again', async () => {
  await smallSynthesis()
  const before = made()
  const definition = join(root, 'statemachines/budget-cycle.asl.json')
  writeFileSync(definition, `${readFileSync(definition, 'utf8')}\n`)
  await smallSynthesis()
  expect(made()).not.toBe(before)
})

test('templates that somebody else put into the folder do not pass for these', async () => {
  await smallSynthesis()
  const template = join(root, 'small.out/small.template.json')
  writeFileSync(template, '{}')
  await smallSynthesis()
  expect(readFileSync(template, 'utf8')).toContain('Resources')
})

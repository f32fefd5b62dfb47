import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Metafile, type OutputFile } from 'esbuild'
import { agentEntry, functions } from './functions.ts'
import { hashOf, stampIn } from './inputs.ts'

/** A program to bundle: `<name>/index.cjs` of the output folder from an entry file. */
export interface Program {
  readonly name: string
  readonly entry: string
}

/** Every Lambda function, and the connector's agent. */
export const programs: readonly Program[] = [
  ...functions.map(({ name, entry }) => ({ name: `functions/${name}`, entry })),
  { name: 'agent', entry: agentEntry },
]

export interface BundleOptions {
  readonly root?: string
  readonly programs?: readonly Program[]
  /** Bundles although no input has changed. */
  readonly force?: boolean
}

const repository = join(import.meta.dirname, '..')

// `import * as z` costs 88 kB, `import { z }` 444 kB (toolchain study, section 6).
const mostZod = 150_000

/**
 * Bundles all programs in one pass to `dist/`, unless nothing they are made of has changed.
 *
 * @returns whether anything was bundled.
 * @throws a sentence naming the entry files that do not exist, esbuild's warnings, or the output with too much zod.
 *   Nothing is written then.
 */
export async function bundlePrograms(options: BundleOptions = {}): Promise<boolean> {
  const { root = repository, programs: wanted = programs, force = false } = options
  const missing = wanted.filter(({ entry }) => !existsSync(join(root, entry)))
  if (missing.length > 0) throw new Error(sentenceOnMissing(missing))
  const dist = join(root, 'dist')
  const stampFile = join(dist, 'inputs.sha256')
  const inputs = hashOf(root, bundleInputs, wanted)
  const made = wanted.every(({ name }) => existsSync(join(dist, name, 'index.cjs')))
  if (!force && made && stampIn(stampFile) === inputs) return false

  const { metafile, outputFiles, warnings } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(wanted.map(({ name, entry }) => [`${name}/index`, entry])),
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    // Errors are told apart by name.
    keepNames: true,
    // Starts faster than ES modules: built-in modules load when first asked for (toolchain study, section 6).
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  if (warnings.length > 0)
    throw new Error(warnings.map(({ text, location }) => `${location?.file ?? ''}: ${text}`).join('\n'))
  guardAgainstWholeZod(metafile)
  rmSync(stampFile, { force: true })
  write(outputFiles)
  removeOthers(join(dist, 'functions'), wanted)
  writeFileSync(stampFile, inputs)
  return true
}

/** Everything that decides what a bundle holds; the lock file stands for `node_modules`. */
export const bundleInputs = [
  'functions',
  'shared',
  'infra/bundle.ts',
  'package-lock.json',
  'tsconfig.json',
] as const

function sentenceOnMissing(missing: readonly Program[]): string {
  const list = missing.map(({ name, entry }) => `${entry} (${name})`).join(', ')
  return `Nothing was bundled: infra/functions.ts names entry files that do not exist: ${list}.`
}

function guardAgainstWholeZod({ outputs }: Metafile): void {
  for (const [file, { inputs }] of Object.entries(outputs)) {
    const bytes = Object.entries(inputs)
      .filter(([input]) => input.includes('node_modules/zod/'))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
    if (bytes > mostZod)
      throw new Error(
        `${file} holds ${String(bytes)} bytes of zod, more than ${String(mostZod)}: something imports { z }; write import * as z from 'zod'.`,
      )
  }
}

/** File by file, each put in place whole: a stack that runs meanwhile never reads half a bundle. */
function write(files: readonly OutputFile[]): void {
  for (const { path, contents } of files) {
    mkdirSync(dirname(path), { recursive: true })
    const beside = `${path}.${String(process.pid)}`
    writeFileSync(beside, contents)
    renameSync(beside, path)
  }
}

function removeOthers(folder: string, wanted: readonly Program[]): void {
  if (!existsSync(folder)) return
  const names = new Set(wanted.map(({ name }) => name))
  for (const entry of readdirSync(folder))
    if (!names.has(`functions/${entry}`)) rmSync(join(folder, entry), { recursive: true })
}

/** Default export: vitest and others take a set-up file by it. */
export default async function bundle(): Promise<void> {
  await bundlePrograms()
}

if (import.meta.main) {
  const done = await bundlePrograms({ force: process.argv.includes('--force') })
  console.log(done ? `bundled ${String(programs.length)} programs` : 'bundles are up to date')
}
